import { recallLevels } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { type DetectionOrder, orderDetections } from './detection-order.ts'
import { interpolateAt } from './interpolate.ts'
import { matchAsUltralytics } from './ultralytics-match.ts'

const thresholdCount = 10
const curvePoints = 1000
const confidences = Float64Array.from({ length: curvePoints }, (_, i) => (i === 999 ? 1 : i * (1 / 999)))

type UltralyticsClass = { classId: number; p: number; r: number; f1: number; ap50: number; ap: number }
export type UltralyticsResult = {
  map50: number
  map: number
  precision: number
  recall: number
  f1: number
  /** The confidence at which the mean F1 is highest; precision, recall and F1 are read there. */
  confidence: number
  /** Classes that have ground truth, ascending. */
  perClass: UltralyticsClass[]
}

/** Mean AP as Ultralytics' val reports it from these detections; crowds count as absent, as its COCO converter has it.
 * `order` spares sorting anew, where COCO's matching has it already. Not comparable with COCO's: recall is interpolated between detections and a perfect class gets .995. */
export function evaluateUltralytics(
  truth: TruthColumns,
  detections: DetectionColumns,
  order: DetectionOrder = orderDetections(truth, detections),
): UltralyticsResult {
  const plain = withoutCrowds(truth)
  return apPerClass(plain, detections, order, matchAsUltralytics(plain, detections, order))
}

/** The formula of ap_per_class, on hits that are already matched (one bit a threshold for every position of `order`). */
function apPerClass(
  truth: TruthColumns,
  detections: DetectionColumns,
  order: DetectionOrder,
  hits: Uint16Array,
): UltralyticsResult {
  const truths = new Uint32Array(truth.classCount)
  for (let row = 0; row < truth.count; row++) truths[truth.classId[row]!]!++
  const classes = [...truths.keys()].filter((c) => truths[c]! > 0)
  const curves = classes.map((c) => {
    const [from, to] = [order.classStart[c]!, order.classStart[c + 1]!]
    const scores = Float64Array.from(order.row.subarray(from, to), (row) => detections.score[row]!)
    return classCurves(hits.subarray(from, to), scores, truths[c]!)
  })
  const best = bestIndex(curves.map((curve) => curve.f1))
  const perClass = curves.map(({ precision, recall, f1, ap }, i) => ({
    classId: classes[i]!,
    p: precision[best]!,
    r: recall[best]!,
    f1: f1[best]!,
    ap50: ap[0]!,
    ap: mean(ap),
  }))
  return {
    map50: mean(perClass.map(({ ap50 }) => ap50)),
    map: mean(perClass.map(({ ap }) => ap)),
    precision: mean(perClass.map(({ p }) => p)),
    recall: mean(perClass.map(({ r }) => r)),
    f1: mean(perClass.map(({ f1 }) => f1)),
    confidence: confidences[best]!,
    perClass,
  }
}

type ClassCurves = { precision: Float64Array; recall: Float64Array; f1: Float64Array; ap: number[] }

/** Precision, recall and F1 against confidence at IoU .5, and AP at each threshold; zero without detections. */
function classCurves(hits: Uint16Array, scores: Float64Array, truths: number): ClassCurves {
  const curves: ClassCurves = {
    precision: new Float64Array(curvePoints),
    recall: new Float64Array(curvePoints),
    f1: new Float64Array(curvePoints),
    ap: new Array<number>(thresholdCount).fill(0),
  }
  if (hits.length === 0) return curves
  const falling = scores.map((score) => -score)
  const recall = new Float64Array(hits.length)
  const precision = new Float64Array(hits.length)
  for (let t = 0; t < thresholdCount; t++) {
    let found = 0
    for (let i = 0; i < hits.length; i++) {
      found += (hits[i]! >> t) & 1
      recall[i] = found / truths
      precision[i] = found / (i + 1)
    }
    curves.ap[t] = interpolatedAp(recall, precision)
    if (t > 0) continue
    for (let i = 0; i < curvePoints; i++) {
      const p = interpolateAt(-confidences[i]!, falling, precision, 1)
      const r = interpolateAt(-confidences[i]!, falling, recall, 0)
      curves.precision[i] = p
      curves.recall[i] = r
      curves.f1[i] = (2 * p * r) / (p + r + 1e-16)
    }
  }
  return curves
}

/** Area under the precision envelope, read at 101 recall levels by linear interpolation (compute_ap). */
function interpolatedAp(recall: Float64Array, precision: Float64Array): number {
  const length = recall.length
  const xs = new Float64Array(length + 3)
  const ys = new Float64Array(length + 3)
  xs.set(recall, 1)
  ys.set(precision, 1)
  xs[length + 1] = recall[length - 1]!
  xs[length + 2] = 1
  ys[0] = 1
  for (let i = length; i >= 0; i--) ys[i] = Math.max(ys[i]!, ys[i + 1]!)
  let area = 0
  let before = interpolateAt(0, xs, ys, 1)
  for (let i = 1; i < recallLevels.length; i++) {
    const here = interpolateAt(recallLevels[i]!, xs, ys, 1)
    area += ((recallLevels[i]! - recallLevels[i - 1]!) * (here + before)) / 2
    before = here
  }
  return area
}

/** Where the mean curve, smoothed by a box of 101 points with its ends held, is highest. */
function bestIndex(curves: Float64Array[]): number {
  const average = Float64Array.from({ length: curvePoints }, (_, i) => mean(curves.map((curve) => curve[i]!)))
  const half = 50
  let best = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < curvePoints; i++) {
    let sum = 0
    for (let j = i - half; j <= i + half; j++) {
      sum += average[Math.min(curvePoints - 1, Math.max(0, j))]! / (2 * half + 1)
    }
    if (sum > highest) {
      highest = sum
      best = i
    }
  }
  return best
}

function withoutCrowds(truth: TruthColumns): TruthColumns {
  if (!truth.crowd.includes(1)) return truth
  // Rows of class -1 belong to no cell and no count.
  const classId = truth.classId.map((c, row) => (truth.crowd[row] ? -1 : c))
  return { ...truth, classId }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}
