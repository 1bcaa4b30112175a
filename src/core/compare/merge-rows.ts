import { fromYolo, iou } from '../geometry/boxes.ts'
import { type ImageBoxes, matchBoxes, placeTolerance } from './box-matching.ts'

export type MergeSide = 'ours' | 'theirs'

/** One label row: a class number that all sides share, its normalised box, and how the rest of the row was written. */
export type MergeRow = {
  classOf: number
  box: [cx: number, cy: number, w: number, h: number]
  /** The row after its class as it was written; null where only the numbers are known. */
  tail: string | null
  /** Canonical points of a polygon; null for a plain box. */
  shape: string | null
}

type RowOrigin = { base: MergeRow | null; ours: MergeRow | null; theirs: MergeRow | null }
export type RowConflict = RowOrigin & { kind: 'moved' | 'relabelled' | 'removed-changed' | 'added' }
export type RowMerge = { rows: { row: MergeRow; origin: RowOrigin }[]; conflicts: RowConflict[] }

/** From this overlap two boxes that both sides drew anew are one box. */
const sameNewIou = 0.95
/** From this overlap two new boxes of one class are the same object drawn differently: a person decides. */
const likelySameIou = 0.5

/**
 * Merges the rows of one image. Boxes are paired base to ours and base to theirs as the difference pairs them; a change
 * of one side is taken, equal changes are taken once, a new class from one side and a new place from the other are both
 * taken. Symmetric in ours and theirs. Rows stand in the base's order, new ones after them by class and place.
 */
export function mergeRows(
  base: readonly MergeRow[],
  ours: readonly MergeRow[],
  theirs: readonly MergeRow[],
  prefer: MergeSide | null = null,
): RowMerge {
  if (isUntouched(base, ours) && isUntouched(base, theirs)) {
    const rows = base.map((row, i) => {
      return { row, origin: { base: row, ours: ours[i] as MergeRow, theirs: theirs[i] as MergeRow } }
    })
    return { rows, conflicts: [] }
  }
  const old = inOrder(base)
  const left = statesOf(old, inOrder(ours))
  const right = statesOf(old, inOrder(theirs))
  const result: RowMerge = { rows: [], conflicts: [] }
  const placeOf = new Map(old.map((row, at) => [row, at]))
  for (const row of base) {
    const at = placeOf.get(row) as number
    mergeRow({ base: row, ours: left.now[at] ?? null, theirs: right.now[at] ?? null }, prefer, result)
  }
  mergeAdded(left.added, right.added, prefer, result)
  return result
}

/** Whether a version has the very rows of the base in its order: most images are so, and need no pairing. */
function isUntouched(base: readonly MergeRow[], now: readonly MergeRow[]): boolean {
  const same = (a: MergeRow, b: MergeRow) =>
    a.classOf === b.classOf && a.tail === b.tail && a.shape === b.shape && a.box.every((value, k) => value === b.box[k])
  return base.length === now.length && base.every((row, i) => same(row, now[i] as MergeRow))
}

/** Whether two rows say the same: class, place within 1e-6, and points where they are polygons. */
export function isSameRow(a: MergeRow, b: MergeRow): boolean {
  return a.classOf === b.classOf && isSamePlace(a, b)
}

function isSamePlace(a: MergeRow, b: MergeRow): boolean {
  return a.shape === b.shape && a.box.every((value, k) => Math.abs(value - (b.box[k] as number)) <= placeTolerance)
}

function mergeRow(origin: RowOrigin & { base: MergeRow }, prefer: MergeSide | null, result: RowMerge): void {
  const { base, ours, theirs } = origin
  const take = (row: MergeRow | null) => {
    if (row) result.rows.push({ row, origin })
  }
  if (!ours || !theirs) {
    const left = ours ?? theirs
    if (!left || isSameRow(left, base)) return
    result.conflicts.push({ kind: 'removed-changed', ...origin })
    take(prefer === 'theirs' ? theirs : ours)
    return
  }
  const place = threeWay(base, ours, theirs, isSamePlace)
  const label = threeWay(base, ours, theirs, (a, b) => a.classOf === b.classOf)
  if (!place || !label) {
    result.conflicts.push({ kind: place ? 'relabelled' : 'moved', ...origin })
    take(prefer === 'theirs' ? theirs : ours)
  } else take(label.classOf === place.classOf ? place : { ...place, classOf: label.classOf })
}

/** The value that the sides agree on; null when both changed it differently. */
function threeWay(base: MergeRow, ours: MergeRow, theirs: MergeRow, same: (a: MergeRow, b: MergeRow) => boolean) {
  if (same(ours, theirs)) return same(ours, base) ? changedText(base, ours, theirs) : lesser(ours, theirs)
  if (same(theirs, base)) return ours
  return same(ours, base) ? theirs : null
}

/** Among rows that say the same: the one that was written anew. */
function changedText(base: MergeRow, ours: MergeRow, theirs: MergeRow): MergeRow {
  if (keyOf(ours) === keyOf(base)) return theirs
  return keyOf(theirs) === keyOf(base) ? ours : lesser(ours, theirs)
}

function mergeAdded(
  ours: readonly MergeRow[],
  theirs: readonly MergeRow[],
  prefer: MergeSide | null,
  result: RowMerge,
): void {
  // Ties between equal overlaps must fall alike whichever side is called ours.
  const swapped = ours.map(keyOf).join('\n') > theirs.map(keyOf).join('\n')
  const match = swapped ? matchBoxes(boxesOf(theirs), boxesOf(ours)) : matchBoxes(boxesOf(ours), boxesOf(theirs))
  const fresh: RowMerge['rows'] = []
  const once = new Set<MergeRow>()
  for (const pair of [...match.unchanged, ...match.moved, ...match.relabelled]) {
    const [i, j] = swapped ? [pair[1], pair[0]] : pair
    const [a, b] = [ours[i] as MergeRow, theirs[j] as MergeRow]
    const overlap = isSamePlace(a, b) ? 1 : iou(fromYolo(...a.box, 1, 1), fromYolo(...b.box, 1, 1))
    const same = a.classOf === b.classOf
    if (overlap < (same ? likelySameIou : sameNewIou)) continue
    const origin = { base: null, ours: a, theirs: b }
    const agreed = same && overlap >= sameNewIou
    if (!agreed) result.conflicts.push({ kind: 'added', ...origin })
    const row = prefer ? (origin[prefer] as MergeRow) : lesser(a, b)
    fresh.push({ row, origin })
    once.add(a).add(b)
  }
  for (const row of ours) if (!once.has(row)) fresh.push({ row, origin: { base: null, ours: row, theirs: null } })
  for (const row of theirs) if (!once.has(row)) fresh.push({ row, origin: { base: null, ours: null, theirs: row } })
  result.rows.push(...fresh.sort((a, b) => compareRows(a.row, b.row)))
}

/** What became of each base row in one version, and the rows that are new there. */
function statesOf(base: readonly MergeRow[], head: readonly MergeRow[]) {
  const match = matchBoxes(boxesOf(base), boxesOf(head))
  const now: (MergeRow | undefined)[] = []
  for (const [i, j] of [...match.unchanged, ...match.moved, ...match.relabelled]) now[i] = head[j]
  return { now, added: match.added.map((j) => head[j] as MergeRow) }
}

function boxesOf(rows: readonly MergeRow[]): ImageBoxes {
  return {
    count: rows.length,
    classOf: Int32Array.from(rows, ({ classOf }) => classOf),
    geometry: Float64Array.from(rows.flatMap(({ box }) => box)),
  }
}

function inOrder(rows: readonly MergeRow[]): MergeRow[] {
  return [...rows].sort(compareRows)
}

function compareRows(a: MergeRow, b: MergeRow): number {
  if (a.classOf !== b.classOf) return a.classOf - b.classOf
  for (let k = 0; k < 4; k++) if (a.box[k] !== b.box[k]) return (a.box[k] as number) - (b.box[k] as number)
  const [left, right] = [`${a.shape} ${a.tail}`, `${b.shape} ${b.tail}`]
  return left < right ? -1 : left > right ? 1 : 0
}

function lesser(a: MergeRow, b: MergeRow): MergeRow {
  return compareRows(a, b) <= 0 ? a : b
}

function keyOf({ classOf, box, tail, shape }: MergeRow): string {
  return `${classOf} ${box.join(' ')} ${shape} ${tail}`
}
