import { descendingOrder, groupByKey } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

/** Detections by class, then falling score; equal scores by image, then row. Unknown classes and images are left out. */
export type DetectionOrder = {
  /** Detections of class c are positions classStart[c] up to, not including, classStart[c + 1]. */
  classStart: Uint32Array
  /** Row in DetectionColumns of each position. */
  row: Uint32Array
  /** Positions of image i, in their order: byImage[imageStart[i]] up to, not including, byImage[imageStart[i + 1]]. */
  imageStart: Uint32Array
  byImage: Uint32Array
}

export function orderDetections(truth: TruthColumns, detections: DetectionColumns): DetectionOrder {
  const rows = imageOrder(detections.image, truth.imageCount)
  const scores = new Float64Array(rows.length)
  const positions = new Uint32Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    scores[i] = detections.score[rows[i]!]!
    positions[i] = i
  }
  const order = descendingOrder(scores, positions)
  for (let i = 0; i < order.length; i++) order[i] = rows[order[i]!]!
  const { start, members: row } = groupByKey(detections.classId, truth.classCount, order)
  const image = new Int32Array(row.length)
  for (let i = 0; i < row.length; i++) image[i] = detections.image[row[i]!]!
  const { start: imageStart, members: byImage } = groupByKey(image, truth.imageCount)
  return { classStart: start, row, imageStart, byImage }
}

/** Rows by image, in their order within one; programs mostly write them so. */
function imageOrder(image: Int32Array, imageCount: number): Uint32Array {
  const length = image.length
  let row = 0
  for (let last = 0; row < length && image[row]! >= last && image[row]! < imageCount; row++) last = image[row]!
  if (row < length) return groupByKey(image, imageCount).members
  const rows = new Uint32Array(length)
  for (let i = 0; i < length; i++) rows[i] = i
  return rows
}

/** One image and class: its detections are positions[from … to), best score first, its ground truth the rows
 * truths[first … last), in file order. */
export type Cell = {
  positions: Uint32Array
  from: number
  to: number
  truths: Uint32Array
  first: number
  last: number
}

/** Calls `visit` for every image and class that has detections; the cell is one object, filled anew each time. */
export function forEachCell(
  truth: TruthColumns,
  detections: DetectionColumns,
  { classStart, row, imageStart: start, byImage: positions }: DetectionOrder,
  visit: (cell: Cell) => void,
): void {
  const real = groupByKey(truth.image, truth.imageCount, groupByKey(truth.classId, truth.classCount).members)
  const truths = real.members
  const cell: Cell = { positions, from: 0, to: 0, truths, first: 0, last: 0 }
  for (let i = 0; i < truth.imageCount; i++) {
    let d = start[i]!
    let g = real.start[i]!
    const lastDetection = start[i + 1]!
    const lastTruth = real.start[i + 1]!
    while (d < lastDetection) {
      const classId = detections.classId[row[positions[d]!]!]!
      const end = classStart[classId + 1]!
      cell.from = d
      while (d < lastDetection && positions[d]! < end) d++
      cell.to = d
      while (g < lastTruth && truth.classId[truths[g]!]! < classId) g++
      cell.first = g
      while (g < lastTruth && truth.classId[truths[g]!] === classId) g++
      cell.last = g
      visit(cell)
    }
  }
}
