import type { LatencyBody } from '../documents/operational.ts'
import { EvidenceError } from '../errors.ts'
import { armOf, partsOf } from './latency-arm.ts'
import { hostNoise } from './latency-host.ts'
import { runsToFind } from './latency-plan.ts'
import { boundsOf, logRatios, ratioOf, slowdownMargin } from './latency-ratio.ts'
import { type Clock, imageMs, type LatencyRun, perRun, rounded } from './latency-run.ts'

export { throughputOf } from './latency-arm.ts'
export { firstRuns, secondLook } from './latency-plan.ts'
export { slowdownOf } from './latency-ratio.ts'
export type { HostNoise, LatencyRun } from './latency-run.ts'

export type LatencyProtocol = LatencyBody['protocol']
type Arm = { name: string; runs: readonly LatencyRun[] }

/** Looks that are planned where the protocol names none: after ten runs an arm, and after as many more as their spread asks for. */
export const usualLooks = 2
/** An interval wider than this cannot tell a 5 % change from none. */
const widestQuiet = 0.06

/**
 * Latency of candidate over baseline from paired fresh processes. The run is the unit: images of one run share its
 * luck, so each run gives one median (and one p95), and each pair one ratio. The wall clock counts unless the host was
 * too noisy for it to tell anything; then processor time does, which with one thread is the latency that a quiet host
 * would show, and the document says so. The choice looks at the width of the interval, never at the ratio.
 */
export function compareLatency(
  target: string,
  protocol: LatencyProtocol,
  baseline: Arm,
  candidate: Arm,
  seed: number,
): LatencyBody {
  const runs = [...baseline.runs, ...candidate.runs]
  refuseTwoTargets(runs)
  const logs = (q: number, by: Clock) => logRatios(baseline.runs, candidate.runs, q, by)
  const onTheWall = ratioOf(logs(0.5, 'wall'), 'wall', seed)
  const noisy = onTheWall.high - onTheWall.low > widestQuiet
  const timed = runs.every((run) => run.processorMs !== undefined)
  const clock = noisy && timed && protocol.threads === 1 ? 'processor' : 'wall'
  const { looks = usualLooks } = protocol
  const betweenRunsCv = Math.max(...[baseline, candidate].map((arm) => variation(perRun(arm.runs, 0.5, 'wall'))))
  const machine = runs[0]?.machine
  return {
    target,
    ...(machine ? { machine } : {}),
    protocol: { ...protocol, looks },
    clock,
    arms: [armOf(baseline, clock), armOf(candidate, clock)],
    ratioP50: clock === 'wall' ? onTheWall : ratioOf(logs(0.5, clock), clock, seed),
    ratioP95: ratioOf(logs(0.95, clock), clock, seed),
    bounds: {
      p50: boundsOf(logs(0.5, clock), looks),
      p95: boundsOf(logs(0.95, clock), looks),
      margin: slowdownMargin,
      method: `signed rank of paired log ratios, exact, levels shared between ${looks} planned looks`,
    },
    runsToFind: { p50: runsToFind(logs(0.5, clock), looks), p95: runsToFind(logs(0.95, clock), looks) },
    partsMs: partsOf(candidate.runs),
    noise: { betweenRunsCv: rounded(betweenRunsCv), noisy, ...hostNoise(runs, betweenRunsCv, protocol.threads) },
    samples: { [baseline.name]: pooled(baseline.runs, clock), [candidate.name]: pooled(candidate.runs, clock) },
  }
}

/** A ratio of two machines says nothing of two models. */
function refuseTwoTargets(runs: readonly LatencyRun[]): void {
  const targets = [...new Set(runs.flatMap(({ target }) => target ?? []))]
  if (targets.length < 2) return
  throw new EvidenceError(`runs of different targets have no ratio: ${targets.join(' and ')}`, {
    reason: 'other-subject',
    mend: 'measure both models on one machine, with the same provider and threads',
  })
}

function pooled(runs: readonly LatencyRun[], clock: Clock): number[] {
  return runs.flatMap((run) => imageMs(run, clock)).map(rounded)
}

function variation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) / mean : 0
}
