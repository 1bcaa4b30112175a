import { type Interval, smallSampleFactor } from './bootstrap.ts'
import { normalCdf, normalQuantile } from './distributions.ts'
import { quantileOfSorted } from './quantiles.ts'

/**
 * The shares of a bootstrap distribution that bound a bias-corrected and accelerated interval (Efron 1987). The bias is
 * how far the estimate is from the median of the resamples, the acceleration the skewness of the jackknife (estimates
 * without one unit, or one group of units, each); it is 0 where the jackknife does not vary. Null where the estimate lies
 * outside of all resamples, or the acceleration is too large: no share is known then.
 */
export function bcaShares(
  estimate: number,
  resampled: ArrayLike<number>,
  jackknife: ArrayLike<number>,
  level: number,
): { low: number; high: number } | null {
  let below = 0
  for (let i = 0; i < resampled.length; i++) {
    if (resampled[i]! < estimate) below += 1
    else if (resampled[i] === estimate) below += 0.5
  }
  if (below === 0 || below === resampled.length) return null
  const bias = normalQuantile(below / resampled.length)
  const acceleration = accelerationOf(jackknife)
  const share = (p: number) => {
    const z = bias + normalQuantile(p)
    return acceleration * z < 1 ? normalCdf(bias + z / (1 - acceleration * z)) : null
  }
  const [low, high] = [share((1 - level) / 2), share((1 + level) / 2)]
  return low === null || high === null ? null : { low, high }
}

function accelerationOf(jackknife: ArrayLike<number>): number {
  let middle = 0
  for (let i = 0; i < jackknife.length; i++) middle += jackknife[i]! / jackknife.length
  let [squares, cubes] = [0, 0]
  for (let i = 0; i < jackknife.length; i++) {
    squares += (middle - jackknife[i]!) ** 2
    cubes += (middle - jackknife[i]!) ** 3
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5)
}

/** A BCa interval around the estimate, its reach to each side times `smallSampleFactor`; null where there is none. */
export function bcaInterval(
  estimate: number,
  resampled: ArrayLike<number>,
  jackknife: ArrayLike<number>,
  level: number,
  units: number,
): Interval | null {
  const shares = units < 2 || resampled.length < 2 ? null : bcaShares(estimate, resampled, jackknife, level)
  if (!shares) return null
  const sorted = Float64Array.from(resampled).sort()
  const factor = smallSampleFactor(units, level)
  // Order statistics k of B split the line at k / (B + 1): with few draws the inner quantile would flatter.
  const at = (share: number) => quantileOfSorted(sorted, ((sorted.length + 1) * share - 1) / (sorted.length - 1))
  return {
    low: estimate - factor * Math.max(0, estimate - at(shares.low)),
    high: estimate + factor * Math.max(0, at(shares.high) - estimate),
  }
}
