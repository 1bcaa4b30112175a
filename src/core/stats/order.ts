const digit = 2048

/** Positions of `start` reordered so that values fall, equal values in their given order; values must not be NaN.
 * LSD radix sort over the bits of a double, eleven at a time; digits that all values share are skipped. */
export function descendingOrder(values: Float64Array, start: Uint32Array): Uint32Array {
  const length = values.length
  const low = new Uint32Array(length)
  const high = new Uint32Array(length)
  fillFallingKeys(values, low, high)
  const counts = new Uint32Array(6 * digit)
  for (let i = 0; i < length; i++) {
    const l = low[i]!
    const h = high[i]!
    counts[l & 2047]!++
    counts[digit + ((l >>> 11) & 2047)]!++
    counts[2 * digit + (l >>> 22)]!++
    counts[3 * digit + (h & 2047)]!++
    counts[4 * digit + ((h >>> 11) & 2047)]!++
    counts[5 * digit + (h >>> 22)]!++
  }
  let from: Uint32Array = start.slice()
  let to: Uint32Array = new Uint32Array(length)
  for (let pass = 0; pass < 6; pass++) {
    const offsets = counts.subarray(pass * digit, (pass + 1) * digit)
    if (offsets.includes(length)) continue
    toOffsets(offsets)
    const keys = pass < 3 ? low : high
    const shift = (pass % 3) * 11
    for (let i = 0; i < length; i++) {
      const position = from[i]!
      to[offsets[(keys[position]! >>> shift) & 2047]!++] = position
    }
    const held = from
    from = to
    to = held
  }
  return from
}

/** Unsigned 64-bit keys that grow as the double falls: sign-flipped IEEE bits, inverted; -0 counts as 0. */
function fillFallingKeys(values: Float64Array, low: Uint32Array, high: Uint32Array): void {
  const copy = Float64Array.from(values, (value) => value + 0)
  const words = new Uint32Array(copy.buffer)
  for (let i = 0; i < low.length; i++) {
    const l = words[2 * i]!
    const h = words[2 * i + 1]!
    const negative = h >>> 31 === 1
    low[i] = negative ? l : ~l
    high[i] = negative ? h : h ^ 0x7fffffff
  }
}

function toOffsets(counts: Uint32Array): void {
  let sum = 0
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!
    counts[i] = sum
    sum += count
  }
}

export type Groups = {
  /** Members of group g are members[start[g]] up to, not including, members[start[g + 1]]. */
  start: Uint32Array
  members: Uint32Array
}

/** Positions grouped by key in [0, groupCount), in the given order within a group; other keys are left out. */
export function groupByKey(keys: Int32Array, groupCount: number, order?: Uint32Array): Groups {
  const length = order ? order.length : keys.length
  const start = new Uint32Array(groupCount + 1)
  for (let i = 0; i < length; i++) {
    const key = keys[order ? order[i]! : i]!
    if (key >= 0 && key < groupCount) start[key + 1]!++
  }
  for (let group = 0; group < groupCount; group++) start[group + 1]! += start[group]!
  const next = start.slice()
  const members = new Uint32Array(start[groupCount]!)
  for (let i = 0; i < length; i++) {
    const position = order ? order[i]! : i
    const key = keys[position]!
    if (key >= 0 && key < groupCount) members[next[key]!++] = position
  }
  return { start, members }
}
