import type { DetectionColumns, TruthColumns } from './columns.ts'

/** IoU of a ground truth and a detection, or with a crowd the share of the detection that it covers, as pycocotools has it. */
export function overlap(truth: TruthColumns, g: number, detections: DetectionColumns, d: number): number {
  const x = detections.x[d]!
  const w = detections.w[d]!
  const width = Math.min(w + x, truth.w[g]! + truth.x[g]!) - Math.max(x, truth.x[g]!)
  if (width <= 0) return 0
  const y = detections.y[d]!
  const h = detections.h[d]!
  const height = Math.min(h + y, truth.h[g]! + truth.y[g]!) - Math.max(y, truth.y[g]!)
  if (height <= 0) return 0
  const shared = width * height
  return shared / (truth.crowd[g] ? w * h : w * h + truth.w[g]! * truth.h[g]! - shared)
}
