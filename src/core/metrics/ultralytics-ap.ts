import type { DetectionColumns, TruthColumns } from './columns.ts'
import { type DetectionOrder, orderDetections } from './detection-order.ts'
import { bestIndex, classCurves, confidences } from './ultralytics-curves.ts'
import { matchAsUltralytics } from './ultralytics-match.ts'

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
    const scores = new Float64Array(to - from)
    for (let i = from; i < to; i++) scores[i - from] = detections.score[order.row[i]!]!
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
