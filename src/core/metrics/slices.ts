import type { Matching } from './coco-match.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from './weighted-ap.ts'

/** A way to group images, e.g. by camera: the value of every image, null where it is unknown. */
export type Slicing = { slice: string; values: (string | null)[] }
export type SliceScore = { slice: string; value: string; images: number; map: number; map50: number }

/** Mean AP of every group of images on its own, groups by name; -1 where a group has no ground truth. */
export function scoreSlices(
  truth: TruthColumns,
  detections: DetectionColumns,
  matching: Matching,
  slicings: Slicing[],
): SliceScore[] {
  const input = prepareWeighted(truth, detections, matching)
  const perClass = new Float64Array(truth.classCount)
  const score = (weights: Uint8Array, thresholds: number) => {
    weightedAp(input, weights, thresholds, perClass)
    return meanOfPresent(perClass)
  }
  return slicings.flatMap(({ slice, values }) =>
    [...new Set(values)]
      .filter((value) => value !== null)
      .sort()
      .map((value) => {
        const weights = Uint8Array.from({ length: truth.imageCount }, (_, image) => (values[image] === value ? 1 : 0))
        const images = weights.reduce((sum, weight) => sum + weight, 0)
        return { slice, value, images, map: score(weights, 10), map50: score(weights, 1) }
      }),
  )
}
