import { descendingOrder, groupByKey } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

/** Why a detection is no hit, or a truth is missed, in the order in which causes are asked for. */
export const tideErrors = ['localisation', 'classification', 'duplicate', 'background', 'both', 'missed'] as const
export type TideError = (typeof tideErrors)[number]

/** Overlap from which a detection is a hit, and up to which it lies on background. */
export const tideOverlaps = { hit: 0.5, background: 0.1 }
const mostDetections = 100

export type TideMatch = {
  /** Detections that were looked at, image by image and in falling score: equal scores keep this order. */
  order: number[]
  /** Detections that count as hits, in image order and falling score. */
  hits: number[]
  /** Detections that are no hits; `counts` is false inside crowd regions, which are neither hit nor error of AP. */
  errors: { kind: Exclude<TideError, 'missed'>; detection: number; truth: number; counts: boolean }[]
  /** Truths that no hit took; `missed` when no localisation or classification error could have been it. */
  unused: { truth: number; missed: boolean }[]
  taken: Uint8Array
}

/**
 * Matches at IoU 0.5 and sorts what is left by cause (Bolya et al. 2020, TIDE, as their tool does it): the best 100
 * detections of an image, all classes together, each take the best free truth of their class.
 */
export function matchForTide(truth: TruthColumns, detections: DetectionColumns): TideMatch {
  const match: TideMatch = { order: [], hits: [], errors: [], unused: [], taken: new Uint8Array(truth.count) }
  const found = groupByKey(detections.image, truth.imageCount, byScore(detections))
  const real = groupByKey(truth.image, truth.imageCount)
  for (let image = 0; image < truth.imageCount; image++) {
    const rows = found.members.subarray(found.start[image], found.start[image + 1]).subarray(0, mostDetections)
    const truths = real.members.subarray(real.start[image], real.start[image + 1])
    matchImage(
      truth,
      detections,
      rows,
      truths.filter((row) => !truth.crowd[row]),
      truths.filter((row) => truth.crowd[row]),
      match,
    )
  }
  return match
}

function byScore(detections: DetectionColumns): Uint32Array {
  const rows = Uint32Array.from({ length: detections.count }, (_, i) => i)
  return descendingOrder(detections.score.subarray(0, detections.count), rows)
}

function matchImage(
  truth: TruthColumns,
  detections: DetectionColumns,
  rows: Uint32Array,
  truths: Uint32Array,
  crowds: Uint32Array,
  match: TideMatch,
): void {
  const { taken } = match
  match.order.push(...rows)
  const left: number[] = []
  for (const row of rows) {
    let best = -1
    let most = 0
    for (const g of truths) {
      if (taken[g] || truth.classId[g] !== detections.classId[row]) continue
      const iou = overlap(truth, g, detections, row)
      if (iou > most) [best, most] = [g, iou]
    }
    if (best >= 0 && most >= tideOverlaps.hit) {
      taken[best] = 1
      match.hits.push(row)
    } else left.push(row)
  }
  const usable = new Set<number>()
  for (const row of left) {
    const counts = !crowds.some(
      (g) => truth.classId[g] === detections.classId[row] && overlap(truth, g, detections, row) > tideOverlaps.hit,
    )
    const { kind, at } = causeOf(truth, detections, row, truths, taken)
    match.errors.push({ kind, detection: row, truth: at, counts })
    if ((kind === 'localisation' || kind === 'classification') && !taken[at]) usable.add(at)
  }
  for (const g of truths) if (!taken[g]) match.unused.push({ truth: g, missed: !usable.has(g) })
}

/** Why a detection is no hit, and the truth that it is about; -1 when it is about none. */
function causeOf(
  truth: TruthColumns,
  detections: DetectionColumns,
  row: number,
  truths: Uint32Array,
  taken: Uint8Array,
): { kind: Exclude<TideError, 'missed'>; at: number } {
  const same = { at: -1, iou: -1 }
  const other = { at: -1, iou: -1 }
  const used = { at: -1, iou: -1 }
  for (const g of truths) {
    const iou = overlap(truth, g, detections, row)
    const alike = truth.classId[g] === detections.classId[row]
    for (const best of alike ? (taken[g] ? [same, used] : [same]) : [other])
      if (iou > best.iou) Object.assign(best, { at: g, iou })
  }
  const { hit, background } = tideOverlaps
  if (same.iou >= background && same.iou <= hit) return { kind: 'localisation', at: same.at }
  if (other.iou >= hit) return { kind: 'classification', at: other.at }
  if (used.iou >= hit) return { kind: 'duplicate', at: used.at }
  if (Math.max(same.iou, other.iou) <= background) return { kind: 'background', at: -1 }
  return { kind: 'both', at: -1 }
}

/** Intersection over union, or over the detection's own area for a crowd, as pycocotools computes it. */
function overlap(truth: TruthColumns, g: number, detections: DetectionColumns, row: number): number {
  const [x, y, w, h] = [detections.x[row]!, detections.y[row]!, detections.w[row]!, detections.h[row]!]
  const width = Math.min(w + x, truth.w[g]! + truth.x[g]!) - Math.max(x, truth.x[g]!)
  const height = Math.min(h + y, truth.h[g]! + truth.y[g]!) - Math.max(y, truth.y[g]!)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (truth.crowd[g] ? w * h : w * h + truth.w[g]! * truth.h[g]! - shared)
}
