import type { DatasetDiffBody } from '../../documents/dataset-diff.ts'
import type { ClassShare } from '../class-shares.ts'
import type { PullRequestReport } from '../report-input.ts'
import { driftPart } from './drift.ts'
import { html, percent, plural, section, table } from './html.ts'

const mostClasses = 24

type Boxes = DatasetDiffBody['boxes']

/** What changed: counts by split and class, what was not touched, class shares before and after. */
export function changes(
  { diff, drift }: Pick<PullRequestReport, 'diff' | 'drift'>,
  classes: readonly ClassShare[] = [],
): string {
  if (!diff) return ''
  const splits = changedSplits(diff)
  const several = splits.length > 1 ? splits : []
  const rows = [
    [total('images', splits), count(diff.images.added, '+'), count(diff.images.removed, '−'), '', ''],
    ...several.map(([split, { images }]) => [of(split), count(images.added, '+'), count(images.removed, '−'), '', '']),
    [total('boxes', splits), ...boxCells(diff.boxes)],
    ...several.map(([split, { boxes }]) => [of(split), ...boxCells(boxes)]),
    ...Object.entries(diff.byClass)
      .slice(0, mostClasses)
      .map(([name, boxes]) => [of(name), ...boxCells(boxes)]),
  ]
  const columns = [
    { head: '' },
    ...['added', 'removed', 'moved or resized', 'relabelled'].map((head) => ({ head, numeric: true })),
  ]
  const facts = [validationFact(diff), classFact(diff), ...imageFacts(diff), ...authorFacts(diff)]
    .map((fact) => `<li>${fact}</li>`)
    .join('')
  const byClass = classTable(classes)
  const right = drift || byClass ? `<div>${byClass}${drift ? driftPart(drift, byClass === '') : ''}</div>` : ''
  return section(
    'What changed',
    `<div class="two"><div>${table(columns, rows)}<ul class="notes">${facts}</ul></div>${right}</div>`,
  )
}

/** Boxes by class before and after, the rarest first, with how far the share moved. */
function classTable(classes: readonly ClassShare[]): string {
  if (classes.length === 0) return ''
  const row = ({ className, base, head, baseShare, headShare }: ClassShare) => [
    html(className),
    base,
    head,
    percent(baseShare, 1),
    percent(headShare, 1),
    points(headShare - baseShare),
  ]
  const columns = [
    { head: 'class, rare first' },
    ...['before', 'after', 'share before', 'share after', 'points'].map((head) => ({ head, numeric: true })),
  ]
  const shown = table(columns, classes.slice(0, mostClasses).map(row))
  if (classes.length <= mostClasses) return shown
  const rest = table(columns, classes.slice(mostClasses).map(row))
  return `${shown}<details><summary>and ${plural(classes.length - mostClasses, 'further class', 'further classes')}</summary>${rest}</details>`
}

/** A change of a share in percentage points, signed. */
function points(change: number): string {
  const text = Math.abs(change * 100).toFixed(1)
  return Number(text) === 0 ? '<span class="soft">0</span>' : `${change < 0 ? '−' : '+'}${text}`
}

type Split = DatasetDiffBody['bySplit'][string]

function changedSplits(diff: DatasetDiffBody): [string, Split][] {
  return Object.entries(diff.bySplit).filter(([, split]) => touches(split) > 0)
}

function touches({ images, boxes }: Split): number {
  return images.added + images.removed + boxes.added + boxes.removed + boxes.moved + boxes.relabelled
}

/** A total; when all of it lies in one split, that split's name stands beside it. */
function total(word: string, splits: [string, Split][]): string {
  const [only, another] = splits
  return `<b>${word}</b>${only && !another ? `, all in ${html(only[0])}` : ''}`
}

function of(name: string): string {
  return `<span class="part">${html(name)}</span>`
}

function count(value: number, sign: string): string {
  return value === 0 ? '<span class="soft">0</span>' : `${sign}${value}`
}

function boxCells(boxes: Boxes): string[] {
  return [count(boxes.added, '+'), count(boxes.removed, '−'), count(boxes.moved, ''), count(boxes.relabelled, '')]
}

/** What a proposal must not do unseen: said even when it did not. */
function validationFact(diff: DatasetDiffBody): string {
  const judged = Object.entries(diff.bySplit).filter(([split]) => split !== 'train')
  const touched = judged.reduce((sum, [, split]) => sum + touches(split), 0)
  const name = judged.some(([split]) => split === 'test') ? 'Validation and test sets' : 'Validation set'
  return touched === 0 ? `${name}: untouched.` : `${name}: <b>${plural(touched, 'change')}</b>.`
}

function classFact({ classes }: DatasetDiffBody): string {
  const words = [
    ...classes.added.map((name) => `${html(name)} added`),
    ...classes.removed.map((name) => `${html(name)} removed`),
    ...classes.renamed.map(({ from, to }) => `${html(from)} renamed to ${html(to)}`),
  ]
  return words.length === 0 ? 'Classes and their order: unchanged.' : `Classes: <b>${words.join(', ')}</b>.`
}

/** Who labelled what changed, where provenance tells. */
function authorFacts({ bySource = {}, byAnnotator = {} }: DatasetDiffBody): string[] {
  const kinds = ['added', 'removed', 'moved', 'relabelled'] as const
  const list = (all: NonNullable<DatasetDiffBody['bySource']>) =>
    Object.entries(all)
      .slice(0, 6)
      .map(([name, counts]) => {
        const words = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`)
        return `<b>${html(name)}</b> ${words.join(', ')}`
      })
      .join('; ')
  return [
    Object.keys(bySource).length > 0 ? `Label source: ${list(bySource)}.` : '',
    Object.keys(byAnnotator).length > 0 ? `Annotator: ${list(byAnnotator)}.` : '',
  ].filter((fact) => fact !== '')
}

function imageFacts({ images }: DatasetDiffBody): string[] {
  const facts = [
    images.resplit > 0 ? `${plural(images.resplit, 'image')} changed split.` : '',
    images.renamed > 0 ? `${plural(images.renamed, 'image')} renamed.` : '',
    images.modified > 0 ? `${plural(images.modified, 'image')} kept, with other labels.` : '',
    images.replaced ? `${plural(images.replaced, 'image')} of them with other pixels.` : '',
  ]
  return facts.filter((fact) => fact !== '')
}
