import { readEvaluation } from '../../adapters/evaluation-files.ts'
import { writeJson } from '../../adapters/files.ts'
import { powerCurve } from '../../core/compare/power.ts'
import type { AttributionBody, ComparisonBody } from '../../core/documents/evaluation.ts'
import { exitCodes, UsageError } from '../../core/errors.ts'
import { attributeEvaluations } from '../../steps/attribute.ts'
import { compareEvaluations } from '../../steps/compare-models.ts'
import { readArguments } from '../arguments.ts'
import type { Command } from '../main.ts'

export const command: Command = {
  run: async (args, console) => {
    const { values, positionals } = readArguments(
      args,
      {
        metric: { type: 'string', default: 'map' },
        resamples: { type: 'string', default: '2000' },
        seed: { type: 'string', default: '0' },
        interval: { type: 'string', default: 'percentile' },
        'baseline-name': { type: 'string', default: 'champion' },
        power: { type: 'boolean' },
        before: { type: 'string' },
        control: { type: 'string' },
        attribution: { type: 'string' },
        html: { type: 'string' },
        data: { type: 'string' },
        json: { type: 'string' },
        evidence: { type: 'string' },
      },
      { least: 2, most: 2, names: 'BASELINE.json CANDIDATE.json' },
    )
    const [first = '', second = ''] = positionals
    const metric = values.metric
    if (metric !== 'map' && metric !== 'map50') {
      throw new UsageError(`--metric is map or map50, not ${metric}`, { mend: 'see --help' })
    }
    const [baseline, candidate] = [armOf(first), armOf(second)]
    const { interval } = values
    if (interval !== 'percentile' && interval !== 'bca') {
      throw new UsageError(`--interval is percentile or bca, not ${interval}`, { mend: 'see --help' })
    }
    const document = compareEvaluations({
      interval,
      baseline: { name: values['baseline-name'], ...baseline },
      candidate: { name: 'candidate', ...candidate },
      metric,
      resamples: wholeNumber('--resamples', values.resamples, 100, 1_000_000),
      seed: wholeNumber('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    })
    for (const line of comparisonTable(document.body)) console.print(line)
    if (values.power) for (const line of powerTable(document.body)) console.print(line)
    let split: ReturnType<typeof attributeEvaluations> | null = null
    if (values.before) {
      split = attributeEvaluations({
        before: { file: values.before, ...readEvaluation(values.before) },
        after: baseline,
        ...(values.control ? { control: { file: values.control, ...readEvaluation(values.control) } } : {}),
        candidate,
        resamples: document.body.resamples,
        seed: document.body.seed,
      })
      for (const line of attributionTable(split.body)) console.print(line)
      if (values.attribution) writeJson(values.attribution, split)
    } else if (values.control || values.attribution) {
      throw new UsageError('--control and --attribution need --before', {
        mend: 'give the evaluation of the champion on the old validation set',
      })
    }
    if (values.html) {
      const { writeComparePage } = await import('../compare-page.ts')
      await writeComparePage(values.html, values.data, {
        title: `${second} against ${first}`,
        baseline: { ...baseline, name: values['baseline-name'] === 'control' ? 'control' : 'champion' },
        candidate,
        comparison: document,
        ...(split ? { attribution: split } : {}),
        recompute: [`sluice compare ${first} ${second} --metric ${metric} --seed ${document.body.seed}`],
      })
    }
    if (values.json) writeJson(values.json, document.body)
    if (values.evidence) writeJson(values.evidence, document)
    return exitCodes.pass
  },
}

function armOf(files: string) {
  const [first, ...furtherSeeds] = files.split(',').map((file) => ({ file, ...readEvaluation(file) }))
  return { ...(first as NonNullable<typeof first>), ...(furtherSeeds.length > 0 ? { furtherSeeds } : {}) }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, not "${text}"`, {
    mend: 'see --help',
  })
}

function comparisonTable(body: ComparisonBody): string[] {
  const rows = [body.overall, ...body.perClass].map(({ className, baseline, candidate, difference }) => {
    const { value, low, high } = difference
    const interval = low === undefined || high === undefined ? 'no interval' : `[${signed(low)}, ${signed(high)}]`
    return [className, baseline.toFixed(3), candidate.toFixed(3), signed(value), interval]
  })
  const table = [['class', body.baseline, body.candidate, 'difference', 'interval'], ...rows]
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]!.length)))
  return [
    `${body.metric}, ${body.images} images in ${body.units} ${body.unit}s, ${body.resamples} resamples`,
    ...table.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')),
    `images fixed ${body.flips.fixed.length}, broken ${body.flips.broken.length}`,
    ...body.notes.map((note) => `note: ${note}`),
  ]
}

const effectNames = {
  labels: 'new labels on the old images',
  yardstick: 'new validation images',
  training: 'as much training without the new data',
  data: 'the new data',
  model: 'the model',
}

function attributionTable({ from, to, total, effects, unit, units }: AttributionBody): string[] {
  const row = (what: string, { difference: { value, low, high } }: AttributionBody['total']) => {
    const interval = low === undefined || high === undefined ? 'no interval' : `[${signed(low)}, ${signed(high)}]`
    return `  ${what.padEnd(38)} ${signed(value)}  ${interval}`
  }
  return [
    `from ${from.toFixed(3)} (champion, old validation set) to ${to.toFixed(3)} (candidate, new one), over ${units} ${unit}s:`,
    ...effects.map((part) => row(effectNames[part.effect], part)),
    row('in all', total),
  ]
}

function powerTable(body: ComparisonBody): string[] {
  const curve = powerCurve(body)
  if (!curve) return ['power: not known, this comparison has no bounds']
  const percent = (share: number) => `${Math.round(100 * share)} %`.padStart(6)
  const rows = curve.rows.map(
    ({ margin, equalPass, twiceWorseFails, unitsFor80 }) =>
      `${margin.toFixed(3).padStart(6)}  ${percent(equalPass).padStart(17)}  ${percent(twiceWorseFails).padStart(22)}  ${String(unitsFor80).padStart(18)}`,
  )
  return [
    `power: standard error ${curve.standardError.toFixed(4)}; ${body.units} ${body.unit}s resolve a margin of ${curve.resolved.toFixed(3)}`,
    `margin  equal models pass  twice the margin fails  ${`${body.unit}s for 80 %`.padStart(18)}`,
    ...rows,
  ]
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
}
