import type { EvaluationBody } from '../../documents/evaluation.ts'
import type { PullRequestReport } from '../report-input.ts'
import { armOf } from './arms.ts'
import { lines } from './charts.ts'
import { ap, html, key, section, signed, table } from './html.ts'

type Arms = NonNullable<PullRequestReport['evaluations']>

const errorWords: Record<string, string> = {
  localisation: 'badly placed',
  classification: 'wrong class',
  duplicate: 'found twice',
  background: 'nothing there',
  both: 'badly placed and wrong class',
  missed: 'missed',
}

/** Error types of all arms beside each other: how many, what AP50 each costs, and what changed from first to last. */
export function errorTypes(arms: Arms): string {
  const known = arms.filter(({ body }) => body.errors)
  const first = known[0]
  const last = known.at(-1)
  if (!first || !last) return ''
  const of = (body: EvaluationBody, type: string) => body.errors?.find((item) => item.type === type)
  const columns = [
    { head: 'kind of error' },
    ...known.map(({ name }) => ({ head: `${html(name)}, number`, numeric: true })),
    ...known.map(({ name }) => ({ head: `${html(name)}, AP50 lost`, numeric: true })),
    ...(known.length > 1 ? [{ head: 'change of the loss', numeric: true }] : []),
  ]
  const rows = (first.body.errors ?? []).map(({ type, loss }) => [
    html(errorWords[type] ?? type),
    ...known.map(({ body }) => of(body, type)?.count ?? '–'),
    ...known.map(({ body }) => ap(of(body, type)?.loss)),
    ...(known.length > 1 ? [`<b>${change((of(last.body, type)?.loss ?? loss) - loss)}</b>`] : []),
  ])
  return section(
    'What kinds of error',
    table(columns, rows),
    'At IoU .5, over all confidences. The loss is what mending that kind alone would win; losses don’t add up.',
  )
}

/** A loss that falls is a gain: said in words, since the sign alone reads either way. */
function change(value: number): string {
  const word = value < -0.0005 ? ' better' : value > 0.0005 ? ' worse' : ''
  return `${signed(value)}${word}`
}

/** Whether confidence means what it says: error of each arm, and the reliability of all in one diagram. */
export function calibration(arms: Arms): string {
  const known = arms.flatMap(({ name, body }) => (body.calibration ? [{ name, ...body.calibration }] : []))
  if (known.length === 0 || known.every(({ detections }) => detections === 0)) return ''
  const columns = [
    { head: 'model' },
    ...['mean gap', 'largest', 'temperature', 'gap then'].map((head) => ({ head, numeric: true })),
  ]
  const rows = known.map(({ name, ece, mce, temperature }) => [
    html(name),
    `<b>${ap(ece)}</b>`,
    ap(mce),
    temperature ? temperature.value.toFixed(2) : '–',
    temperature ? ap(temperature.after) : '–',
  ])
  const series = known.map(({ name, bins }) => ({
    ...armOf(name),
    points: bins.map(({ confidence, precision }): [number, number] => [confidence, precision]),
    dots: true,
  }))
  const even = {
    color: 'var(--soft)',
    dashed: true,
    points: [
      [0, 0],
      [1, 1],
    ] as [number, number][],
  }
  const chart = lines([...series, even], {
    label: 'precision over confidence of each model; on the diagonal confidence is right',
    x: 'confidence',
    y: 'precision',
    width: 370,
    height: 220,
    xRange: [0, 1],
    yRange: [0, 1],
  })
  const words = [...known.map(({ name }) => armOf(name)), { ...even, word: 'confidence is right' }]
  return section(
    'Does confidence mean what it says?',
    `<div class="two"><div>${table(columns, rows)}<p class="soft small">Under the diagonal a model is surer than it is right.</p></div><div>${chart}${key(words)}</div></div>`,
    `Detections of confidence ${known[0]?.floor ?? 0} and above, ten bins, hits at IoU .5; the temperature is fitted on half of the scenes and proven on the other.`,
  )
}
