import type { DatasetDiffBody } from '../../documents/dataset-diff.ts'
import type { DriftBody } from '../../documents/operational.ts'
import type { ClassShare } from '../class-shares.ts'
import type { PullRequestReport } from '../report-input.ts'
import { dumbbell } from './charts.ts'
import { html, key, percent, plural, range, section, sentence, table } from './html.ts'

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
  const facts = [validationFact(diff), classFact(diff), ...imageFacts(diff)].map((fact) => `<li>${fact}</li>`).join('')
  const byClass = classTable(classes)
  const right = drift || byClass ? `<div>${byClass}${drift ? shares(drift) : ''}</div>` : ''
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
    ...['before', 'after', 'share before', 'after', 'points'].map((head) => ({ head, numeric: true })),
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

function imageFacts({ images }: DatasetDiffBody): string[] {
  const facts = [
    images.resplit > 0 ? `${plural(images.resplit, 'image')} changed split.` : '',
    images.renamed > 0 ? `${plural(images.renamed, 'image')} renamed.` : '',
    images.modified > 0 ? `${plural(images.modified, 'image')} kept, with other labels.` : '',
  ]
  return facts.filter((fact) => fact !== '')
}

function shares(drift: DriftBody): string {
  const rows = drift.shares
    .slice(0, 14)
    .map((item) => ({ label: item.className, before: item.before, after: item.after }))
  const chart =
    rows.length > 0
      ? `<h4>Share of boxes by class</h4>${dumbbell(rows, 'share of boxes by class, before and after')}${key([
          { color: 'var(--champion)', word: 'before' },
          { color: 'var(--candidate)', word: 'after' },
        ])}`
      : ''
  const rest =
    drift.shares.length > rows.length
      ? [`${plural(drift.shares.length - rows.length, 'further class', 'further classes')} not drawn.`]
      : []
  const notes = [...driftWords(drift), ...rest, ...drift.notes.map((note) => `${sentence(note.replace(/\.$/, ''))}.`)]
  return `${chart}<ul class="notes">${notes.map((note) => `<li>${note}</li>`).join('')}</ul>`
}

function driftWords(drift: DriftBody): string[] {
  const write = (value: number) => value.toFixed(3)
  const beyond = drift.measures
    .filter((measure) => measure.exceeded)
    .map(({ name, of, unit, value, low, high, limit, detail }) => {
      const bounds = low !== undefined && high !== undefined ? ` ${range(low, high, write)}` : ''
      const where = of === 'relabelled' ? ' of relabelled images' : ''
      return `${sentence(name)}${where} moved by <b>${write(value)}</b>${bounds} (${html(unit)}, limit at most ${write(limit)})${detail ? `: ${html(detail)}` : ''}.`
    })
  const declared = drift.declared.length > 0 ? [`Declared by the proposal: ${html(drift.declared.join(', '))}.`] : []
  const lead = beyond.length > 0 ? ['Drift is reported; by itself it holds nothing.'] : ['No drift beyond its limits.']
  return [...lead, ...beyond, ...declared]
}
