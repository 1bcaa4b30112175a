import type { EvaluationBody } from '../../documents/evaluation.ts'
import type { PullRequestReport } from '../report-input.ts'
import { armOf } from './arms.ts'
import { lines } from './charts.ts'
import { ap, html, key, plural, section, table } from './html.ts'

type Arms = NonNullable<PullRequestReport['evaluations']>

const mostClasses = 8

/** Precision over recall of each class, all arms in one chart. */
export function precisionRecall(arms: Arms): string {
  const first = arms[0]
  if (!first || first.body.curves.length === 0) return ''
  const classes = first.body.curves.map(({ className }) => className)
  const charts = classes.slice(0, mostClasses).map((className) => {
    const series = arms.map(({ name, body }) => {
      const precision = body.curves.find((item) => item.className === className)?.precision ?? []
      const last = Math.max(1, precision.length - 1)
      return { ...armOf(name), points: precision.map((value, i): [number, number] => [i / last, value]) }
    })
    const label = `precision over recall, ${className}`
    return square(className, lines(series, { label, x: 'recall', y: 'precision', xRange: [0, 1], yRange: [0, 1] }))
  })
  return section(
    'Precision over recall, at IoU .5',
    `${key(arms.map(({ name }) => armOf(name)))}<div class="three">${charts.join('')}</div>${further(classes.length)}`,
  )
}

/** F1 over confidence: the mean of the classes with the best place of each arm, the classes folded beneath. */
export function f1Curves(arms: Arms): string {
  const known = arms.filter(({ body }) => body.byConfidence?.some(({ recall }) => recall.length > 0))
  const first = known[0]
  if (!first) return ''
  const classes = (first.body.byConfidence ?? []).filter(({ recall }) => recall.length > 0)
  const means = known.map(({ name, body }) => ({ name, points: meanF1(body) }))
  const best = means.map(({ name, points }) => {
    const [confidence, f1] = points.reduce((most, point) => (point[1] > most[1] ? point : most), [0, 0])
    const at = points.find(([x]) => Math.abs(x - (first.body.operatingPoint.confidence ?? 0)) < 1e-9)
    return [html(name), ap(f1), `at ${ap(confidence)}`, ap(at?.[1])]
  })
  const options = { x: 'confidence', y: 'F1', xRange: [0, 1] as [number, number], yRange: [0, 1] as [number, number] }
  const series = means.map(({ name, points }) => ({ ...armOf(name), points }))
  const chart = lines(series, { ...options, label: 'mean F1 of the classes over confidence', width: 370, height: 205 })
  const served = first.body.operatingPoint.confidence
  const columns = [
    { head: 'mean of the classes' },
    { head: 'best F1', numeric: true },
    { head: 'confidence', numeric: true },
    { head: `F1 at ${ap(served)}`, numeric: true },
  ]
  const byClass = classes.slice(0, mostClasses).map(({ className }) => {
    const own = known.map(({ name, body }) => ({ ...armOf(name), points: f1Of(body, className) }))
    return square(className, lines(own, { ...options, label: `F1 over confidence, ${className}` }))
  })
  const legend = key(known.map(({ name }) => armOf(name)))
  return section(
    'F1 over confidence, at IoU .5',
    `<div class="two"><div>${table(columns, best)}<p class="soft small">The best place is chosen on the images it is scored on, so it flatters a little.</p></div><div>${chart}${legend}</div></div><details><summary>F1 by class</summary>${legend}<div class="three">${byClass.join('')}</div>${further(classes.length)}</details>`,
  )
}

type Point = [confidence: number, f1: number]

function f1Of({ byConfidence = [] }: EvaluationBody, className: string): Point[] {
  const found = byConfidence.find((item) => item.className === className)
  return (found?.recall ?? []).map((recall, i): Point => {
    const precision = found?.precision[i] ?? -1
    const f1 = precision < 0 || precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
    return [i / (found?.recall.length ?? 1), f1]
  })
}

function meanF1(body: EvaluationBody): Point[] {
  const classes = (body.byConfidence ?? []).filter(({ recall }) => recall.length > 0)
  const curves = classes.map(({ className }) => f1Of(body, className))
  return (curves[0] ?? []).map(([confidence], i): Point => {
    const sum = curves.reduce((total, curve) => total + (curve[i]?.[1] ?? 0), 0)
    return [confidence, sum / curves.length]
  })
}

function square(title: string, chart: string): string {
  return `<div><h4>${html(title)}</h4>${chart}</div>`
}

function further(classes: number): string {
  const rest = classes - mostClasses
  return rest > 0 ? `<p class="soft small">${plural(rest, 'further class', 'further classes')} not drawn.</p>` : ''
}
