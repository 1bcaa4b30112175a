import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { ComparisonBody } from '../documents/evaluation.ts'
import type { Finding, FindingsBody } from '../documents/findings.ts'
import type { SuspiciousBody } from '../documents/operational.ts'
import type { VerdictBody } from '../documents/verdict.ts'
import { code, counted, figure, fold, plain, signed, table } from './markdown.ts'

/** `facts` are in sight, `folded` is opened by who wants it. */
type Part = { facts: string[]; folded: string[] }

const inSight = 3
const order = { error: 0, warning: 1, info: 2 } as const
const signs = { error: '✖ error', warning: '! warning', info: '· info' } as const

/** New findings, worst first; old and waived ones are a count. */
export function findingsPart({ findings, counts: fresh, notes = [], scope }: FindingsBody, rows: number): Part {
  const listable = findings.filter(({ status = 'new' }) => status === 'new')
  const sorted = listable.toSorted((a, b) => order[a.severity] - order[b.severity])
  const old = findings.filter(({ status }) => status === 'old').length
  const waived = findings.filter(({ status }) => status === 'waived').length
  const aside = [old > 0 ? `${counted(old, 'old one')} not repeated` : '', waived > 0 ? `${waived} waived` : '']
  const rest = aside.filter(Boolean).join(', ')
  const counts = (['error', 'warning', 'info'] as const)
    .filter((severity) => fresh[severity] > 0)
    .map((severity) => counted(fresh[severity], severity, severity === 'info' ? 'infos' : undefined))
  const looked = `${counted(scope.images, 'image')}, ${counted(scope.boxes, 'box', 'boxes')}`
  const head = `**New findings:** ${counts.join(', ') || `none in ${looked}`}${rest ? ` (${rest})` : ''}`
  const worst = sorted.filter(({ severity }) => severity !== 'info').slice(0, inSight)
  const facts = [head, ...(worst.length > 0 ? ['', ...worst.map((finding) => `- ${findingLine(finding)}`)] : [])]
  const further = fresh.error + fresh.warning + fresh.info - worst.length
  const more = sorted.filter((finding) => !worst.includes(finding))
  const listed = more.slice(0, rows).map((finding) => `- ${findingLine(finding)}`)
  if (further > listed.length) listed.push(`- and ${further - listed.length} more in the full report`)
  const remarks = notes.map((note) => `- ${plain(note)}`)
  const lines = [
    ...(rows > 0 ? listed : []),
    ...(remarks.length > 0 ? [...(rows > 0 && listed.length > 0 ? ['', 'Notes:', ''] : []), ...remarks] : []),
  ]
  const title = [
    further > 0 ? counted(further, 'further finding') : '',
    notes.length > 0 ? counted(notes.length, 'note') : '',
  ]
  return { facts, folded: lines.length > 0 ? fold(title.filter(Boolean).join(' and '), lines) : [] }
}

function findingLine({ rule, severity, file, line, message, mend }: Finding): string {
  const where = file === '' ? 'the whole set' : code(line > 0 ? `${file}:${line}` : file)
  return `${signs[severity]} ${where} ${plain(message)} (${code(rule)}${mend ? `; ${plain(mend)}` : ''})`
}

/** Counts in sight, with what is not touched said too; classes and images folded. */
export function diffPart(diff: DatasetDiffBody, rows: number): Part {
  const { images, boxes, classes, bySplit, byClass, byImage } = diff
  const some = (pairs: [number, string][]) =>
    pairs
      .filter(([n]) => n > 0)
      .map(([n, word]) => `${n.toLocaleString('en-US')} ${word}`)
      .join(', ') || 'none'
  const changes = (counts: DatasetDiffBody['boxes']): [number, string][] => [
    [counts.added, 'added'],
    [counts.removed, 'removed'],
    [counts.moved, 'moved or resized'],
    [counts.relabelled, 'relabelled'],
  ]
  const imageChanges: [number, string][] = [
    [images.added, 'added'],
    [images.removed, 'removed'],
    [images.renamed, 'renamed'],
    [images.resplit, 'moved between splits'],
    [images.modified, 'changed'],
  ]
  const val = Object.hasOwn(bySplit, 'val') ? bySplit.val : undefined
  const valImages = val ? val.images.added + val.images.removed : 0
  const valBoxes = val ? val.boxes.added + val.boxes.removed + val.boxes.moved + val.boxes.relabelled : 0
  const touched = valImages + valBoxes > 0
  const validation = touched
    ? `**touched**: ${counted(valImages, 'image')} and ${counted(valBoxes, 'box', 'boxes')}`
    : 'untouched'
  const renamed = classes.renamed.map(({ from, to }) => `${code(from)} is now ${code(to)}`)
  const listed = [
    ...classes.added.map((name) => `${code(name)} added`),
    ...classes.removed.map((name) => `${code(name)} removed`),
    ...renamed,
  ]
  const facts = [
    `**Images:** ${some(imageChanges)} · **Boxes:** ${some(changes(boxes))}, ${counted(boxes.unchanged, 'unchanged', 'unchanged')}`,
    `**Validation:** ${validation} · **Classes:** ${listed.slice(0, 6).join(', ') || 'unchanged'}`,
  ]
  const classRows = Object.entries(byClass)
    .slice(0, Math.max(rows, 5))
    .map(([name, c]) => [code(name), ...[c.added, c.removed, c.moved, c.relabelled, c.unchanged].map(figure)])
  const imageRows = byImage
    .slice(0, rows)
    .map((entry) => [code(entry.image), entry.change, entry.split, some(changes(entry.boxes))])
  const cut = byImage.length > imageRows.length ? ['', `and ${byImage.length - imageRows.length} more`] : []
  const lines = [
    ...(classRows.length > 0
      ? table(['class', 'added›', 'removed›', 'moved›', 'relabelled›', 'unchanged›'], classRows)
      : []),
    ...(imageRows.length > 0 ? ['', ...table(['image', 'change', 'split', 'boxes'], imageRows), ...cut] : []),
  ]
  const title = `What changed: boxes by class, ${counted(byImage.length, 'changed image')}`
  return { facts, folded: lines.length > 0 ? fold(title, lines) : [] }
}

/** Differences with their intervals: in all in sight, by class folded. */
export function comparisonPart(comparisons: readonly ComparisonBody[]): Part {
  const metric = (c: ComparisonBody) => (c.metric === 'map' ? 'mAP50-95' : 'mAP50')
  const interval = ({ difference: d }: ComparisonBody['overall']) => signed(d.value, d.low, d.high)
  const facts = comparisons.map(
    (c) =>
      `**${plain(c.candidate)} against ${plain(c.baseline)}:** ${metric(c)} ${interval(c.overall)}, ${counted(c.images, 'image')}`,
  )
  const lines = comparisons.flatMap((c, i) => {
    const rows = c.perClass.map((row) => [
      code(row.className),
      row.baseline.toFixed(3),
      row.candidate.toFixed(3),
      interval(row),
    ])
    const head = ['class', `${plain(c.baseline)}›`, `${plain(c.candidate)}›`, 'difference with interval›']
    const flips = `fixed ${counted(c.flips.fixed.length, 'image')}, broken ${counted(c.flips.broken.length, 'image')}`
    const title = `${plain(c.candidate)} against ${plain(c.baseline)}, ${metric(c)}; ${flips}`
    return [...(i > 0 ? [''] : []), title, '', ...table(head, rows)]
  })
  return { facts: [facts.join('; ')], folded: fold('Is it better? By class', lines) }
}

export function gatesPart({ lines, policy, counts }: VerdictBody): Part {
  const signs = { pass: '✔ pass', fail: '✖ fail', inconclusive: '? inconclusive' } as const
  const rows = lines.map((line) => {
    const bounds =
      line.low !== undefined && line.high !== undefined ? ` [${figure(line.low)}, ${figure(line.high)}]` : ''
    const observed = line.observed === null ? 'none' : `${figure(line.observed)}${bounds}`
    const limit = line.limit === null ? '' : `${line.direction} ${figure(line.limit)} ${plain(line.unit)}`.trim()
    const why =
      line.verdict === 'inconclusive' && line.settle ? `${line.reason}; to settle it: ${line.settle}` : line.reason
    return [signs[line.verdict], code(line.gate), plain(line.measure), observed, limit, plain(why)]
  })
  const head = ['verdict', 'gate', 'measure', 'observed›', 'limit', 'why']
  const title = `Gates of ${policy}: ${counts.pass} pass, ${counts.fail} fail, ${counts.inconclusive} inconclusive`
  return { facts: [], folded: rows.length > 0 ? fold(title, table(head, rows)) : [] }
}

/** Labels that the champion disagrees with: for a look, never an error by themselves. */
export function suspiciousPart({ items, flagged, boxes }: SuspiciousBody, rows: number): Part {
  if (flagged === 0) return { facts: [`**Suspicious labels:** none of ${counted(boxes, 'box', 'boxes')}`], folded: [] }
  const listed = items.slice(0, rows).map((item) => {
    const seen = item.predictedClass === '' ? 'nothing' : `${code(item.predictedClass)} at ${figure(item.confidence)}`
    return [code(item.image), item.issue, code(item.className), seen, figure(item.score)]
  })
  const total = counted(flagged, 'suspicious label')
  return {
    facts: [
      `**Suspicious labels:** the champion disagrees with ${flagged} of ${counted(boxes, 'box', 'boxes')}; look at them, they may be right`,
    ],
    folded: listed.length > 0 ? fold(total, table(['image', 'issue', 'label', 'champion sees', 'score›'], listed)) : [],
  }
}
