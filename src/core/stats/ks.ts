import { kolmogorovTail, ksExactP } from './kolmogorov.ts'

/** Largest gaps between two empirical distributions: `up` where the first lies above (the second's values are larger). */
export type KsGaps = { up: number; down: number }

const fewValues = 4096
const bins = 1 << 15

/** Kolmogorov and Smirnov's two-sample statistic, the larger of both gaps, 0 to 1; NaN for an empty side. */
export function ksStatistic(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { up, down } = ksGaps(a, b)
  return Math.max(up, down)
}

/**
 * Both gaps, exactly, without sorting everything: counts in bins bound the gap, and only bins that can hold the largest
 * are looked into. Infinities are values like others; NaN has no place in a distribution and gives NaN.
 */
export function ksGaps(a: ArrayLike<number>, b: ArrayLike<number>): KsGaps {
  if (a.length === 0 || b.length === 0) return { up: Number.NaN, down: Number.NaN }
  const x = a instanceof Float64Array ? a : Float64Array.from(a)
  const y = b instanceof Float64Array ? b : Float64Array.from(b)
  const best = { up: 0, down: 0 }
  const known = search({ x, y, i: 0, j: 0 }, x.length, y.length, best)
  return known ? best : { up: Number.NaN, down: Number.NaN }
}

/** D and its p-value: exact while n m ≤ 10⁷, else that of the one-sample statistic with n m / (n + m) observations. */
export function ksTest(a: ArrayLike<number>, b: ArrayLike<number>): KsGaps & { d: number; p: number } {
  const gaps = ksGaps(a, b)
  const d = Math.max(gaps.up, gaps.down)
  return { ...gaps, d, p: ksP(d, a.length, b.length) }
}

export function ksP(d: number, n: number, m: number): number {
  if (Number.isNaN(d)) return Number.NaN
  return n * m <= 1e7 ? ksExactP(d, n, m) : ksAsymptoticP(d, n, m)
}

/** Asymptotic p-value, for samples too large to count paths. */
export function ksAsymptoticP(d: number, n: number, m: number): number {
  return kolmogorovTail(Math.round((n * m) / (n + m)), d)
}

/** Values of one stretch of the line, with how many of either side lie below it. */
type Part = { x: Float64Array; y: Float64Array; i: number; j: number }

function search(part: Part, n: number, m: number, best: KsGaps): boolean {
  const { x, y } = part
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let strange = false
  for (const values of [x, y]) {
    for (let k = 0; k < values.length; k++) {
      const value = values[k] as number
      if (value < low) low = value
      if (value > high) high = value
      if (Number.isNaN(value)) strange = true
    }
  }
  if (strange) return false
  // One value many times: the gap behind it is known from the bins around.
  if (low === high && x.length + y.length < n + m) return true
  const scale = (bins - 1) / (high - low)
  if (x.length + y.length <= fewValues || !(scale > 0 && scale < Number.MAX_VALUE)) {
    walk(part, n, m, best)
    return true
  }
  const inX = countBins(x, low, scale)
  const inY = countBins(y, low, scale)
  for (const inner of openBins(part, inX, inY, n, m, best, low, scale)) search(inner, n, m, best)
  return true
}

function countBins(values: Float64Array, low: number, scale: number): Int32Array {
  const counts = new Int32Array(bins)
  for (let k = 0; k < values.length; k++) counts[((values[k]! - low) * scale) | 0]!++
  return counts
}

/** Raises `best` by the gaps at bin borders, and returns the bins in which a larger one may lie, with their values. */
function openBins(
  part: Part,
  inX: Int32Array,
  inY: Int32Array,
  n: number,
  m: number,
  best: KsGaps,
  low: number,
  scale: number,
): Part[] {
  let { i, j } = part
  for (let bin = 0; bin < bins; bin++) {
    i += inX[bin]!
    j += inY[bin]!
    const gap = i / n - j / m
    if (gap > best.up) best.up = gap
    if (-gap > best.down) best.down = -gap
  }
  const slot = new Int32Array(bins).fill(-1)
  const parts: Part[] = []
  ;({ i, j } = part)
  for (let bin = 0; bin < bins; bin++) {
    const [mine, theirs] = [inX[bin]!, inY[bin]!]
    // Inside a bin the gap moves by no more than the bin's own mass.
    if (mine + theirs > 0 && ((i + mine) / n - j / m > best.up || (j + theirs) / m - i / n > best.down)) {
      slot[bin] = parts.length
      parts.push({ x: new Float64Array(mine), y: new Float64Array(theirs), i, j })
    }
    i += mine
    j += theirs
  }
  if (parts.length === 0) return parts
  const fill = (values: Float64Array, side: 'x' | 'y') => {
    const filled = new Int32Array(parts.length)
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!
      const at = slot[((value - low) * scale) | 0]!
      if (at >= 0) parts[at]![side][filled[at]!++] = value
    }
  }
  fill(part.x, 'x')
  fill(part.y, 'y')
  return parts
}

function walk(part: Part, n: number, m: number, best: KsGaps): void {
  const x = part.x.slice().sort()
  const y = part.y.slice().sort()
  let i = 0
  let j = 0
  while (i < x.length || j < y.length) {
    const value = j >= y.length || (i < x.length && x[i]! <= y[j]!) ? x[i]! : y[j]!
    while (i < x.length && x[i] === value) i++
    while (j < y.length && y[j] === value) j++
    const gap = (part.i + i) / n - (part.j + j) / m
    if (gap > best.up) best.up = gap
    if (-gap > best.down) best.down = -gap
  }
}
