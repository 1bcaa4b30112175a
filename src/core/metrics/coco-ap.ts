import { accumulate, areaIndex, type CocoCurves } from './coco-accumulate.ts'
import { type Matching, matchDetections } from './coco-match.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

export type CocoResult = {
  /** AP, AP50, AP75, AP small, medium, large, AR 1, 10, 100, AR small, medium, large; -1 without ground truth. */
  stats: number[]
  /** AP@[.5:.95] of each class, -1 without ground truth. */
  perClass: Float64Array
  /** AP at IoU .5 of each class. */
  perClass50: Float64Array
  curves: CocoCurves
  matching: Matching
}

/** COCO average precision and recall for boxes, number for number as the reference code (cocoeval, iouType bbox). */
export function evaluateCoco(truth: TruthColumns, detections: DetectionColumns, zeroIdRow = -1): CocoResult {
  const matching = matchDetections(truth, detections, { zeroIdRow })
  const curves = accumulate(matching)
  const every = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const classes = Array.from({ length: truth.classCount }, (_, c) => c)
  const [all, small, medium, large] = ['all', 'small', 'medium', 'large'].map(areaIndex) as [
    number,
    number,
    number,
    number,
  ]
  return {
    stats: [
      precisionMean(curves, every, all, classes),
      precisionMean(curves, [0], all, classes),
      precisionMean(curves, [5], all, classes),
      precisionMean(curves, every, small, classes),
      precisionMean(curves, every, medium, classes),
      precisionMean(curves, every, large, classes),
      recallMean(curves, all, 0),
      recallMean(curves, all, 1),
      recallMean(curves, all, 2),
      recallMean(curves, small, 2),
      recallMean(curves, medium, 2),
      recallMean(curves, large, 2),
    ],
    perClass: classMeans(curves, every, all),
    perClass50: classMeans(curves, [0], all),
    curves,
    matching,
  }
}

/** Mean precision over thresholds, recall levels and those classes that have ground truth; -1 when none has. */
function precisionMean(
  { precision, shape }: CocoCurves,
  thresholds: number[],
  area: number,
  classes: number[],
): number {
  const [, levels, classCount, areas] = shape
  let sum = 0
  let count = 0
  for (const t of thresholds) {
    for (let r = 0; r < levels; r++) {
      for (const c of classes) {
        const value = precision[((t * levels + r) * classCount + c) * areas + area]!
        if (value < 0) continue
        sum += value
        count++
      }
    }
  }
  return count === 0 ? -1 : sum / count
}

/** The same of each class, in one pass over precision as it lies there. */
function classMeans({ precision, shape }: CocoCurves, thresholds: number[], area: number): Float64Array {
  const [, levels, classCount, areas] = shape
  const means = new Float64Array(classCount)
  for (const t of thresholds) {
    for (let at = t * levels * classCount, end = at + levels * classCount, c = 0; at < end; at++) {
      // A class has ground truth at every level or at none.
      means[c]! += precision[at * areas + area]!
      c = c + 1 === classCount ? 0 : c + 1
    }
  }
  for (let c = 0; c < classCount; c++) means[c]! /= levels * thresholds.length
  return means
}

function recallMean({ recall, shape }: CocoCurves, area: number, limit: number): number {
  const [thresholds, , classCount, areas, limits] = shape
  let sum = 0
  let count = 0
  for (let row = 0; row < thresholds * classCount; row++) {
    const value = recall[(row * areas + area) * limits + limit]!
    if (value < 0) continue
    sum += value
    count++
  }
  return count === 0 ? -1 : sum / count
}
