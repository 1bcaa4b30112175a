import { normalQuantile, studentQuantile } from './distributions.ts'
import { quantileOfSorted } from './quantiles.ts'
import type { Random } from './random.ts'

/** Below this many units an interval's reader is told how much it was widened. */
export const fewUnits = 30

/** Fills `counts` with how often each of its places is drawn when as many are drawn with replacement (multinomial). */
export function drawCounts(random: Random, counts: Uint32Array): void {
  counts.fill(0)
  for (let i = 0; i < counts.length; i++) counts[random.int(counts.length)]!++
}

export type Interval = { low: number; high: number }

/** Percentile interval of resampled values around the estimate. Its reach to each side is multiplied by
 * `smallSampleFactor`. Null with fewer than two units or values: nothing is known of the error. */
export function percentileInterval(
  estimate: number,
  resampled: ArrayLike<number>,
  level: number,
  units: number,
): Interval | null {
  if (units < 2 || resampled.length < 2) return null
  const sorted = Float64Array.from(resampled).sort()
  const factor = smallSampleFactor(units, level)
  // Order statistics k of B split the line at k / (B + 1): with few draws the inner quantile would flatter.
  const place = ((resampled.length + 1) * (1 - level)) / 2 - 1
  const low = quantileOfSorted(sorted, place / (resampled.length - 1))
  const high = quantileOfSorted(sorted, 1 - place / (resampled.length - 1))
  return {
    low: estimate - factor * Math.max(0, estimate - low),
    high: estimate + factor * Math.max(0, high - estimate),
  }
}

/** One-sided bounds of resampled values: the estimate is above `lower95` with 95 % and below `upper99` with 99 %
 * confidence, each widened like an interval. Null where an interval is. */
export function percentileBounds(
  estimate: number,
  resampled: ArrayLike<number>,
  units: number,
): { lower95: number; upper99: number } | null {
  const lower = percentileInterval(estimate, resampled, 0.9, units)
  const upper = percentileInterval(estimate, resampled, 0.98, units)
  return lower && upper && { lower95: lower.low, upper99: upper.high }
}

/** √(n / (n − 1)) · t / z: what a bootstrap of few units lacks (its variance is by n, not n − 1, and its tails are
 * normal, not Student's): 1.44 for 6 units, 1.06 for 30, 1.01 for 200. */
export function smallSampleFactor(units: number, level: number): number {
  const p = (1 + level) / 2
  return (Math.sqrt(units / (units - 1)) * studentQuantile(p, units - 1)) / normalQuantile(p)
}
