import { type LatencyBody, latency as latencyDocument } from '../../documents/operational.ts'
import { decideInterval, decidePoint, facts, number, type Question, unsettled } from '../decide.ts'
import type { Draft } from '../gate-kind.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const ratio = { unit: '× champion', limit: 'atMost', low: 0.1, high: 10, limitRequired: true } as const
const absolute = { unit: 'ms', limit: 'atMost', low: 0, high: 1e6, limitRequired: true, targetRequired: true } as const

/**
 * Ratios decide, since milliseconds belong to one machine; a ceiling in milliseconds needs its device named. A ratio
 * passes when its upper 95 % bound is below the limit, and fails when its lower 99 % bound is above the margin of the
 * measurement (1.02), so that equal models fail in one case of a hundred at most.
 */
export const latency = defineGate(latencyDocument, {
  name: 'latency',
  summary: 'The candidate is not slower than the champion by more than a ratio, runs interleaved on one machine.',
  terms:
    'r is candidate / champion, U its upper 95 % bound, L its lower 99 % bound over process runs, and m the margin of the measurement (1.02). A document without bounds is judged by its 95 % interval: wholly below the limit passes, wholly above fails.',
  decides: [
    'ratio          pass  U < atMost',
    '               fail  L > m, and not passed',
    '               open  anything else',
    'milliseconds   pass  x ≤ atMost',
    '               fail  x > atMost',
  ],
  example: [
    '{ gate: latency, evidence: Latency, measure: ratio-p95, atMost: 1.15, minimumUnits: 10 }',
    '{ gate: latency, evidence: Latency, measure: p95-ms, target: cpu, atMost: 40 }',
  ],
  measures: [
    { name: 'ratio-p95', says: 'p95 latency, candidate over champion', ...ratio },
    { name: 'ratio-p50', says: 'median latency, candidate over champion', ...ratio },
    { name: 'p95-ms', says: 'p95 latency of the candidate', ...absolute },
    { name: 'p50-ms', says: 'median latency of the candidate', ...absolute },
  ],
  targets: null,
  perClass: 'never',
  units: 'process runs an arm',
  tooLittle: 'fewer runs than asked, or a limit inside the interval: open',
  falseAlarm: (line) => ((line.measure ?? 'ratio-p95').startsWith('ratio') ? 0.01 : null),
  whenInconclusive: 'hold',
  comparesWith: (line) => ((line.measure ?? 'ratio-p95').startsWith('ratio') ? 'champion' : null),
  targetOf: ({ target }) => target,
  judge: (body, line) => {
    const measure = measureOf(latency, line)
    const limit = line.atMost ?? 1
    const runs = body.protocol.runsPerArm
    const wanted = line.minimumUnits ?? 2
    const question = {
      measure: `${measure.name} on ${body.target}`,
      unit: measure.unit,
      limit,
      direction: 'at most' as const,
    }
    const units = { units: runs, unitName: 'run' }
    // The baseline comes first, the candidate last.
    const candidate = body.arms.at(-1)
    const draft = measure.name.startsWith('ratio')
      ? decideRatio(body, measure.name === 'ratio-p50' ? 'p50' : 'p95', { ...question, ...units })
      : decidePoint((measure.name === 'p50-ms' ? candidate?.p50Ms : candidate?.p95Ms) ?? Number.NaN, question)
    if (draft.verdict !== 'inconclusive' && runs < wanted) {
      const base = { ...facts(question), observed: draft.observed, low: draft.low, high: draft.high }
      return [unsettled(base, `${runs} runs an arm, fewer than ${wanted}`, `measure at least ${wanted} runs an arm`)]
    }
    if (draft.verdict === 'inconclusive' && body.noise.noisy)
      return [{ ...draft, settle: `${draft.settle}; the machine was noisy, so measure on a quieter one` }]
    return [draft]
  },
})

/** By the bounds of the measurement; a document without them by its interval. */
function decideRatio(body: LatencyBody, quantile: 'p50' | 'p95', question: Question): Draft {
  const ratio = quantile === 'p50' ? body.ratioP50 : body.ratioP95
  const interval = decideInterval(ratio, question)
  const bounds = body.bounds?.[quantile]
  if (!body.bounds || !bounds || interval.observed === null || interval.low === undefined) return interval
  const { lower99, upper95 } = bounds
  const base = { ...facts(question), observed: ratio.value }
  if (lower99 === null || upper95 === null || !(lower99 <= upper95))
    return unsettled(base, `${question.units} runs an arm are too few for bounds`, 'measure more runs an arm')
  const withBounds = { ...base, low: lower99, high: upper95 }
  const said = (what: string) => `${question.measure}: ${number(ratio.value)} ${what}`
  if (upper95 < question.limit) {
    const reason = said(`(at most ${number(upper95)} with 95 % confidence) is below ${number(question.limit)}`)
    return { ...withBounds, verdict: 'pass', reason }
  }
  if (lower99 > body.bounds.margin) {
    const reason = said(
      `(at least ${number(lower99)} with 99 % confidence) is slower, and not surely below ${number(question.limit)}`,
    )
    return { ...withBounds, verdict: 'fail', reason }
  }
  const open = `${number(ratio.value)}, somewhere from ${number(lower99)} to ${number(upper95)}, leaves open whether it is below ${number(question.limit)}`
  return unsettled(withBounds, open, settleOf(body, quantile))
}

/** Runs that this measure would take, where fewer were made; else only a quieter machine helps. */
function settleOf({ protocol, runsToFind }: LatencyBody, quantile: 'p50' | 'p95'): string {
  const needs = runsToFind?.[quantile] ?? null
  if (needs === null) return 'more runs an arm, or a quieter machine'
  return needs > protocol.runsPerArm
    ? `about ${needs} runs an arm, which find a slowdown of 5 % in nine of ten measurements, or a quieter machine`
    : 'a quieter machine: these runs would have found a slowdown of 5 %, the ratio itself is near the limit'
}
