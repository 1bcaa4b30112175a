import type { LatencyBody } from '../documents/operational.ts'
import { quantile } from '../stats/quantiles.ts'
import { boundsOf, logRatiosOf, ratioOf } from './latency-ratio.ts'

/** Samples and results are written to a ten-thousandth: a sample may be off by half of that, and a result as well. */
const written = 1e-4

/**
 * What a Latency document states that does not follow from the samples it holds, in words; null when all follows that a
 * gate on latency reads: ratios, bounds, and the quantiles of both arms. A measurement that was invented whole holds.
 */
export function latencyDiffers(body: LatencyBody): string | null {
  const [baseline, candidate, ...more] = body.arms
  if (baseline === undefined || candidate === undefined || more.length > 0) return 'it has not two arms'
  const [below, above] = [runsOf(body, baseline.name), runsOf(body, candidate.name)]
  if (below === null || above === null) return 'it has not the samples of every run'
  const smallest = Math.min(...below.flat(), ...above.flat())
  if (!(smallest > 0)) return 'a sample took no time'
  for (const [arm, runs] of [
    [baseline, below],
    [candidate, above],
  ] as const) {
    for (const [key, q] of [['p50Ms', 0.5] as const, ['p95Ms', 0.95] as const]) {
      const again = quantile(
        runs.map((run) => quantile(run, q)),
        0.5,
      )
      if (!near(arm[key], again, 2 * written)) return `${key} of ${arm.name}`
    }
  }
  for (const [name, q, ratio] of [['p50', 0.5, body.ratioP50] as const, ['p95', 0.95, body.ratioP95] as const]) {
    const logs = logRatiosOf(below, above, q)
    const again = ratioOf(logs, body.clock ?? 'wall', 0)
    // Each of the two quantiles may be off by half a ten-thousandth of a millisecond.
    const off = written * (1 + again.high / smallest)
    if (!near(ratio.value, again.value, off)) return `the ratio of ${name}`
    if (body.bounds === undefined) {
      if (near(ratio.low, again.low, off) && near(ratio.high, again.high, off)) continue
      return `the interval of ${name}`
    }
    const bounds = boundsOf(logs, body.protocol.looks ?? 1)
    for (const end of ['lower99', 'upper95'] as const) {
      if (!near(body.bounds[name][end], bounds[end], off)) return `the bound ${end} of ${name}`
    }
  }
  return null
}

/** Samples of an arm, run by run; null where they are not as many as the protocol says. */
function runsOf({ samples, protocol }: LatencyBody, arm: string): number[][] | null {
  const { runsPerArm, imagesPerRun } = protocol
  const all = Object.hasOwn(samples, arm) ? samples[arm] : undefined
  if (all === undefined || all.length !== runsPerArm * imagesPerRun || runsPerArm < 2 || imagesPerRun < 1) return null
  return Array.from({ length: runsPerArm }, (_, run) => all.slice(run * imagesPerRun, (run + 1) * imagesPerRun))
}

function near(stated: number | null | undefined, again: number | null, off: number): boolean {
  if (again === null || stated === null || stated === undefined) return (stated ?? null) === again
  return Math.abs(stated - again) <= off
}
