import { createScratch, matchCell } from './coco-cell.ts'
import { type AreaRange, allThresholds, areaRanges, maxDetections } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { type DetectionOrder, forEachCell, orderDetections } from './detection-order.ts'

/** What matching says of every detection, by position in the order of DetectionOrder. */
export type Matching = DetectionOrder & {
  ranges: readonly AreaRange[]
  classCount: number
  /** Rank by score among detections of its image and class; maxDetections where it is beyond the limit. */
  rank: Uint8Array
  /** One bit a threshold, at position × ranges + range: bound to a ground truth. */
  matched: Uint16Array
  /** One bit a threshold, same place: counts neither as hit nor as false alarm. */
  ignored: Uint16Array
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
  const order = orderDetections(truth, detections)
  const length = order.row.length
  const matching: Matching = {
    ...order,
    ranges,
    classCount: truth.classCount,
    rank: new Uint8Array(length).fill(maxDetections),
    matched: new Uint16Array(length * ranges.length),
    ignored: new Uint16Array(length * ranges.length),
    positives: countPositives(truth, ranges),
  }
  const scratch = createScratch(truth, detections, zeroIdRow)
  const [lows, highs] = [Float64Array.from(ranges, ({ low }) => low), Float64Array.from(ranges, ({ high }) => high)]
  forEachCell(truth, detections, order, (cell) => {
    const { positions, from, truths, first, last } = cell
    const to = Math.min(cell.to, from + maxDetections)
    for (let i = from; i < to; i++) rankDetection(matching, detections, positions[i]!, i - from, lows, highs)
    if (last > first) matchCell(matching, scratch, positions.subarray(from, to), truths.subarray(first, last))
  })
  return matching
}

/** Rank and, as long as nothing matches, the area flags. */
function rankDetection(
  { rank, row, ignored }: Matching,
  { w, h }: DetectionColumns,
  position: number,
  place: number,
  lows: Float64Array,
  highs: Float64Array,
): void {
  const area = w[row[position]!]! * h[row[position]!]!
  rank[position] = place
  for (let a = 0; a < lows.length; a++) {
    if (area < lows[a]! || area > highs[a]!) ignored[position * lows.length + a] = allThresholds
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
