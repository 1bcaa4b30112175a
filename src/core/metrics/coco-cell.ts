import type { Matching } from './coco-match.ts'
import { iouThresholds } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

/** Buffers that every cell (one image, one class) uses again, so that matching allocates nothing. */
export type CellScratch = {
  truth: TruthColumns
  detections: DetectionColumns
  zeroIdRow: number
  /** Truths (by place in the cell) that overlap detection d by .5 or more: entries start[d] up to start[d + 1]. */
  start: Uint32Array
  candidate: Uint32Array
  iou: Float64Array
  /** One bit a threshold that the overlap reaches. */
  reach: Uint16Array
  /** By truth: whether it counts in the range at hand, and the thresholds at which it is taken. */
  counts: Uint8Array
  taken: Uint16Array
}

export function createScratch(truth: TruthColumns, detections: DetectionColumns, zeroIdRow: number): CellScratch {
  return { truth, detections, zeroIdRow, ...pairBuffers(1024), ...truthBuffers(64), start: new Uint32Array(128) }
}

const pairBuffers = (size: number) => ({
  candidate: new Uint32Array(size),
  iou: new Float64Array(size),
  reach: new Uint16Array(size),
})
const truthBuffers = (size: number) => ({ counts: new Uint8Array(size), taken: new Uint16Array(size) })

/** Binds the detections of a cell (positions, best score first) to its truths (rows, in file order). */
export function matchCell(matching: Matching, scratch: CellScratch, kept: Uint32Array, truths: Uint32Array): void {
  if (truths.length > scratch.counts.length) Object.assign(scratch, truthBuffers(2 * truths.length))
  if (kept.length * truths.length > scratch.iou.length)
    Object.assign(scratch, pairBuffers(2 * kept.length * truths.length))
  if (findCandidates(matching, scratch, kept, truths) === 0) return
  const { truth, start, counts, taken } = scratch
  for (let range = 0; range < matching.ranges.length; range++) {
    const { low, high } = matching.ranges[range]!
    for (let g = 0; g < truths.length; g++) {
      const row = truths[g]!
      const area = truth.area[row]!
      counts[g] = truth.crowd[row] || area < low || area > high ? 0 : 1
      taken[g] = 0
    }
    for (let d = 0; d < kept.length; d++) {
      if (start[d] !== start[d + 1]) bindDetection(matching, scratch, kept[d]!, truths, d, range)
    }
  }
}

/** Fills the candidate lists of all detections; returns how many pairs reach the lowest threshold. */
function findCandidates(matching: Matching, scratch: CellScratch, kept: Uint32Array, truths: Uint32Array): number {
  const { truth, detections, start, candidate, iou, reach } = scratch
  let pairs = 0
  for (let d = 0; d < kept.length; d++) {
    start[d] = pairs
    const row = matching.row[kept[d]!]!
    const x = detections.x[row]!
    const y = detections.y[row]!
    const right = detections.w[row]! + x
    const bottom = detections.h[row]! + y
    const area = detections.w[row]! * detections.h[row]!
    for (let g = 0; g < truths.length; g++) {
      const other = truths[g]!
      const width = Math.min(right, truth.w[other]! + truth.x[other]!) - Math.max(x, truth.x[other]!)
      if (width <= 0) continue
      const height = Math.min(bottom, truth.h[other]! + truth.y[other]!) - Math.max(y, truth.y[other]!)
      if (height <= 0) continue
      const shared = width * height
      // A crowd covers a detection by the share of the detection alone.
      const overlap = shared / (truth.crowd[other] ? area : area + truth.w[other]! * truth.h[other]! - shared)
      if (!(overlap >= iouThresholds[0]!)) continue
      candidate[pairs] = g
      iou[pairs] = overlap
      reach[pairs++] = reached(overlap)
    }
  }
  start[kept.length] = pairs
  return pairs
}

function reached(overlap: number): number {
  let t = 1
  while (t < iouThresholds.length && overlap >= iouThresholds[t]!) t++
  return (1 << t) - 1
}

/** COCO's rule for one detection: the best free truth that counts, else the best one that is ignored. */
function bindDetection(
  matching: Matching,
  { truth, start, candidate, iou, reach, counts, taken, zeroIdRow }: CellScratch,
  position: number,
  truths: Uint32Array,
  d: number,
  range: number,
): void {
  const first = start[d]!
  const last = start[d + 1]!
  let bound = 0
  let ignored = 0
  let open = 0
  for (let pair = first; pair < last; pair++) {
    const g = candidate[pair]!
    open |= truth.crowd[truths[g]!] ? reach[pair]! : reach[pair]! & ~taken[g]!
  }
  while (open) {
    // All thresholds at which the same truth is best are settled at once when there is but one candidate.
    const bits = last - first === 1 ? open : open & -open
    const g = last - first === 1 ? candidate[first]! : bestCandidate(bits)
    open &= ~bits
    taken[g]! |= bits
    if (counts[g] === 0) ignored |= bits
    if (truths[g] !== zeroIdRow) bound |= bits
  }
  const at = position * matching.ranges.length + range
  matching.matched[at] = bound
  // The area flag of the detection holds where it is bound to nothing, or to annotation 0, which has no name.
  matching.ignored[at] = (matching.ignored[at]! & ~bound) | ignored

  /** The free truth of highest overlap at one threshold; those that count go first, the later one wins a tie. */
  function bestCandidate(bit: number): number {
    let match = -1
    let best = 0
    for (let wanted = 1; wanted >= 0 && match < 0; wanted--) {
      for (let pair = first; pair < last; pair++) {
        const g = candidate[pair]!
        if (counts[g] !== wanted || !(reach[pair]! & bit) || iou[pair]! < best) continue
        if (taken[g]! & bit && !truth.crowd[truths[g]!]) continue
        best = iou[pair]!
        match = g
      }
    }
    return match
  }
}
