import { descendingOrder, groupByKey } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

/** Detections by class, then falling score; equal scores by image, then row. Unknown classes and images are left out. */
export type DetectionOrder = {
  /** Detections of class c are positions classStart[c] up to, not including, classStart[c + 1]. */
  classStart: Uint32Array
  /** Row in DetectionColumns of each position. */
  row: Uint32Array
}

export function orderDetections(truth: TruthColumns, detections: DetectionColumns): DetectionOrder {
  const byImage = groupByKey(detections.image, truth.imageCount).members
  const scores = new Float64Array(byImage.length)
  const positions = new Uint32Array(byImage.length)
  for (let i = 0; i < byImage.length; i++) {
    scores[i] = detections.score[byImage[i]!]!
    positions[i] = i
  }
  const order = descendingOrder(scores, positions)
  for (let i = 0; i < order.length; i++) order[i] = byImage[order[i]!]!
  const { start, members } = groupByKey(detections.classId, truth.classCount, order)
  return { classStart: start, row: members }
}

/** Calls `visit` for every image and class that has detections: their positions, best score first, and the rows of
 * the ground truth, in file order. Both are views that are only good during the call. */
export function forEachCell(
  truth: TruthColumns,
  detections: DetectionColumns,
  { classStart, row }: DetectionOrder,
  visit: (positions: Uint32Array, truths: Uint32Array) => void,
): void {
  const image = new Int32Array(row.length)
  for (let i = 0; i < row.length; i++) image[i] = detections.image[row[i]!]!
  const found = groupByKey(image, truth.imageCount)
  const real = groupByKey(truth.image, truth.imageCount, groupByKey(truth.classId, truth.classCount).members)
  for (let i = 0; i < truth.imageCount; i++) {
    let d = found.start[i]!
    let g = real.start[i]!
    const lastDetection = found.start[i + 1]!
    const lastTruth = real.start[i + 1]!
    while (d < lastDetection) {
      const classId = detections.classId[row[found.members[d]!]!]!
      const from = d
      while (d < lastDetection && found.members[d]! < classStart[classId + 1]!) d++
      while (g < lastTruth && truth.classId[real.members[g]!]! < classId) g++
      const first = g
      while (g < lastTruth && truth.classId[real.members[g]!] === classId) g++
      visit(found.members.subarray(from, d), real.members.subarray(first, g))
    }
  }
}
