import type { Matching } from './coco-match.ts'
import { iouThresholds } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

/** Buffers that every cell (one image, one class) uses again, so that matching allocates nothing. */
export type CellScratch = {
  truth: TruthColumns
  detections: DetectionColumns
  zeroIdRow: number
  /** IoU at detection × truths + truth. */
  overlap: Float64Array
  /** Truth indices of the cell, those that count first. */
  order: Uint32Array
  /** Thresholds at which a truth, by its place in `order`, is taken. */
  taken: Uint16Array
}

export function createScratch(truth: TruthColumns, detections: DetectionColumns, zeroIdRow: number): CellScratch {
  return {
    truth,
    detections,
    zeroIdRow,
    overlap: new Float64Array(4096),
    order: new Uint32Array(256),
    taken: new Uint16Array(256),
  }
}

/** Binds the detections of a cell (positions, best score first) to its truths (rows, in file order). */
export function matchCell(matching: Matching, scratch: CellScratch, kept: Uint32Array, truths: Uint32Array): void {
  if (truths.length > scratch.order.length) {
    scratch.order = new Uint32Array(2 * truths.length)
    scratch.taken = new Uint16Array(2 * truths.length)
  }
  if (!fillOverlaps(matching, scratch, kept, truths)) return
  for (let range = 0; range < matching.ranges.length; range++) {
    const counting = orderTruths(matching, scratch, truths, range)
    scratch.taken.fill(0, 0, truths.length)
    for (let d = 0; d < kept.length; d++) bindDetection(matching, scratch, kept, truths, d, range, counting)
  }
}

/** Whether any overlap reaches the lowest threshold. */
function fillOverlaps(matching: Matching, scratch: CellScratch, kept: Uint32Array, truths: Uint32Array): boolean {
  const { truth, detections } = scratch
  if (kept.length * truths.length > scratch.overlap.length) {
    scratch.overlap = new Float64Array(2 * kept.length * truths.length)
  }
  const { overlap } = scratch
  let reached = false
  for (let d = 0; d < kept.length; d++) {
    const row = matching.row[kept[d]!]!
    const x = detections.x[row]!
    const y = detections.y[row]!
    const right = detections.w[row]! + x
    const bottom = detections.h[row]! + y
    const area = detections.w[row]! * detections.h[row]!
    for (let g = 0; g < truths.length; g++) {
      const other = truths[g]!
      const width = Math.min(right, truth.w[other]! + truth.x[other]!) - Math.max(x, truth.x[other]!)
      const height = Math.min(bottom, truth.h[other]! + truth.y[other]!) - Math.max(y, truth.y[other]!)
      let iou = 0
      if (width > 0 && height > 0) {
        const shared = width * height
        iou = shared / (truth.crowd[other] ? area : area + truth.w[other]! * truth.h[other]! - shared)
        if (iou >= 0.5) reached = true
      }
      overlap[d * truths.length + g] = iou
    }
  }
  return reached
}

/** Fills scratch.order with the truths that count in this range, then those it ignores; returns how many count. */
function orderTruths(matching: Matching, scratch: CellScratch, truths: Uint32Array, range: number): number {
  const { truth, order } = scratch
  const { low, high } = matching.ranges[range]!
  let counting = 0
  let ignored = truths.length
  for (let g = 0; g < truths.length; g++) {
    const area = truth.area[truths[g]!]!
    if (truth.crowd[truths[g]!] || area < low || area > high) ignored--
    else order[counting++] = g
  }
  for (let g = 0; g < truths.length; g++) {
    const area = truth.area[truths[g]!]!
    if (truth.crowd[truths[g]!] || area < low || area > high) order[ignored++] = g
  }
  return counting
}

/** COCO's rule for one detection: the best free truth that counts, else the best one to ignore; later wins a tie. */
function bindDetection(
  matching: Matching,
  { truth, overlap, order, taken, zeroIdRow }: CellScratch,
  kept: Uint32Array,
  truths: Uint32Array,
  d: number,
  range: number,
  counting: number,
): void {
  const base = d * truths.length
  let highest = 0
  for (let g = 0; g < truths.length; g++) if (overlap[base + g]! > highest) highest = overlap[base + g]!
  let bound = 0
  let ignored = 0
  for (let t = 0; t < iouThresholds.length && highest >= iouThresholds[t]!; t++) {
    const bit = 1 << t
    let best = iouThresholds[t]!
    let match = -1
    for (let place = 0; place < truths.length; place++) {
      const g = order[place]!
      if (taken[place]! & bit && !truth.crowd[truths[g]!]) continue
      if (match >= 0 && match < counting && place >= counting) break
      const iou = overlap[base + g]!
      if (iou < best) continue
      best = iou
      match = place
    }
    if (match < 0) continue
    taken[match]! |= bit
    const row = truths[order[match]!]!
    if (match >= counting) ignored |= bit
    if (row !== zeroIdRow) bound |= bit
  }
  const at = kept[d]! * matching.ranges.length + range
  matching.matched[at] = bound
  // The area flag of the detection holds where it is bound to nothing, or to annotation 0, which has no name.
  matching.ignored[at] = (matching.ignored[at]! & ~bound) | ignored
}
