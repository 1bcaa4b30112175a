import type { AttributionBody } from '../../documents/evaluation.ts'
import { forest } from './charts.ts'
import { ap, html, interval, plural, section, table } from './html.ts'

const effectWords: Record<AttributionBody['effects'][number]['effect'], { short: string; long: string }> = {
  labels: { short: 'labels', long: 'new labels on the old images' },
  yardstick: { short: 'yardstick', long: 'other validation images' },
  training: { short: 'training', long: 'as much training without the new data' },
  data: { short: 'data', long: 'the new data' },
  model: { short: 'model', long: 'the model' },
}

/** What of a change is the model and what only the yardstick: effects in their order, which add up to the whole. */
export function attributionSection(body: AttributionBody | undefined): string {
  if (!body) return ''
  const { from, to, total, effects, unit, units } = body
  const rows = effects.map(({ effect, difference }) => [
    `${html(effectWords[effect].long)} <span class="soft">(${effect})</span>`,
    interval(difference),
  ])
  const all = [
    ...effects.map((part) => ({ ...part, label: effectWords[part.effect].short })),
    { ...total, label: 'in all' },
  ]
  const drawn = all.flatMap(({ label, difference: { value, low, high } }) =>
    low !== undefined && high !== undefined ? [{ label, value, low, high }] : [],
  )
  const low = Math.min(0, ...drawn.map((row) => row.low))
  const high = Math.max(0, ...drawn.map((row) => row.high))
  const step = high - low > 0.5 ? 0.2 : high - low > 0.2 ? 0.1 : 0.05
  const chart =
    drawn.length > 0
      ? forest(drawn, {
          label: 'each effect on mAP50-95 with its interval, and all of them',
          axis: 'worse ← part of the change → better',
          color: 'var(--candidate)',
          span: [Math.floor(low / step) * step, Math.ceil(high / step) * step],
        })
      : ''
  const columns = [{ head: 'mAP50-95' }, { head: 'part', numeric: true }]
  return section(
    'Where the change comes from',
    `<div class="two"><div>${table(columns, [...rows, ['<b>in all</b>', `<b>${interval(total.difference)}</b>`]])}</div><div>${chart}</div></div>`,
    `From ${ap(from)} (champion, old validation set) to ${ap(to)} (candidate, new one), one step after the other, over ${plural(units, unit)}; the parts add up.`,
  )
}
