import { descendingOrder, groupByKey } from '../stats/order.ts'
import { createScratch, matchCell } from './coco-cell.ts'
import { type AreaRange, allThresholds, areaRanges, maxDetections } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

/** What matching says of every detection, in order of class, then falling score, image and row. */
export type Matching = {
  ranges: readonly AreaRange[]
  classCount: number
  /** Detections of class c are positions classStart[c] up to, not including, classStart[c + 1]. */
  classStart: Uint32Array
  /** Row in DetectionColumns of each position. */
  row: Uint32Array
  /** Rank by score among detections of its image and class; maxDetections where it is beyond the limit. */
  rank: Uint8Array
  /** One bit a threshold, at position × ranges + range: bound to a ground truth. */
  matched: Uint16Array
  /** One bit a threshold, same place: counts neither as hit nor as false alarm. */
  ignored: Uint16Array
  /** Row in TruthColumns that each position is bound to at IoU .5 in the first range, -1 for none. */
  partner: Int32Array
  /** Ground truth that counts, at class × ranges + range. */
  positives: Uint32Array
}

export type MatchOptions = {
  ranges?: readonly AreaRange[]
  /** The row whose annotation id is 0, which COCO's reference code takes for "no match". */
  zeroIdRow?: number
}

/** COCO's greedy matching of all images and classes at all ten thresholds. */
export function matchDetections(
  truth: TruthColumns,
  detections: DetectionColumns,
  options: MatchOptions = {},
): Matching {
  const { ranges = areaRanges, zeroIdRow = -1 } = options
  const { classStart, row } = rankDetections(truth, detections)
  const image = Int32Array.from(row, (from) => detections.image[from]!)
  const byImage = groupByKey(image, truth.imageCount)
  const truthByClass = groupByKey(truth.classId, truth.classCount)
  const truthByImage = groupByKey(truth.image, truth.imageCount, truthByClass.members)
  const matching: Matching = {
    ranges,
    classCount: truth.classCount,
    classStart,
    row,
    rank: new Uint8Array(row.length).fill(maxDetections),
    matched: new Uint16Array(row.length * ranges.length),
    ignored: new Uint16Array(row.length * ranges.length),
    partner: new Int32Array(row.length).fill(-1),
    positives: countPositives(truth, ranges),
  }
  const scratch = createScratch(truth, detections, zeroIdRow)
  for (let i = 0; i < truth.imageCount; i++) {
    let g = truthByImage.start[i]!
    const lastTruth = truthByImage.start[i + 1]!
    let d = byImage.start[i]!
    const lastDetection = byImage.start[i + 1]!
    while (d < lastDetection) {
      const classId = detections.classId[row[byImage.members[d]!]!]!
      let nextDetection = d + 1
      while (nextDetection < lastDetection && sameClass(byImage.members[nextDetection]!, classId)) nextDetection++
      while (g < lastTruth && truth.classId[truthByImage.members[g]!]! < classId) g++
      let nextTruth = g
      while (nextTruth < lastTruth && truth.classId[truthByImage.members[nextTruth]!] === classId) nextTruth++
      const kept = byImage.members.subarray(d, Math.min(nextDetection, d + maxDetections))
      rankCell(matching, detections, kept)
      if (nextTruth > g) matchCell(matching, scratch, kept, truthByImage.members.subarray(g, nextTruth))
      d = nextDetection
      g = nextTruth
    }
  }
  return matching

  function sameClass(position: number, classId: number): boolean {
    return position < classStart[classId + 1]!
  }
}

function rankDetections(
  truth: TruthColumns,
  detections: DetectionColumns,
): { classStart: Uint32Array; row: Uint32Array } {
  const byImage = groupByKey(detections.image, truth.imageCount)
  const scores = Float64Array.from(byImage.members, (row) => detections.score[row]!)
  const order = descendingOrder(
    scores,
    Uint32Array.from(scores, (_, i) => i),
  )
  const rows = order.map((position) => byImage.members[position]!)
  const { start, members } = groupByKey(detections.classId, truth.classCount, rows)
  return { classStart: start, row: members }
}

/** Ranks and, as long as nothing matches, the area flags. */
function rankCell(matching: Matching, { w, h }: DetectionColumns, kept: Uint32Array): void {
  const { ranges, rank, row, ignored } = matching
  for (let r = 0; r < kept.length; r++) {
    const position = kept[r]!
    const area = w[row[position]!]! * h[row[position]!]!
    rank[position] = r
    for (let a = 0; a < ranges.length; a++) {
      const { low, high } = ranges[a]!
      if (area < low || area > high) ignored[position * ranges.length + a] = allThresholds
    }
  }
}

function countPositives(truth: TruthColumns, ranges: readonly AreaRange[]): Uint32Array {
  const positives = new Uint32Array(truth.classCount * ranges.length)
  for (let row = 0; row < truth.count; row++) {
    if (truth.crowd[row]) continue
    for (let a = 0; a < ranges.length; a++) {
      const { low, high } = ranges[a]!
      const area = truth.area[row]!
      if (area >= low && area <= high) positives[truth.classId[row]! * ranges.length + a]!++
    }
  }
  return positives
}
