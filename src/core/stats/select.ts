/** The k-th smallest (from 0) of the first `count` values, which are reordered; values must not be NaN (Hoare's select). */
export function kthSmallest(values: Float64Array, k: number, count = values.length): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = middleOfThree(values[low] as number, values[(low + high) >>> 1] as number, values[high] as number)
    let i = low
    let j = high
    while (i <= j) {
      while ((values[i] as number) < pivot) i++
      while ((values[j] as number) > pivot) j--
      if (i > j) break
      const held = values[i] as number
      values[i++] = values[j] as number
      values[j--] = held
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else return values[k] as number
  }
  return values[k] as number
}

/** The two values in the middle of the first `count`, which are reordered; the same twice for an odd number. */
export function middlePair(values: Float64Array, count = values.length): [low: number, high: number] {
  const high = kthSmallest(values, count >> 1, count)
  if (count % 2 === 1) return [high, high]
  // Everything before the middle is at most `high` now: the value below it is their largest.
  let low = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count >> 1; i++) low = Math.max(low, values[i] as number)
  return [low, high]
}

function middleOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
