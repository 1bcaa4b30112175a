/** Earth mover's distance of two samples on a line, in their unit: the area between their distribution functions. */
export function wasserstein(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length === 0 || b.length === 0) return Number.NaN
  const x = sorted(a instanceof Float64Array ? a : Float64Array.from(a))
  const y = sorted(b instanceof Float64Array ? b : Float64Array.from(b))
  const [n, m] = [x.length, y.length]
  let i = 0
  let j = 0
  let sum = 0
  let last = Math.min(x[0]!, y[0]!)
  while (i < n && j < m) {
    const fromX = x[i]! <= y[j]!
    const value = fromX ? x[i]! : y[j]!
    if (value !== last) {
      sum += Math.abs(i / n - j / m) * (value - last)
      last = value
    }
    if (fromX) i++
    else j++
  }
  for (; i < n; last = x[i]!, i++) sum += (1 - i / n) * (x[i]! - last)
  for (; j < m; last = y[j]!, j++) sum += (1 - j / m) * (y[j]! - last)
  return sum
}

/** A sorted copy: values are dealt into as many buckets as there are values, which leaves little for the last pass. */
export function sorted(values: Float64Array): Float64Array {
  const { length } = values
  if (length < 4096) return values.slice().sort()
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let k = 0; k < length; k++) {
    const value = values[k]!
    if (value < low) low = value
    if (value > high) high = value
  }
  const buckets = 1 << Math.min(20, 31 - Math.clz32(length))
  const scale = (buckets - 1) / (high - low)
  if (!(scale > 0 && scale < Number.MAX_VALUE)) return values.slice().sort()
  const start = new Uint32Array(buckets + 1)
  for (let k = 0; k < length; k++) {
    const value = values[k]!
    if (Number.isNaN(value)) return values.slice().sort()
    start[(((value - low) * scale) | 0) + 1]!++
  }
  for (let bucket = 0; bucket < buckets; bucket++) start[bucket + 1]! += start[bucket]!
  const result = new Float64Array(length)
  for (let k = 0; k < length; k++) {
    const value = values[k]!
    result[start[((value - low) * scale) | 0]!++] = value
  }
  // Each start has moved to its bucket's end.
  for (let bucket = 0, from = 0; bucket < buckets; from = start[bucket]!, bucket++)
    if (start[bucket]! - from > 32) sortHeavy(result.subarray(from, start[bucket]!))
  for (let k = 1; k < length; k++) {
    const value = result[k]!
    let at = k - 1
    while (at >= 0 && result[at]! > value) {
      result[at + 1] = result[at]!
      at--
    }
    result[at + 1] = value
  }
  return result
}

/** Sorts a crowded bucket; mostly it holds one value many times, and is sorted already. */
function sortHeavy(values: Float64Array): void {
  for (let k = 1; k < values.length; k++) {
    if (values[k] !== values[0]) {
      values.sort()
      return
    }
  }
}
