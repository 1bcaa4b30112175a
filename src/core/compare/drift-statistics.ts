import type { Random } from '../stats/random.ts'

/** Kolmogorov and Smirnov's two-sample statistic: the largest gap between two empirical distributions, 0 to 1. */
export function ksStatistic(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return Number.NaN
  const x = Float64Array.from(a).sort()
  const y = Float64Array.from(b).sort()
  let i = 0
  let j = 0
  let gap = 0
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] as number, y[j] as number)
    while (i < x.length && x[i] === value) i++
    while (j < y.length && y[j] === value) j++
    gap = Math.max(gap, Math.abs(i / x.length - j / y.length))
  }
  return gap
}

/** The gap that two samples of one distribution exceed with chance alpha, asymptotically; ties make it conservative. */
export function ksCritical(n: number, m: number, alpha: number): number {
  return Math.sqrt(-Math.log(alpha / 2) / 2) * Math.sqrt((n + m) / (n * m))
}

/** Jensen and Shannon's distance of two histograms, base 2: the root of the divergence, 0 to 1. */
export function jsDistance(a: readonly number[], b: readonly number[]): number {
  const totalA = a.reduce((sum, value) => sum + value, 0)
  const totalB = b.reduce((sum, value) => sum + value, 0)
  if (!(totalA > 0 && totalB > 0)) return Number.NaN
  let divergence = 0
  for (let k = 0; k < Math.max(a.length, b.length); k++) {
    const p = (a[k] ?? 0) / totalA
    const q = (b[k] ?? 0) / totalB
    const middle = (p + q) / 2
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2
  }
  return Math.sqrt(Math.max(0, divergence))
}

/**
 * What the distance of two histograms reaches by chance with probability alpha when both sides come from one source:
 * images (rows of class counts) are dealt out anew. Boxes of an image stay together, since they are not independent.
 */
export function jsCritical(
  before: readonly Int32Array[],
  after: readonly Int32Array[],
  alpha: number,
  rounds: number,
  random: Random,
): number {
  const all = [...before, ...after]
  const bins = all[0]?.length ?? 0
  const total = new Array<number>(bins).fill(0)
  for (const row of all) for (let k = 0; k < bins; k++) total[k]! += row[k] as number
  const order = Uint32Array.from(all, (_, i) => i)
  const distances: number[] = []
  for (let round = 0; round < rounds; round++) {
    const one = new Array<number>(bins).fill(0)
    // The first part of a shuffle: a random choice of as many images as there were before.
    for (let i = 0; i < before.length; i++) {
      const j = i + random.int(order.length - i)
      const held = order[i] as number
      order[i] = order[j] as number
      order[j] = held
      const row = all[order[i] as number] as Int32Array
      for (let k = 0; k < bins; k++) one[k]! += row[k] as number
    }
    const distance = jsDistance(
      one,
      total.map((value, k) => value - (one[k] as number)),
    )
    if (Number.isFinite(distance)) distances.push(distance)
  }
  distances.sort((a, b) => a - b)
  return distances[Math.min(distances.length - 1, Math.ceil((1 - alpha) * distances.length))] ?? Number.NaN
}

/**
 * Share of each bin over all rows, with its standard error: a ratio estimator over images, which are the units
 * (Cochran, Sampling Techniques, section 6.4).
 */
export function sharesByImage(rows: readonly Int32Array[], bins: number): { share: number; standardError: number }[] {
  const sums = new Array<number>(bins).fill(0)
  const sizes = rows.map((row) => row.reduce((sum, value) => sum + value, 0))
  for (const row of rows) for (let k = 0; k < bins; k++) sums[k]! += row[k] as number
  const total = sizes.reduce((sum, value) => sum + value, 0)
  const n = rows.length
  return sums.map((sum, k) => {
    if (total === 0) return { share: 0, standardError: Number.NaN }
    const share = sum / total
    let squares = 0
    for (const [i, row] of rows.entries()) squares += ((row[k] as number) - share * (sizes[i] as number)) ** 2
    return { share, standardError: n > 1 ? Math.sqrt((n / (n - 1)) * squares) / total : Number.NaN }
  })
}
