import type { Matching } from './coco-match.ts'
import { maxDetections } from './coco-parameters.ts'
import type { DetectionColumns } from './columns.ts'

/** Confidences at which precision and recall are told: 0, .01, … .99. */
export const confidenceSteps = 100

export type ByConfidence = {
  /** By step: of the detections at or above it, the share of hits; −1 where there is none. */
  precision: number[]
  recall: number[]
}

/**
 * Precision and recall of each class when everything below a confidence is dropped, at IoU 0.5 and in one pass: COCO
 * matches by falling score, so that what is dropped never changes what is kept. Empty for a class without ground truth.
 */
export function ratesByConfidence(matching: Matching, { score }: DetectionColumns): ByConfidence[] {
  const { classCount, classStart, row, rank, matched, ignored, ranges, positives } = matching
  return Array.from({ length: classCount }, (_, c) => {
    const all = positives[c * ranges.length]!
    const rates: ByConfidence = { precision: [], recall: [] }
    if (all === 0) return rates
    let at = classStart[c]!
    let [hits, counted] = [0, 0]
    for (let step = confidenceSteps - 1; step >= 0; step--) {
      for (; at < classStart[c + 1]! && score[row[at]!]! >= step / confidenceSteps; at++) {
        const place = at * ranges.length
        if (rank[at]! >= maxDetections || ignored[place]! & 1) continue
        counted++
        if (matched[place]! & 1) hits++
      }
      rates.precision[step] = counted === 0 ? -1 : hits / counted
      rates.recall[step] = hits / all
    }
    return rates
  })
}
