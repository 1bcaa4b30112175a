import { recallLevels } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { type DetectionOrder, orderDetections } from './detection-order.ts'
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
  fillByConfidence(curves, hits, scores, truths)
  // Between hits nothing happens that a curve would show: of many detections few are hits.
  const places = new Uint32Array(hits.length)
  let some = 0
  for (let i = 0; i < hits.length; i++) if (hits[i]! > 0) places[some++] = i
  const scratch = {
    places: places.subarray(0, some),
    xs: new Float64Array(2 * some + 5),
    ys: new Float64Array(2 * some + 5),
  }
  for (let t = 0; t < thresholdCount; t++) curves.ap[t] = interpolatedAp(hits, t, truths, scratch)
  return curves
}

/** Precision, recall and F1 at a thousand confidences, read between the falling scores by numpy.interp's rules. */
function fillByConfidence(
  { precision, recall, f1 }: ClassCurves,
  hits: Uint16Array,
  scores: Float64Array,
  truths: number,
) {
  let found = 0
  for (let i = 0; i < hits.length; i++) found += hits[i]! & 1
  let at = hits.length - 1
  for (let i = 0; i < curvePoints; i++) {
    const confidence = confidences[i]!
    // `found` are the hits up to and with `at`, the last detection of this confidence or more.
    while (at >= 0 && scores[at]! < confidence) found -= hits[at--]! & 1
    let [p, r] = [1, 0]
    if (at >= 0) {
      p = found / (at + 1)
      r = found / truths
      if (at < hits.length - 1 && scores[at] !== confidence) {
        const [above, width] = [scores[at]! - confidence, scores[at]! - scores[at + 1]!]
        const next = found + (hits[at + 1]! & 1)
        p = ((next / (at + 2) - p) / width) * above + p
        r = ((next / truths - r) / width) * above + r
      }
    }
    precision[i] = p
    recall[i] = r
    f1[i] = (2 * p * r) / (p + r + 1e-16)
  }
}

type Scratch = { places: Uint32Array; xs: Float64Array; ys: Float64Array }

/**
 * Area under the precision envelope, read at 101 recall levels by linear interpolation (compute_ap). Of a run of false
 * alarms only the last is kept: all have one recall, of which numpy.interp takes the last, and it ends the run.
 */
function interpolatedAp(hits: Uint16Array, t: number, truths: number, { places, xs, ys }: Scratch): number {
  let points = 0
  const add = (x: number, y: number) => {
    xs[points] = x
    ys[points++] = y
  }
  add(0, 1)
  let found = 0
  let before = -1
  for (let k = 0; k < places.length; k++) {
    const place = places[k]!
    if (!((hits[place]! >> t) & 1)) continue
    if (place - 1 > before) add(found / truths, found / place)
    found++
    add(found / truths, found / (place + 1))
    before = place
  }
  if (found === 0) return 0
  if (hits.length - 1 > before) add(found / truths, found / hits.length)
  add(found / truths, 0)
  add(1, 0)
  for (let i = points - 2; i >= 0; i--) ys[i] = Math.max(ys[i]!, ys[i + 1]!)
  let area = 0
  let last = 0
  let at = 0
  for (let i = 0; i < recallLevels.length; i++) {
    const level = recallLevels[i]!
    while (at + 1 < points && xs[at + 1]! <= level) at++
    const [x, y] = [xs[at]!, ys[at]!]
    const here = at === points - 1 || x === level ? y : ((ys[at + 1]! - y) / (xs[at + 1]! - x)) * (level - x) + y
    if (i > 0) area += ((level - recallLevels[i - 1]!) * (here + last)) / 2
    last = here
  }
  return area
}

/** Where the mean curve, smoothed by a box of 101 points with its ends held, is highest. */
function bestIndex(curves: Float64Array[]): number {
  const average = new Float64Array(curvePoints)
  for (const curve of curves) for (let i = 0; i < curvePoints; i++) average[i]! += curve[i]!
  if (curves.length > 0) for (let i = 0; i < curvePoints; i++) average[i]! /= curves.length
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
