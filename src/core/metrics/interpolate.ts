/** Piecewise linear value at x through points with non-decreasing xs, with the rules of numpy.interp: the last of equal
 * xs holds, `left` below the first, the last y beyond the last. */
export function interpolateAt(x: number, xs: Float64Array, ys: Float64Array, left: number): number {
  const last = xs.length - 1
  if (x < xs[0]!) return left
  if (x >= xs[last]!) return ys[last]!
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (xs[middle]! <= x) low = middle
    else high = middle
  }
  if (xs[low] === x) return ys[low]!
  return ((ys[high]! - ys[low]!) / (xs[high]! - xs[low]!)) * (x - xs[low]!) + ys[low]!
}
