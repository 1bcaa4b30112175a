import { nearestRank } from './quantiles.ts'

/** A quantile with the interval that order statistics give it; a null end needs more values. */
export type QuantileInterval = { value: number; low: number | null; high: number | null }

/**
 * Distribution-free 95 % interval of a quantile: its ends are the values at ranks l and u with P(l ≤ B < u) ≥ 0.95 for B
 * binomial (n, q), at most 2.5 % beyond either end. Ends that would lie outside the sample are null: the upper end of
 * the 95th percentile takes 72 values, of the 99th 368.
 */
export function quantileInterval(values: ArrayLike<number>, q: number, level = 0.95): QuantileInterval {
  const sorted = Float64Array.from(values).sort()
  const { low, high } = quantileRanks(sorted.length, q, level)
  return {
    value: nearestRank(sorted, q),
    low: low === null ? null : sorted[low - 1]!,
    high: high === null ? null : sorted[high - 1]!,
  }
}

/** Ranks (from 1) of the two ends; null where the sample is too small for one. */
export function quantileRanks(n: number, q: number, level = 0.95): { low: number | null; high: number | null } {
  const tail = (1 - level) / 2
  let log = n * Math.log(1 - q)
  let low: number | null = null
  let sum = 0
  for (let k = 0; k <= n; k++) {
    sum += Math.exp(log)
    // P(B ≤ k): the low rank is the last l with P(B < l) within the tail, the high one the first u with P(B ≥ u) in it.
    if (sum <= tail) low = k + 1
    if (1 - sum <= tail) return { low, high: k + 1 <= n ? k + 1 : null }
    log += Math.log((n - k) / (k + 1)) + Math.log(q / (1 - q))
  }
  return { low, high: null }
}
