import { comparison, evaluation } from '../../documents/evaluation.ts'
import { latency, parity } from '../../documents/operational.ts'
import { smoke, trainRun } from '../../documents/training.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate } from '../gate-kind.ts'

const dayMs = 86_400_000

/**
 * Evidence is not older than so many days, on the day on which is judged. The date stands in a document's meta, which is
 * no part of its digest: it tells forgotten evidence, it does not prove when something was measured.
 */
export const freshness = defineGate<unknown>(evaluation, {
  name: 'freshness',
  alternatives: [comparison, latency, parity, smoke, trainRun],
  summary:
    'The evidence that the line names is not older than so many days. Its date is no part of its digest, so this tells forgotten evidence, not forged.',
  terms: `x is whole days from the document's date to the day of judging.`,
  decides: ['pass  x ≤ atMost', 'fail  x > atMost'],
  example: ['{ gate: freshness, evidence: Latency, atMost: 30, whenInconclusive: hold }'],
  measures: [
    {
      name: 'age-days',
      says: 'age of the evidence on the day of judging',
      unit: 'days',
      limit: 'atMost',
      low: 0,
      high: 3650,
      limitRequired: true,
    },
  ],
  perClass: 'never',
  tooLittle: 'no date, a date to come, or no day of judging: open',
  whenInconclusive: 'report',
  judge: (_, line, { today, meta }) => {
    const question = {
      measure: `age of the ${line.evidence}`,
      unit: 'days',
      limit: line.atMost ?? Number.NaN,
      direction: 'at most' as const,
    }
    const base = { ...facts(question), observed: null }
    const [made, now] = [Date.parse(meta?.createdAt ?? ''), Date.parse(today ?? '')]
    if (!Number.isFinite(now)) return [unsettled(base, 'nobody said which day it is', 'judge with a date')]
    if (!Number.isFinite(made)) return [unsettled(base, 'it does not say when it was made', 'make it again')]
    const days = Math.floor((now - made) / dayMs)
    // The day's own evidence is made after its midnight.
    if (days < -1) return [unsettled(base, 'it was made on a day to come', 'look at the clock of the machine')]
    return [decidePoint(Math.max(0, days), question)]
  },
})
