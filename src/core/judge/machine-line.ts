import type { LatencyBody } from '../documents/operational.ts'
import { decidePoint, facts, unsettled } from './decide.ts'
import type { Draft, GateLine, Measure } from './gate-kind.ts'

type Arm = LatencyBody['arms'][number]

/** A line on one number of the candidate's arm on a machine; open where it was not measured, or in too few runs. */
export function machineLine(
  body: LatencyBody,
  line: GateLine,
  measure: Measure,
  read: (candidate: Arm, champion: Arm | undefined) => number,
): Draft {
  const most = measure.limit === 'atMost'
  const question = {
    measure: `${measure.name} on ${body.target}`,
    unit: measure.unit,
    limit: line[measure.limit] ?? Number.NaN,
    direction: most ? ('at most' as const) : ('at least' as const),
  }
  const base = { ...facts(question), observed: null }
  // The baseline comes first, the candidate last.
  const candidate = body.arms.at(-1)
  const value = candidate ? read(candidate, body.arms.length > 1 ? body.arms[0] : undefined) : Number.NaN
  // Nothing runs in no memory, and nothing answers no image a second: a zero was not measured.
  if (!(value > 0) || !Number.isFinite(value))
    return unsettled(base, 'it was not measured', `measure the latency on ${body.target} again`)
  const runs = Math.min(body.protocol.runsPerArm, candidate?.runs ?? 0)
  const wanted = line.minimumUnits ?? 2
  if (runs < wanted)
    return unsettled(base, `${runs} runs an arm, fewer than ${wanted}`, `measure at least ${wanted} runs an arm`)
  return decidePoint(value, question)
}
