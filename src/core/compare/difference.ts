import type { ComparisonBody } from '../documents/evaluation.ts'
import { bcaInterval } from '../stats/bca.ts'
import { percentileBounds, percentileInterval } from '../stats/bootstrap.ts'
import { studentQuantile } from '../stats/distributions.ts'

/** What a difference of two arms rests on; values are AP on a 0 to 1 scale. */
export type DifferenceInput = {
  /** A value a training seed. */
  baseline: readonly number[]
  candidate: readonly number[]
  /** Candidate minus baseline, means over seeds, in each resample of the units. */
  resampled: number[]
  /** The difference without each group of units in turn: given, the interval is BCa. */
  jackknife?: number[] | undefined
  level: number
  units: number
  /** What was drawn: scene or image. */
  unit: string
}
export type Difference = Pick<ComparisonBody['overall'], 'baseline' | 'candidate' | 'difference' | 'bounds'>

/**
 * Candidate minus baseline with its interval and one-sided bounds. With one seed an arm it is the percentile interval of
 * the resamples, which speaks of these weights only. With several, seeds are a second source of error: the variance of
 * the mean over seeds joins that of the drawn units, and the interval is Student's with Satterthwaite's degrees of
 * freedom, since a bootstrap of three seeds covers far too little.
 */
export function differenceOf(input: DifferenceInput): Difference {
  const { resampled, level, units, unit } = input
  const [baseline, candidate] = [mean(input.baseline), mean(input.candidate)]
  const value = candidate - baseline
  if (Math.max(input.baseline.length, input.candidate.length) > 1 && units >= 2 && resampled.length >= 2)
    return { baseline, candidate, ...overSeeds(value, input) }
  const { interval, bounds, name } = ofOneSeed(value, input)
  if (!interval || !bounds)
    return { baseline, candidate, difference: { value, n: units, method: `no interval: fewer than two ${unit}s` } }
  const method = `paired ${name} bootstrap of ${unit}s, reach times √(n/(n−1))·t/z`
  return { baseline, candidate, difference: { value, ...interval, level, method, n: units }, bounds }
}

/** BCa where a jackknife is given and it has an answer at all levels, else the percentile interval. */
function ofOneSeed(value: number, { resampled, jackknife, level, units }: DifferenceInput) {
  if (jackknife) {
    const [interval, lower, upper] = [level, 0.9, 0.98].map((l) => bcaInterval(value, resampled, jackknife, l, units))
    if (interval && lower && upper)
      return { interval, bounds: { lower95: lower.low, upper99: upper.high }, name: 'BCa' }
  }
  const interval = percentileInterval(value, resampled, level, units)
  return { interval, bounds: percentileBounds(value, resampled, units), name: 'percentile' }
}

/** Variance of the mean difference by where it comes from: the drawn units, and the training seeds of each arm that has
 * several. */
export function varianceParts({ baseline, candidate, resampled, units }: DifferenceInput) {
  // A bootstrap's variance is by n where the error is by n − 1.
  const ofUnits = { variance: varianceOf(resampled) * (units / (units - 1)), freedom: units - 1 }
  const ofSeeds = [baseline, candidate]
    .filter((seeds) => seeds.length > 1)
    .map((seeds) => ({ variance: varianceOf(seeds) / seeds.length, freedom: seeds.length - 1 }))
  return { ofUnits, ofSeeds }
}

function overSeeds(value: number, input: DifferenceInput): Pick<Difference, 'difference' | 'bounds'> {
  const { baseline, candidate, level, units, unit } = input
  const { ofUnits, ofSeeds } = varianceParts(input)
  const parts = [ofUnits, ...ofSeeds]
  const total = parts.reduce((sum, { variance }) => sum + variance, 0)
  const error = Math.sqrt(total)
  const freedom = total > 0 ? total ** 2 / parts.reduce((sum, p) => sum + p.variance ** 2 / p.freedom, 0) : units - 1
  const reach = (p: number) => error * studentQuantile(p, freedom)
  const method = `Student's t over ${baseline.length} and ${candidate.length} seeds, their variance and that of drawn ${unit}s together, ${freedom.toFixed(1)} degrees of freedom`
  const half = reach((1 + level) / 2)
  return {
    difference: { value, low: value - half, high: value + half, level, method, n: units },
    bounds: { lower95: value - reach(0.95), upper99: value + reach(0.99) },
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample variance, by n − 1. */
function varianceOf(values: readonly number[]): number {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
}
