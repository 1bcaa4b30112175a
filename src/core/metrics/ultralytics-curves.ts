import { recallLevels } from './coco-parameters.ts'

const thresholdCount = 10
const curvePoints = 1000
/** Where curves against confidence are read. */
export const confidences = Float64Array.from({ length: curvePoints }, (_, i) => (i === 999 ? 1 : i * (1 / 999)))

export type ClassCurves = { precision: Float64Array; recall: Float64Array; f1: Float64Array; ap: number[] }

/** Precision, recall and F1 against confidence at IoU .5, and AP at each threshold; zero without detections. */
export function classCurves(hits: Uint16Array, scores: Float64Array, truths: number): ClassCurves {
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
    let p = 1
    let r = 0
    if (at >= 0) {
      p = found / (at + 1)
      r = found / truths
      if (at < hits.length - 1 && scores[at] !== confidence) {
        const above = scores[at]! - confidence
        const width = scores[at]! - scores[at + 1]!
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
  xs[0] = 0
  ys[0] = 1
  let points = 1
  let found = 0
  let before = -1
  for (let k = 0; k < places.length; k++) {
    const place = places[k]!
    if (!((hits[place]! >> t) & 1)) continue
    if (place - 1 > before) {
      xs[points] = found / truths
      ys[points++] = found / place
    }
    found++
    xs[points] = found / truths
    ys[points++] = found / (place + 1)
    before = place
  }
  if (found === 0) return 0
  xs[points] = found / truths
  if (hits.length - 1 > before) {
    ys[points++] = found / hits.length
    xs[points] = found / truths
  }
  ys[points++] = 0
  xs[points] = 1
  ys[points++] = 0
  for (let i = points - 2; i >= 0; i--) if (ys[i + 1]! > ys[i]!) ys[i] = ys[i + 1]!
  let area = 0
  let last = 0
  let at = 0
  for (let i = 0; i < recallLevels.length; i++) {
    const level = recallLevels[i]!
    while (at + 1 < points && xs[at + 1]! <= level) at++
    const x = xs[at]!
    const y = ys[at]!
    const here = at === points - 1 || x === level ? y : ((ys[at + 1]! - y) / (xs[at + 1]! - x)) * (level - x) + y
    if (i > 0) area += ((level - recallLevels[i - 1]!) * (here + last)) / 2
    last = here
  }
  return area
}

/** Where the mean curve, smoothed by a box of 101 points with its ends held, is highest. */
export function bestIndex(curves: Float64Array[]): number {
  const average = new Float64Array(curvePoints)
  for (const curve of curves) for (let i = 0; i < curvePoints; i++) average[i]! += curve[i]!
  const half = 50
  // Of the window's 101 points each weighs as much, and the ends are held.
  const padded = new Float64Array(curvePoints + 2 * half)
  for (let i = 0; i < padded.length; i++) {
    padded[i] = average[Math.min(curvePoints - 1, Math.max(0, i - half))]! / curves.length / (2 * half + 1)
  }
  let best = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < curvePoints; i++) {
    let sum = 0
    for (let j = i; j <= i + 2 * half; j++) sum += padded[j]!
    if (sum > highest) {
      highest = sum
      best = i
    }
  }
  return best
}
