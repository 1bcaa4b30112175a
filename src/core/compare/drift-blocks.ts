import type { Random } from '../stats/random.ts'
import type { BoxMeasure, DriftColumns, DriftSide } from './drift-columns.ts'
import { type DriftBlocks, type DriftTable, pairedBlocks, shuffledBlocks } from './drift-permutation.ts'

/** Independent units of both sides, as images: scenes or videos where provenance tells, else one image each. */
export type DriftUnits = { before: number[][]; after: number[][]; unit: 'image' | 'scene' }

const mostBlocks = 200

/** Values of one image: elements from up to, not including, to. */
export type Values = (columns: DriftColumns, image: number) => { values: ArrayLike<number>; from: number; to: number }

export function ofBoxes(name: BoxMeasure): Values {
  return ({ boxes, start }, image) => ({
    values: boxes[name],
    from: start[image] as number,
    to: start[image + 1] as number,
  })
}

export function ofImage(name: keyof DriftColumns['images']): Values {
  return ({ images }, image) => ({ values: images[name], from: image, to: image + 1 })
}

/** All known values of a side. */
export function valuesOf({ columns, images }: DriftSide, pick: Values): Float64Array {
  let count = 0
  for (const image of images) {
    const { from, to } = pick(columns, image)
    count += to - from
  }
  const all = new Float64Array(count)
  let known = 0
  for (const image of images) {
    const { values, from, to } = pick(columns, image)
    for (let k = from; k < to; k++) {
      const value = values[k] as number
      if (!Number.isNaN(value)) all[known++] = value
    }
  }
  return all.subarray(0, known)
}

export type Blocks = { before: number[][]; after: number[][]; blocks: DriftBlocks }

/** Units in blocks of the same size, so that the smaller side has at most 200: as valid, and far cheaper to deal. */
export function loneBlocks(units: DriftUnits, random: Random): Blocks {
  const each = Math.ceil(Math.min(units.before.length, units.after.length) / mostBlocks)
  const [before, after] = [chunks(random.shuffle(units.before), each), chunks(random.shuffle(units.after), each)]
  return { before, after, blocks: shuffledBlocks(before.length, after.length) }
}

/** The same of pairs, which stay together. */
export function pairBlocks(units: DriftUnits, random: Random): Blocks {
  const each = Math.ceil(units.before.length / mostBlocks)
  const order = random.shuffle(units.before.map((_, i) => i))
  const side = (list: number[][]) =>
    chunks(
      order.map((i) => list[i] as number[]),
      each,
    )
  return { before: side(units.before), after: side(units.after), blocks: pairedBlocks(Math.ceil(order.length / each)) }
}

function chunks(units: readonly number[][], each: number): number[][] {
  const blocks: number[][] = []
  for (let i = 0; i < units.length; i += each) blocks.push(units.slice(i, i + each).flat())
  return blocks
}

/** Rows of a table: block after block, every bin that has values there, and how many. */
export function rowsOf(
  { before, after }: { before: DriftSide; after: DriftSide },
  blocks: Blocks,
  pick: Values,
  binned: { bins: number; of: (value: number) => number },
): Pick<DriftTable, 'bins' | 'start' | 'bin' | 'count'> {
  const sides = [
    { columns: before.columns, blocks: blocks.before },
    { columns: after.columns, blocks: blocks.after },
  ]
  const start = new Uint32Array(blocks.blocks.count + 1)
  const bins: number[] = []
  const counts: number[] = []
  // Row of a bin in the block at hand; what lies before the block's first row is of another block.
  const rowOf = new Int32Array(binned.bins).fill(-1)
  let at = 0
  for (const side of sides) {
    for (const block of side.blocks) {
      const first = bins.length
      for (const image of block) {
        const { values, from, to } = pick(side.columns, image)
        for (let k = from; k < to; k++) {
          const value = values[k] as number
          if (Number.isNaN(value)) continue
          const bin = binned.of(value)
          const row = rowOf[bin] as number
          if (row >= first) counts[row]!++
          else {
            rowOf[bin] = bins.length
            bins.push(bin)
            counts.push(1)
          }
        }
      }
      start[++at] = bins.length
    }
  }
  return { bins: binned.bins, start, bin: Uint16Array.from(bins), count: Uint32Array.from(counts) }
}
