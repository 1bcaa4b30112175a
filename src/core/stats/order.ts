const digit = 2048
/** Runs of equal upper words that are longer than this are sorted by comparison. */
const longRun = 64

/** Positions of `start` reordered so that values fall, equal values in their given order; values must not be NaN.
 * LSD radix sort over the upper words of the doubles, eleven bits at a time; the few that share one are put in order by
 * their lower words afterwards. */
export function descendingOrder(values: Float64Array, start: Uint32Array): Uint32Array {
  const length = values.length
  const high = new Uint32Array(length)
  const low = new Uint32Array(length)
  fillFallingKeys(values, low, high)
  const counts = new Uint32Array(3 * digit)
  for (let i = 0; i < length; i++) {
    const key = high[i]!
    counts[key & 2047]!++
    counts[digit + ((key >>> 11) & 2047)]!++
    counts[2 * digit + (key >>> 22)]!++
  }
  let from: Uint32Array = start.slice()
  let to: Uint32Array = new Uint32Array(length)
  for (let pass = 0; pass < 3; pass++) {
    const offsets = counts.subarray(pass * digit, (pass + 1) * digit)
    if (offsets.includes(length)) continue
    toOffsets(offsets)
    const shift = pass * 11
    for (let i = 0; i < length; i++) {
      const position = from[i]!
      to[offsets[(high[position]! >>> shift) & 2047]!++] = position
    }
    const held = from
    from = to
    to = held
  }
  orderRuns(from, low, high)
  return from
}

/** Orders positions that share an upper word by their lower words, stably. */
function orderRuns(order: Uint32Array, low: Uint32Array, high: Uint32Array): void {
  for (let from = 0; from < order.length; ) {
    const key = high[order[from]!]!
    let to = from + 1
    while (to < order.length && high[order[to]!] === key) to++
    if (isOrdered(order, low, from, to)) {
      // Ties, which are many: their order stays.
    } else if (to - from > longRun) {
      const place = new Map(Array.from(order.subarray(from, to), (position, i) => [position, i]))
      order.subarray(from, to).sort((a, b) => low[a]! - low[b]! || place.get(a)! - place.get(b)!)
    } else {
      for (let i = from + 1; i < to; i++) {
        const position = order[i]!
        let at = i
        for (; at > from && low[order[at - 1]!]! > low[position]!; at--) order[at] = order[at - 1]!
        order[at] = position
      }
    }
    from = to
  }
}

function isOrdered(order: Uint32Array, low: Uint32Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (low[order[i - 1]!]! > low[order[i]!]!) return false
  return true
}

/** Unsigned 64-bit keys that grow as the double falls: sign-flipped IEEE bits, inverted; -0 counts as 0. */
function fillFallingKeys(values: Float64Array, low: Uint32Array, high: Uint32Array): void {
  const one = new Float64Array(1)
  const words = new Uint32Array(one.buffer)
  for (let i = 0; i < low.length; i++) {
    one[0] = values[i]! + 0
    const h = words[1]!
    const negative = h >>> 31 === 1
    low[i] = negative ? words[0]! : ~words[0]!
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
