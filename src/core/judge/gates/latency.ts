import { latency as latencyDocument } from '../../documents/operational.ts'
import { decideInterval, decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const ratio = { unit: '× champion', limit: 'atMost', low: 0.1, high: 10, limitRequired: true } as const
const absolute = { unit: 'ms', limit: 'atMost', low: 0, high: 1e6, limitRequired: true, targetRequired: true } as const

/** Ratios decide, since milliseconds belong to one machine; a ceiling in milliseconds needs its device named. */
export const latency = defineGate(latencyDocument, {
  name: 'latency',
  summary: 'The candidate is not slower than the champion by more than a ratio, runs interleaved on one machine.',
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
  falseAlarm: (line) => ((line.measure ?? 'ratio-p95').startsWith('ratio') ? 0.025 : null),
  whenInconclusive: 'hold',
  comparesWith: (line) => ((line.measure ?? 'ratio-p95').startsWith('ratio') ? 'champion' : null),
  selects: (body, line) => line.target === undefined || body.target === line.target,
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
      ? decideInterval(measure.name === 'ratio-p50' ? body.ratioP50 : body.ratioP95, { ...question, ...units })
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
