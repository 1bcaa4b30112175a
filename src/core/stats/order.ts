const digit = 2048
/** Runs of equal upper words that are longer than this are sorted by comparison. */
const longRun = 64

/** Positions of `start` reordered so that values fall, equal values in their given order; values must not be NaN.
 * LSD radix sort over the upper words of the doubles, eleven bits at a time, two passes where they span at most 24 bits
 * (scores from .001 to 1 do); the few that then share a key are put in order by both words. */
export function descendingOrder(values: Float64Array, start: Uint32Array): Uint32Array {
  const length = values.length
  const high = new Uint32Array(length)
  const low = new Uint32Array(length)
  const { least, bits } = fillFallingKeys(values, low, high)
  const passes = bits <= 24 ? Math.min(2, Math.ceil(bits / 11)) : 3
  const shift = Math.max(0, bits - 11 * passes)
  let from: Uint32Array = start
  let to: Uint32Array = new Uint32Array(length)
  const counts = new Uint32Array(digit)
  for (let pass = 0; pass < passes; pass++) {
    const by = shift + 11 * pass
    counts.fill(0)
    for (let i = 0; i < length; i++) counts[((high[i]! - least) >>> by) & 2047]!++
    toOffsets(counts)
    for (let i = 0; i < length; i++) {
      const position = from[i]!
      to[counts[((high[position]! - least) >>> by) & 2047]!++] = position
    }
    const free = from === start ? new Uint32Array(length) : from
    from = to
    to = free
  }
  const order = passes === 0 ? start.slice() : from
  orderRuns(order, low, high, least, shift)
  return order
}

/** Orders positions that share a key by both words, stably. */
function orderRuns(order: Uint32Array, low: Uint32Array, high: Uint32Array, least: number, shift: number): void {
  for (let from = 0; from < order.length; ) {
    const key = (high[order[from]!]! - least) >>> shift
    let to = from + 1
    let ordered = true
    for (; to < order.length && (high[order[to]!]! - least) >>> shift === key; to++) {
      if (isBefore(low, high, order[to]!, order[to - 1]!)) ordered = false
    }
    // Ties are many: their order stays.
    if (!ordered) orderRun(order.subarray(from, to), low, high)
    from = to
  }
}

function orderRun(run: Uint32Array, low: Uint32Array, high: Uint32Array): void {
  if (run.length > longRun) {
    const place = new Map(Array.from(run, (position, i) => [position, i]))
    run.sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]! || place.get(a)! - place.get(b)!)
    return
  }
  for (let i = 1; i < run.length; i++) {
    const position = run[i]!
    let at = i
    for (; at > 0 && isBefore(low, high, position, run[at - 1]!); at--) run[at] = run[at - 1]!
    run[at] = position
  }
}

function isBefore(low: Uint32Array, high: Uint32Array, a: number, b: number): boolean {
  return high[a]! < high[b]! || (high[a] === high[b] && low[a]! < low[b]!)
}

/** Unsigned 64-bit keys that grow as the double falls: sign-flipped IEEE bits, inverted; -0 counts as 0. Returns the
 * least upper word and how many bits the upper words span. */
function fillFallingKeys(values: Float64Array, low: Uint32Array, high: Uint32Array): { least: number; bits: number } {
  let least = 0xffffffff
  let most = 0
  const one = new Float64Array(1)
  const words = new Uint32Array(one.buffer)
  for (let i = 0; i < low.length; i++) {
    one[0] = values[i]! + 0
    const h = words[1]!
    const negative = h >>> 31 === 1
    const key = negative ? h : h ^ 0x7fffffff
    low[i] = negative ? words[0]! : ~words[0]!
    high[i] = key
    if (key < least) least = key
    if (key > most) most = key
  }
  return { least, bits: low.length === 0 ? 0 : 32 - Math.clz32(most - least) }
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
