import type { ComparisonBody } from '../../documents/evaluation.ts'
import type { PullRequestReport } from '../report-input.ts'
import { armOf } from './arms.ts'
import { forest } from './charts.ts'
import { ap, html, interval, plural, section, table } from './html.ts'
import { attributionSection } from './model-attribution.ts'
import { f1Curves, precisionRecall } from './model-curves.ts'
import { calibration, errorTypes } from './model-errors.ts'
import { slices } from './model-slices.ts'

export type ModelParts = Pick<PullRequestReport, 'evaluations' | 'comparisons' | 'attribution'>
type Arms = NonNullable<PullRequestReport['evaluations']>

/** Is the model better: by class and cause with intervals, by slice, curves, confusion. */
export function modelSection({ evaluations = [], comparisons = [], attribution }: ModelParts): string {
  if (evaluations.length === 0 && comparisons.length === 0) return ''
  return [
    better(evaluations, comparisons),
    attributionSection(attribution),
    slices(evaluations, comparisons),
    errorTypes(evaluations),
    byClass(evaluations),
    confusion(evaluations.at(-1)),
    precisionRecall(evaluations),
    f1Curves(evaluations),
    calibration(evaluations),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function better(arms: Arms, comparisons: ComparisonBody[]): string {
  const first = arms[0]?.body
  const metric = comparisons[0]?.metric === 'map50' ? 'mAP50' : 'mAP50-95'
  const names = first?.perClass.map((item) => item.className) ?? comparisons[0]?.perClass.map((item) => item.className)
  const columns = [
    { head: metric },
    ...arms.map(({ name }) => ({ head: html(name), numeric: true })),
    ...comparisons.map((item) => ({ head: html(`${item.candidate} − ${item.baseline}`), numeric: true })),
  ]
  const all = [
    '<b>all classes</b>',
    ...arms.map(({ body }) => `<b>${ap(metric === 'mAP50' ? body.coco.stats[1] : body.coco.stats[0])}</b>`),
    ...comparisons.map((item) => `<b>${interval(item.overall.difference)}</b>`),
  ]
  const byClass = (names ?? []).map((name) => [
    html(name),
    ...arms.map(({ body }) => {
      const found = body.perClass.find((item) => item.className === name)
      return ap(metric === 'mAP50' ? found?.ap50 : found?.ap)
    }),
    ...comparisons.map((item) => {
      const found = item.perClass.find(({ className }) => className === name)
      return found ? interval(found.difference) : '–'
    }),
  ])
  const judged = first
    ? `<p class="soft small">${plural(first.images, 'image')} in ${plural(first.scenes, 'scene')}; labels: ${html(first.labelSource)}; predictions as served${first.served.multiLabel ? '' : ', one class a box'}.</p>`
    : ''
  const span = spanOf(comparisons)
  const charts = comparisons.map((item) => differenceChart(item, metric, span, comparisons.length > 1)).join('')
  const notes = [...new Set(comparisons.flatMap((item) => item.notes))].map((note) => `<li>${html(note)}</li>`).join('')
  const missing =
    comparisons.length === 0
      ? '<p class="soft">No comparison, so no interval: a difference read off this table decides nothing.</p>'
      : ''
  return section(
    'Is the model better?',
    `${judged}${table(columns, [all, ...byClass])}${missing}<div class="two">${charts}</div>${notes ? `<ul class="notes">${notes}</ul>` : ''}`,
  )
}

const bounds = ({ overall, perClass }: ComparisonBody) =>
  [overall, ...perClass].flatMap(({ className, difference: { value, low, high } }) =>
    low !== undefined && high !== undefined ? [{ label: className, value, low, high }] : [],
  )

/** One scale for all charts of differences, zero on it, so that they can be told apart by eye. */
function spanOf(comparisons: ComparisonBody[]): [number, number] {
  const rows = comparisons.flatMap(bounds)
  const low = Math.min(0, ...rows.map((row) => row.low))
  const high = Math.max(0, ...rows.map((row) => row.high))
  const step = high - low > 0.5 ? 0.2 : high - low > 0.25 ? 0.1 : high - low > 0.05 ? 0.05 : 0.01
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step]
}

const causes: Record<string, string> = {
  control: 'What the new data brings',
  champion: 'All of it: new data and further training',
}

function differenceChart(
  comparison: ComparisonBody,
  metric: string,
  span: [number, number],
  withControl: boolean,
): string {
  const { baseline, candidate, flips } = comparison
  const pair = `${candidate} − ${baseline}`
  const rows = bounds(comparison)
  const chart =
    rows.length > 0
      ? forest(rows, {
          label: `${pair}: difference in ${metric} with its interval, in all and by class`,
          axis: `worse ← difference in ${metric} → better`,
          color: armOf(candidate).color,
          span,
        })
      : '<p class="soft">No interval was computed.</p>'
  const counts = `${plural(flips.fixed.length, 'image')} fixed, ${flips.broken.length} broken`
  const how = `paired bootstrap over ${plural(comparison.units, comparison.unit)}, ${comparison.resamples} resamples`
  const level = comparison.overall.difference.level
  // Beside a control arm alone can a difference be told by its cause.
  const head = `${(withControl && causes[baseline]) || 'Difference'} <span class="soft">(${html(pair)})</span>`
  return `<div><h4>${head}</h4>${chart}<p class="soft small">${counts}; ${how}${level ? `, ${Math.round(level * 1000) / 10} % in all` : ''}.</p></div>`
}

/** Precision, recall and F1 of a class as a user of the first and the last arm sees them, with what they rest on. */
function byClass(arms: Arms): string {
  const first = arms[0]
  const shown = arms.length > 1 ? [first, arms.at(-1)].filter((arm) => arm !== undefined) : arms
  if (!first || first.body.perClass.length === 0) return ''
  const { confidence, iou } = first.body.operatingPoint
  const heads = shown.flatMap(({ name }) =>
    ['precision', 'recall', 'F1'].map((word) => ({ head: `${html(name)}<br>${word}`, numeric: true })),
  )
  const columns = [{ head: 'class' }, { head: 'images', numeric: true }, { head: 'boxes', numeric: true }, ...heads]
  const rows = first.body.perClass.map(({ className, images, boxes }) => [
    html(className),
    images,
    boxes,
    ...shown.flatMap(({ body }) => {
      const found = body.perClass.find((item) => item.className === className)
      return [ap(found?.precision), ap(found?.recall), `<b>${ap(found?.f1)}</b>`]
    }),
  ])
  return section('As served, by class', table(columns, rows), `At confidence ${confidence} and IoU ${iou}.`)
}

function confusion(arm: Arms[number] | undefined): string {
  if (!arm || arm.body.confusion.length === 0) return ''
  const { body, name } = arm
  const names = [...body.classes, 'nothing there']
  const rows = body.confusion.map((row, r) => {
    const sum = row.reduce((total, value) => total + value, 0)
    const cells = row.map((value, c) => {
      if (r === names.length - 1 && c === names.length - 1) return '<td></td>'
      const weight = sum > 0 ? Math.round((value / sum) * 45) : 0
      const color = r === c ? 'var(--pass)' : 'var(--fail)'
      const shade = weight > 0 ? ` style="background:color-mix(in srgb,${color} ${weight}%,transparent)"` : ''
      return `<td${shade}>${value === 0 ? '<span class="soft">0</span>' : value}</td>`
    })
    return `<tr><th scope="row">${html(names[r] ?? '')}</th>${cells.join('')}</tr>`
  })
  const heads = [...body.classes, 'missed'].map((item) => `<th scope="col">${html(item)}</th>`).join('')
  const { confidence, iou } = body.operatingPoint
  return section(
    'Confusion',
    `<div class="scroll" tabindex="0" role="group" aria-label="confusion matrix"><table class="heat"><thead><tr><td></td>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    `Boxes of the ${name}: a row for what is there, a column for what it said, at confidence ${confidence} and IoU ${iou}.`,
  )
}
