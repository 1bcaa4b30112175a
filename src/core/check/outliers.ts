import { middlePair } from '../stats/select.ts'

export type Outlier = {
  /** Position among the values. */
  at: number
  /** Modified z-score of the logarithm, 0.6745 (x − median) / MAD (Iglewicz and Hoaglin). */
  z: number
  /** How many times the median the value is. */
  times: number
}

/**
 * Positive values whose logarithm is far from the median by a modified z-score over `limit`, and by a factor over
 * `leastFactor` at least: in a very uniform class any deviation has a high score. MAD 0 falls back to 1.2533 times the
 * mean deviation. Order is the same for a value and its logarithm, so that logarithms of outliers alone are taken.
 */
export function logOutliers(values: Float64Array, limit: number, leastFactor: number): Outlier[] {
  const scratch = values.slice()
  const median = between(middlePair(scratch))
  for (let i = 0; i < values.length; i++) scratch[i] = away(values[i] as number, median)
  const mad = Math.log(between(middlePair(scratch)))
  const scale = mad > 0 ? mad / 0.6745 : 1.2533 * meanLog(scratch)
  if (!(scale > 0)) return []
  const factor = Math.max(leastFactor, Math.exp(limit * scale))
  const found: Outlier[] = []
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number
    if (away(value, median) <= factor) continue
    found.push({ at, z: Math.log(value / median) / scale, times: value / median })
  }
  return found
}

/** By which factor a value is above or below the median, at least 1. */
function away(value: number, median: number): number {
  return value > median ? value / median : median / value
}

/** The mean of two values on the scale of logarithms. */
function between([low, high]: [number, number]): number {
  return low === high ? low : Math.sqrt(low) * Math.sqrt(high)
}

function meanLog(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.log(values[i] as number)
  return sum / values.length
}
