import type { DetectionColumns, TruthColumns } from './columns.ts'
import { type DetectionOrder, forEachCell } from './detection-order.ts'

const { fround } = Math

/** torch.linspace(0.5, 0.95, 10) in single precision, which is what Ultralytics compares with. */
const ultralyticsThresholds = Float32Array.of(0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)

/** One bit a threshold for every position: a hit by Ultralytics' match_predictions, in single precision as there.
 * Each detection, best score first, takes the free ground truth that it overlaps most, the first one of equals. */
export function matchAsUltralytics(
  truth: TruthColumns,
  detections: DetectionColumns,
  order: DetectionOrder,
): Uint16Array {
  const hits = new Uint16Array(order.row.length)
  let taken = new Uint16Array(64)
  let overlaps = new Float32Array(64)
  forEachCell(truth, detections, order, ({ positions, from, to, truths, first, last }) => {
    const count = last - first
    if (count === 0) return
    if (count > taken.length) {
      taken = new Uint16Array(2 * count)
      overlaps = new Float32Array(2 * count)
    }
    taken.fill(0, 0, count)
    for (let at = from; at < to; at++) {
      const position = positions[at]!
      const highest = fillOverlaps(truth, truths, first, count, detections, order.row[position]!, overlaps)
      for (let t = 0; t < ultralyticsThresholds.length && highest >= ultralyticsThresholds[t]!; t++) {
        const best = bestFree(overlaps, count, taken, 1 << t)
        if (best < 0 || overlaps[best]! < ultralyticsThresholds[t]!) continue
        taken[best]! |= 1 << t
        hits[position]! |= 1 << t
      }
    }
  })
  return hits
}

/** Overlaps of one detection with the truths of its cell; returns the highest. */
function fillOverlaps(
  truth: TruthColumns,
  truths: Uint32Array,
  first: number,
  count: number,
  detections: DetectionColumns,
  d: number,
  into: Float32Array,
): number {
  const x1 = detections.x[d]!
  const y1 = detections.y[d]!
  const x2 = x1 + detections.w[d]!
  const y2 = y1 + detections.h[d]!
  let highest = 0
  for (let g = 0; g < count; g++) {
    const row = truths[first + g]!
    const left = truth.x[row]!
    const top = truth.y[row]!
    // Rounding keeps order: what is apart in double precision is apart in single, and overlaps by 0.
    const apart = left >= x2 || top >= y2 || x1 >= left + truth.w[row]! || y1 >= top + truth.h[row]!
    into[g] = apart ? 0 : overlap(truth, row, detections, d)
    if (into[g]! > highest) highest = into[g]!
  }
  return highest
}

function bestFree(overlaps: Float32Array, count: number, taken: Uint16Array, bit: number): number {
  let best = -1
  for (let g = 0; g < count; g++) {
    if (taken[g]! & bit) continue
    if (best < 0 || overlaps[g]! > overlaps[best]!) best = g
  }
  return best
}

/** IoU as box_iou computes it: every step rounded to single precision, 1e-7 added to the union. */
function overlap(truth: TruthColumns, g: number, detections: DetectionColumns, d: number): number {
  const ax1 = fround(truth.x[g]!)
  const ay1 = fround(truth.y[g]!)
  const ax2 = fround(truth.x[g]! + truth.w[g]!)
  const ay2 = fround(truth.y[g]! + truth.h[g]!)
  const bx1 = fround(detections.x[d]!)
  const by1 = fround(detections.y[d]!)
  const bx2 = fround(detections.x[d]! + detections.w[d]!)
  const by2 = fround(detections.y[d]! + detections.h[d]!)
  const width = Math.max(0, fround(Math.min(ax2, bx2) - Math.max(ax1, bx1)))
  const height = Math.max(0, fround(Math.min(ay2, by2) - Math.max(ay1, by1)))
  const shared = fround(width * height)
  const first = fround(fround(ax2 - ax1) * fround(ay2 - ay1))
  const second = fround(fround(bx2 - bx1) * fround(by2 - by1))
  return fround(shared / fround(fround(fround(first + second) - shared) + fround(1e-7)))
}
