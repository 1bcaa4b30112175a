import type { LatencyBody } from '../documents/operational.ts'
import { BugError } from '../errors.ts'
import { percentileInterval } from '../stats/bootstrap.ts'
import { quantile } from '../stats/quantiles.ts'
import { hodgesLehmann, lowerCentre, resampledCentres } from '../stats/signed-rank.ts'
import { type Clock, imageMs, type LatencyRun, rounded } from './latency-run.ts'

const resamples = 2000
const level = 0.95
/** A ratio that is above this for certain is a slowdown; nearer to one it is not worth a stop. */
export const slowdownMargin = 1.02

export type Ratio = LatencyBody['ratioP50'] & { low: number; high: number }
export type RatioBounds = NonNullable<LatencyBody['bounds']>['p50']

/** Log ratios of paired runs, candidate over baseline, of one quantile within the run. */
export function logRatios(
  baseline: readonly LatencyRun[],
  candidate: readonly LatencyRun[],
  q: number,
  clock: Clock,
): number[] {
  const ms = (runs: readonly LatencyRun[]) => runs.map((run) => imageMs(run, clock))
  return logRatiosOf(ms(baseline), ms(candidate), q)
}

/** The same from the milliseconds of each run's images. */
export function logRatiosOf(baseline: readonly number[][], candidate: readonly number[][], q: number): number[] {
  const below = baseline.map((run) => quantile(run, q))
  return candidate.map((run, i) => Math.log(quantile(run, q) / (below[i] as number)))
}

/** Candidate over baseline with a two-sided 95 % interval; what is shown, while `boundsOf` decides. */
export function ratioOf(logs: readonly number[], clock: Clock, seed: number): Ratio {
  const centre = hodgesLehmann(logs)
  const interval = percentileInterval(centre, resampledCentres(logs, resamples, seed), level, logs.length)
  if (interval === null) throw new BugError(`${logs.length} pairs of runs give no interval`)
  return {
    value: rounded(Math.exp(centre)),
    low: rounded(Math.exp(interval.low)),
    high: rounded(Math.exp(interval.high)),
    level,
    method: `paired runs by ${clock === 'wall' ? 'the wall clock' : 'processor time'}, Hodges-Lehmann centre of log ratios, percentile bootstrap over pairs`,
    n: logs.length,
  }
}

/**
 * One-sided bounds of the ratio: 99 % below it and 95 % above it, shared evenly between the planned looks, so that who
 * looks after ten runs and again after more errs no more often. Exact for any symmetric noise: two runs of one model
 * can change places, so the sign of their log ratio is a coin. Null where so few runs cannot say it.
 */
export function boundsOf(logs: readonly number[], looks: number): RatioBounds {
  const lower = lowerCentre(logs, 0.01 / looks)
  const upper = lowerCentre(
    logs.map((log) => -log),
    0.05 / looks,
  )
  return {
    lower99: lower === null ? null : rounded(Math.exp(lower)),
    upper95: upper === null ? null : rounded(Math.exp(-upper)),
  }
}

export type Slowdown = 'slower' | 'not slower' | 'open'

/** Slower where the lower bound is above the margin, not slower where the upper one is below the limit, else open. */
export function slowdownOf({ lower99, upper95 }: RatioBounds, limit: number, margin = slowdownMargin): Slowdown {
  if (lower99 !== null && lower99 > margin) return 'slower'
  return upper95 !== null && upper95 < limit ? 'not slower' : 'open'
}
