import type { Random } from '../stats/random.ts'
import { sorted } from '../stats/wasserstein.ts'

/** Values of both sides in bins, by block: rows of block b are start[b] up to start[b + 1], each `count` values of a bin. */
export type DriftTable = {
  bins: number
  start: Uint32Array
  bin: Uint16Array
  count: Uint32Array
  /** Fills `values` with statistics of how far `one` is from `other`; both are counts in bins. */
  measure: (one: Float64Array, other: Float64Array, values: Float64Array) => void
  statistics: number
}

/** How blocks fall to the two sides by chance. */
export type DriftBlocks = {
  count: number
  /** Fills `chosen` with the blocks that make up one side in the next round, and returns how many. */
  deal: (random: Random, chosen: Uint32Array) => number
  /** Whether a block is of the first side. */
  first: (block: number) => boolean
}

/** Without pairs, `one` of all blocks are dealt to the first side; its own come first. */
export function shuffledBlocks(one: number, other: number): DriftBlocks {
  const count = one + other
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  const least = Math.min(one, other)
  const deal = (random: Random, chosen: Uint32Array) => {
    for (let i = 0; i < least; i++) {
      const j = i + random.int(count - i)
      const held = order[i] as number
      order[i] = order[j] as number
      order[j] = held
      chosen[i] = order[i] as number
    }
    return least
  }
  return { count, deal, first: (block) => block < one }
}

/** Paired: block i of one side and block i of the other change places or don't. */
export function pairedBlocks(pairs: number): DriftBlocks {
  const deal = (random: Random, chosen: Uint32Array) => {
    for (let i = 0; i < pairs; i++) chosen[i] = random.next() < 0.5 ? i : pairs + i
    return pairs
  }
  return { count: 2 * pairs, deal, first: (block) => block < pairs }
}

const enough = 10

/**
 * p-values of every statistic of every table when it is chance which block is on which side: (1 + k) / (B + 1), and
 * k / rounds as soon as k = 10 rounds reached the observed value (Besag and Clifford 1991), so that what is plainly
 * chance costs little.
 */
export function permutationP(
  tables: readonly DriftTable[],
  blocks: DriftBlocks,
  rounds: number,
  random: Random,
): number[][] {
  const races = tables.map((table) => startRace(table, blocks))
  const chosen = new Uint32Array(blocks.count)
  for (let round = 1; round <= rounds; round++) {
    const live = races.filter((race) => race.open > 0)
    if (live.length === 0) break
    const size = blocks.deal(random, chosen)
    for (const race of live) runRound(race, chosen, size, round)
  }
  return races.map(({ p, hits }) => p.map((known, k) => known ?? ((hits[k] as number) + 1) / (rounds + 1)))
}

type Race = {
  table: DriftTable
  total: Float64Array
  one: Float64Array
  other: Float64Array
  observed: Float64Array
  values: Float64Array
  hits: Uint32Array
  p: (number | null)[]
  open: number
}

function startRace(table: DriftTable, blocks: DriftBlocks): Race {
  const { bins, statistics } = table
  const [one, other, total] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)]
  for (let block = 0; block < blocks.count; block++) {
    const side = blocks.first(block) ? one : other
    for (let row = table.start[block] as number; row < (table.start[block + 1] as number); row++) {
      side[table.bin[row] as number]! += table.count[row] as number
      total[table.bin[row] as number]! += table.count[row] as number
    }
  }
  const observed = new Float64Array(statistics)
  table.measure(one, other, observed)
  const p = Array.from(observed, (value) => (Number.isNaN(value) ? Number.NaN : null))
  const open = p.filter((known) => known === null).length
  const [values, hits] = [new Float64Array(statistics), new Uint32Array(statistics)]
  return { table, total, one, other, observed, values, hits, p, open }
}

function runRound(race: Race, chosen: Uint32Array, size: number, round: number): void {
  const { table, one, other, total, observed, values, hits, p } = race
  const { start, bin, count } = table
  one.fill(0)
  for (let i = 0; i < size; i++) {
    const block = chosen[i]!
    const end = start[block + 1]!
    for (let row = start[block]!; row < end; row++) one[bin[row]!]! += count[row]!
  }
  for (let k = 0; k < total.length; k++) other[k] = total[k]! - one[k]!
  table.measure(one, other, values)
  for (let k = 0; k < values.length; k++) {
    // What cannot be computed for a deal (a side without boxes) counts against drift.
    if (p[k] !== null || values[k]! < observed[k]! - 1e-12) continue
    hits[k]!++
    if (hits[k] === enough) {
      p[k] = enough / round
      race.open--
    }
  }
}

const grid = 200

/** Borders that split values into at most 200 bins of about the same weight; equal values share a bin. */
export function quantileBorders(values: Float64Array): Float64Array {
  const ordered = sorted(values)
  const borders = new Set<number>()
  for (let k = 1; k < grid; k++) borders.add(ordered[Math.floor((k * ordered.length) / grid)] as number)
  return Float64Array.from(borders)
}

/** Number of borders at or below a value: its bin. */
export function binOf(value: number, borders: Float64Array): number {
  let low = 0
  let high = borders.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (borders[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** The largest gap between two binned distributions; NaN when a side is empty. */
export function binnedGap(one: Float64Array, other: Float64Array, values: Float64Array): void {
  let [n, m] = [0, 0]
  for (let k = 0; k < one.length; k++) {
    n += one[k]!
    m += other[k]!
  }
  let [a, b, gap] = [0, 0, 0]
  for (let k = 0; k < one.length; k++) {
    a += one[k]!
    b += other[k]!
    gap = Math.max(gap, Math.abs(a / n - b / m))
  }
  values[0] = n > 0 && m > 0 ? gap : Number.NaN
}
