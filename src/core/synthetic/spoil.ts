import { seededRandom } from '../stats/random.ts'
import type { LabelRow } from './worksite.ts'

/** How good labels are made wrong on purpose; `share` of the rows concerned (1: all), drawn with `seed`. */
export type Spoil =
  /** Moves boxes right and down by `by` of their size, kept inside the image. */
  | { kind: 'shift'; by?: number; share?: number; seed?: number | string }
  /** Exchanges two classes. */
  | { kind: 'swap'; classes: readonly [number, number]; share?: number; seed?: number | string }
  /** Leaves rows out, of one class or of all. */
  | { kind: 'drop'; share: number; classId?: number; seed?: number | string }
  /** Gives rows of one class another. */
  | { kind: 'relabel'; from: number; to: number; share?: number; seed?: number | string }

/** A spoilt copy of label rows of any data set, in their order; further fields of a row are kept. */
export function spoilLabels<Row extends LabelRow>(rows: readonly Row[], spoil: Spoil): Row[] {
  const random = seededRandom(spoil.seed ?? 0)
  const share = spoil.share ?? 1
  return rows.flatMap((row) => {
    // One draw a row, concerned or not: what happens to a row depends on its place alone.
    const hit = random.next() < share
    if (!hit) return [row]
    if (spoil.kind === 'shift') return [shifted(row, spoil.by ?? 0.25)]
    if (spoil.kind === 'swap') return [swapped(row, spoil.classes)]
    if (spoil.kind === 'drop') return spoil.classId === undefined || spoil.classId === row.classId ? [] : [row]
    return [row.classId === spoil.from ? { ...row, classId: spoil.to } : row]
  })
}

function shifted<Row extends LabelRow>(row: Row, by: number): Row {
  const { cx, cy, w, h } = row
  const inside = (centre: number, size: number) => Math.min(Math.max(centre, size / 2), 1 - size / 2)
  return { ...row, cx: inside(cx + by * w, w), cy: inside(cy + by * h, h) }
}

function swapped<Row extends LabelRow>(row: Row, [a, b]: readonly [number, number]): Row {
  return row.classId === a ? { ...row, classId: b } : row.classId === b ? { ...row, classId: a } : row
}
