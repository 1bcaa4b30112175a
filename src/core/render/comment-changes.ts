import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { FindingsBody } from '../documents/findings.ts'
import type { DriftBody } from '../documents/operational.ts'
import { type ClassShare, classShares } from './class-shares.ts'
import type { Part } from './comment-findings.ts'
import { code, counted, figure, fold, plain, table } from './markdown.ts'
import { changeBar, sparkline } from './text-charts.ts'

type Counts = Omit<DatasetDiffBody['boxes'], 'unchanged'>

/** Counts in sight, with what is not touched said too; classes, sources and images folded. */
export function changesPart(
  diff: DatasetDiffBody,
  more: { drift?: DriftBody; balance?: FindingsBody['balance'] },
  rows: number,
): Part {
  const { images, boxes, classes, byImage } = diff
  const imageChanges = some([
    [images.added, 'added'],
    [images.removed, 'removed'],
    [images.renamed, 'renamed'],
    [images.resplit, 'moved between splits'],
    [images.modified, 'changed'],
  ])
  const renamed = classes.renamed.map(({ from, to }) => `${code(from)} is now ${code(to)}`)
  const listed = [
    ...classes.added.map((name) => `${code(name)} added`),
    ...classes.removed.map((name) => `${code(name)} removed`),
    ...renamed,
  ]
  const left = listed.length - 6
  const shares = classShares(diff, more.balance)
  const classWords = `${listed.slice(0, 6).join(', ') || 'unchanged'}${left > 0 ? ` and ${left} more` : ''}`
  const facts = [
    `**Images:** ${imageChanges} · **Boxes:** ${changes(boxes)}, ${counted(boxes.unchanged, 'unchanged', 'unchanged')}`,
    `**Validation:** ${validation(diff)} · **Classes:** ${classWords}${balanceWords(shares)}${more.drift ? ` · **Drift:** ${driftWords(more.drift)}` : ''}`,
  ]
  const imageRows = byImage
    .slice(0, rows)
    .map((entry) => [code(entry.image), entry.change, plain(entry.split), changes(entry.boxes)])
  const cut = byImage.length > imageRows.length ? ['', `and ${byImage.length - imageRows.length} more`] : []
  const lines = [
    classTable(diff, shares, Math.max(rows, 5)),
    splitLine(diff),
    sourceLines(diff),
    more.drift ? driftLines(more.drift) : [],
    imageRows.length > 0 ? [...table(['image', 'change', 'split', 'boxes'], imageRows), ...cut] : [],
  ]
    .filter((block) => block.length > 0)
    .flatMap((block, i) => (i > 0 ? ['', ...block] : block))
  const title = `What changed: boxes by class, ${counted(byImage.length, 'changed image')}`
  return { facts, folded: lines.length > 0 ? fold(title, lines) : [] }
}

function some(pairs: [number, string][]): string {
  const parts = pairs.filter(([n]) => n > 0).map(([n, word]) => `${n.toLocaleString('en-US')} ${word}`)
  return parts.join(', ') || 'none'
}

function changes({ added, removed, moved, relabelled }: Counts): string {
  return some([
    [added, 'added'],
    [removed, 'removed'],
    [moved, 'moved or resized'],
    [relabelled, 'relabelled'],
  ])
}

/** What a proposal must not do unseen: said even when it did not. */
function validation({ bySplit }: DatasetDiffBody): string {
  const val = Object.hasOwn(bySplit, 'val') ? bySplit.val : undefined
  const images = val ? val.images.added + val.images.removed : 0
  const boxes = val ? val.boxes.added + val.boxes.removed + val.boxes.moved + val.boxes.relabelled : 0
  if (images + boxes === 0) return 'untouched'
  return `**touched**: ${counted(images, 'image')} and ${counted(boxes, 'box', 'boxes')}`
}

const mostSparks = 24
const mostOf = (shares: readonly ClassShare[]) => Math.max(1, ...shares.flatMap(({ base, head }) => [base, head]))

/** The balance at a glance, before and after on one scale; nothing where a glance would see no change. */
function balanceWords(shares: readonly ClassShare[]): string {
  const seen = shares.slice(0, mostSparks)
  if (seen.length < 2) return ''
  const [before, after] = [seen.map(({ base }) => base), seen.map(({ head }) => head)]
  const most = mostOf(seen)
  const [drawnBefore, drawnAfter] = [sparkline(before, most), sparkline(after, most)]
  if (drawnBefore === drawnAfter) return ''
  const which = shares.length > seen.length ? `the ${seen.length} rarest of ${shares.length} classes` : 'rarest first'
  return ` · **Balance**, ${which}: ${drawnBefore} → ${drawnAfter}`
}

/** Boxes by class before and after with shares, the rarest first; changes alone where the balance is not known. */
function classTable(diff: DatasetDiffBody, shares: readonly ClassShare[], rows: number): string[] {
  const most = mostOf(shares)
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const points = (change: number) => `${change < 0 ? '−' : '+'}${Math.abs(change * 100).toFixed(1)}`
  const all =
    shares.length > 0
      ? shares.map((of) => [
          code(of.className),
          figure(of.base),
          figure(of.head),
          changeBar(of.base, of.head, most),
          percent(of.headShare),
          points(of.headShare - of.baseShare),
          ...countsOf(diff, of.className),
        ])
      : Object.keys(diff.byClass).map((name) => [code(name), ...countsOf(diff, name)])
  if (all.length === 0) return []
  const own = ['added›', 'removed›', 'moved›', 'relabelled›']
  const head =
    shares.length > 0
      ? ['class', 'before›', 'after›', '█ kept ▓ new ░ gone', 'share›', 'points›', ...own]
      : ['class', ...own]
  const left = all.length - rows
  return [...table(head, all.slice(0, rows)), ...(left > 0 ? ['', `and ${left} more classes`] : [])]
}

function countsOf({ byClass }: DatasetDiffBody, name: string): string[] {
  const counts = Object.hasOwn(byClass, name) ? byClass[name] : undefined
  const { added = 0, removed = 0, moved = 0, relabelled = 0 } = counts ?? {}
  return [added, removed, moved, relabelled].map(figure)
}

function splitLine({ bySplit }: DatasetDiffBody): string[] {
  const parts = Object.entries(bySplit).map(
    ([split, { images, boxes }]) =>
      `${plain(split)} ${figure(images.added)} images in, ${figure(images.removed)} out, boxes ${changes(boxes)}`,
  )
  return parts.length > 1 ? [`By split: ${parts.join('; ')}.`] : []
}

/** Who labelled what changed, where provenance tells. */
function sourceLines({ bySource = {}, byAnnotator = {} }: DatasetDiffBody): string[] {
  const list = (counts: Record<string, Counts>) =>
    Object.entries(counts)
      .slice(0, 6)
      .map(([name, of]) => `${code(name)} ${changes(of)}`)
      .join('; ')
  return [
    Object.keys(bySource).length > 0 ? `- Label source: ${list(bySource)}` : '',
    Object.keys(byAnnotator).length > 0 ? `- Annotator: ${list(byAnnotator)}` : '',
  ].filter((line) => line !== '')
}

function driftWords({ measures }: DriftBody): string {
  const beyond = measures.filter(({ exceeded }) => exceeded)
  const named = beyond.slice(0, 2).map(({ name }) => plain(name))
  if (beyond.length === 0) return 'none beyond its limits'
  return `${named.join(', ')}${beyond.length > 2 ? ` and ${beyond.length - 2} more` : ''} beyond the limit`
}

function driftLines({ measures, declared }: DriftBody): string[] {
  const rows = measures
    .filter(({ exceeded }) => exceeded)
    .slice(0, 12)
    .map(({ name, value, low, high, limit, unit }) => {
      const bounds = low !== undefined && high !== undefined ? ` [${figure(low)}, ${figure(high)}]` : ''
      return [plain(name), `${figure(value)}${bounds}`, `at most ${figure(limit)} ${plain(unit)}`.trim()]
    })
  if (rows.length === 0) return []
  const said =
    declared.length > 0 ? ['', `Declared by the proposal: ${declared.slice(0, 12).map(plain).join(', ')}.`] : []
  return [...table(['drift', 'observed›', 'limit›'], rows), ...said]
}
