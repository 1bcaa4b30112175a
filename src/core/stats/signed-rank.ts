import { seededRandom } from './random.ts'

/** Means of all pairs of values, each value with itself too, ascending: n (n + 1) / 2 of them (Walsh averages). */
export function walshAverages(values: ArrayLike<number>): Float64Array {
  const means = new Float64Array((values.length * (values.length + 1)) / 2)
  let at = 0
  for (let i = 0; i < values.length; i++)
    for (let j = i; j < values.length; j++) means[at++] = (values[i]! + values[j]!) / 2
  return means.sort()
}

/** Hodges-Lehmann: median of all pairwise means; a value that chance disturbed moves it little. */
export function hodgesLehmann(values: ArrayLike<number>): number {
  const means = walshAverages(values)
  const half = means.length >> 1
  return means.length % 2 === 1 ? means[half]! : (means[half - 1]! + means[half]!) / 2
}

/**
 * Lower bound of the centre at one-sided confidence 1 − `alpha`, by inverting Wilcoxon's signed rank test with its exact
 * distribution: wrong in at most `alpha` of all cases for any symmetric noise, however wide. Null where so few values
 * cannot give that confidence (2^−n > alpha). The upper bound is minus this of the negated values.
 */
export function lowerCentre(values: ArrayLike<number>, alpha: number): number | null {
  const places = signedRankPlaces(values.length, alpha)
  return places === 0 ? null : walshAverages(values)[places - 1]!
}

/** How many values of the signed rank statistic, from 0 up, have together at most chance `alpha`. */
function signedRankPlaces(n: number, alpha: number): number {
  const chance = new Float64Array((n * (n + 1)) / 2 + 1)
  chance[0] = 1
  for (let rank = 1, top = 0; rank <= n; rank++, top += rank - 1) {
    // Each rank is in the sum or not, with chance one half.
    for (let sum = top + rank; sum >= 0; sum--)
      chance[sum] = (chance[sum]! + (sum >= rank ? chance[sum - rank]! : 0)) / 2
  }
  let places = 0
  for (let total = chance[0]!; places < chance.length && total <= alpha; total += chance[++places] ?? 1);
  return places
}

/** Centres of `count` resamples of the values with replacement, each the Hodges-Lehmann centre of its resample. */
export function resampledCentres(values: readonly number[], count: number, seed: number | string): Float64Array {
  const n = values.length
  const pairs = pairsByMean(values)
  const random = seededRandom(seed)
  const times = new Int32Array(n)
  const total = (n * (n + 1)) / 2
  return Float64Array.from({ length: count }, () => {
    times.fill(0)
    for (let i = 0; i < n; i++) times[random.int(n)]!++
    return weightedMiddle(pairs, times, total)
  })
}

type Pairs = { first: Int32Array; second: Int32Array; mean: Float64Array }

/** All pairs in order of their mean: sorted once, whatever is drawn later only changes how often each counts. */
function pairsByMean(values: readonly number[]): Pairs {
  const all = values.flatMap((a, i) => values.slice(i).map((b, k) => ({ i, j: i + k, mean: (a + b) / 2 })))
  all.sort((a, b) => a.mean - b.mean)
  return {
    first: Int32Array.from(all, ({ i }) => i),
    second: Int32Array.from(all, ({ j }) => j),
    mean: Float64Array.from(all, ({ mean }) => mean),
  }
}

/** Median of the pair means of a resample in which value i appears times[i] times. */
function weightedMiddle({ first, second, mean }: Pairs, times: Int32Array, total: number): number {
  let seen = 0
  let below = Number.NaN
  for (let at = 0; at < mean.length; at++) {
    const i = first[at]!
    const j = second[at]!
    seen += i === j ? (times[i]! * (times[i]! + 1)) / 2 : times[i]! * times[j]!
    if (2 * seen === total && Number.isNaN(below)) below = mean[at]!
    else if (2 * seen > total) return Number.isNaN(below) ? mean[at]! : (below + mean[at]!) / 2
  }
  return below
}
