import { evaluateCoco } from '../core/metrics/coco-ap.ts'
import { areaRanges, detectionLimits, iouThresholds, recallLevels } from '../core/metrics/coco-parameters.ts'
import { scoresAtRecall } from '../core/metrics/coco-scores.ts'
import type { DetectionsToScore } from './score-detections.ts'

/**
 * The arrays that COCO's twelve numbers are means of, flat and in the reference code's order: precision and scores by
 * threshold, recall level, category and area, with 100 detections; recall by threshold, category, area and limit.
 */
export function cocoArrays({ truth, detections, classNames, categoryIds, zeroIdRow }: DetectionsToScore) {
  const { curves, matching } = evaluateCoco(truth, detections, zeroIdRow)
  return {
    iouThresholds: [...iouThresholds],
    recallLevels: [...recallLevels],
    categoryIds: categoryIds ?? classNames.map((_, c) => c),
    areas: areaRanges.map(({ name }) => name),
    detectionLimits: [...detectionLimits],
    precision: [...curves.precision],
    recall: [...curves.recall],
    scores: [...scoresAtRecall(matching, detections)],
  }
}
