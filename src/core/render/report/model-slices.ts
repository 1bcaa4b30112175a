import type { ComparisonBody } from '../../documents/evaluation.ts'
import type { PullRequestReport } from '../report-input.ts'
import { armOf } from './arms.ts'
import { forest } from './charts.ts'
import { ap, html, interval, plural, section, table } from './html.ts'

type Arms = NonNullable<PullRequestReport['evaluations']>
type Slice = NonNullable<ComparisonBody['slices']>[number]

const mostDrawn = 12
/** Two-sided 95 % of a normal error. */
const z = 1.96

/** By camera, source, size of object: worst first, with its support and interval; scores alone where nothing was compared. */
export function slices(arms: Arms, comparisons: ComparisonBody[]): string {
  const compared = comparisons.filter((item) => item.slices && item.slices.length > 0)
  return compared.length > 0 ? compared.map(differences).join('\n') : scores(arms)
}

function differences({ slices: all = [], baseline, candidate, metric, unit }: ComparisonBody): string {
  const rows = all.map((slice) => ({ ...slice, label: `${slice.slice} ${slice.value}`, ...boundsOf(slice) }))
  // Worst first: by where the interval ends, so that a small slice's chance is not taken for a loss.
  rows.sort((a, b) => a.high - b.high || (a.label < b.label ? -1 : 1))
  const drawn = rows.slice(0, mostDrawn)
  const low = Math.min(0, ...drawn.map((row) => row.low))
  const high = Math.max(0, ...drawn.map((row) => row.high))
  const step = high - low > 0.5 ? 0.2 : high - low > 0.2 ? 0.1 : 0.05
  const chart = forest(
    drawn.map(({ label, difference: value, low: from, high: to }) => ({ label, value, low: from, high: to })),
    {
      label: `${candidate} − ${baseline} by slice, with intervals, worst first`,
      axis: 'worse ← difference → better',
      color: armOf(candidate).color,
      span: [Math.floor(low / step) * step, Math.ceil(high / step) * step],
      labels: 110,
    },
  )
  const cells = rows.map((row) => [
    html(row.label),
    row.images,
    row.boxes,
    row.units,
    ap(row.baseline),
    ap(row.candidate),
    interval({ value: row.difference, low: row.low, high: row.high }),
  ])
  const numeric = ['images', 'boxes', `${unit}s`, html(baseline), html(candidate), 'difference']
  const columns = [
    { head: metric === 'map50' ? 'mAP50' : 'mAP50-95' },
    ...numeric.map((head) => ({ head, numeric: true })),
  ]
  const rest = rows.length - drawn.length
  return section(
    `Where: ${candidate} − ${baseline}`,
    `<div class="two"><div>${chart}</div></div>${table(columns, cells)}${rest > 0 ? `<p class="soft small">${plural(rest, 'further slice')} not drawn.</p>` : ''}`,
    'Each slice on its own, 95 % intervals; of twenty slices one lies outside by chance. The gate worst-slice corrects for that.',
  )
}

function boundsOf({ difference, standardError }: Slice): { low: number; high: number } {
  return { low: difference - z * standardError, high: difference + z * standardError }
}

/** Scores of each group alone. Small sets, so no interval and no gate reads them. */
function scores(arms: Arms): string {
  const first = arms[0]?.body
  if (!first || first.slices.length === 0) return ''
  const columns = [
    { head: 'mAP50-95' },
    { head: 'images', numeric: true },
    ...arms.map(({ name }) => ({ head: html(name), numeric: true })),
  ]
  const rows = first.slices.map(({ slice, value, images, tooFew }) => [
    `${html(slice)} ${html(value)}${tooFew ? ' <span class="soft">(too few)</span>' : ''}`,
    images,
    ...arms.map(({ body }) => ap(body.slices.find((item) => item.slice === slice && item.value === value)?.map)),
  ])
  const few = first.slices.some(({ tooFew }) => tooFew)
  const chance = ' Too few: under 10 images, 30 boxes or 5 scenes, mostly chance.'
  return section('Where', table(columns, rows), `Scores of these images alone; no gate reads them.${few ? chance : ''}`)
}
