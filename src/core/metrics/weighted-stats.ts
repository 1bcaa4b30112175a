import type { Matching } from './coco-match.ts'
import { iouThresholds, recallLevels } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { prepareWeighted, scoreClass, type WeightedInput } from './weighted-ap.ts'

const thresholds = iouThresholds.length

/** One model's matched detections in each of COCO's area ranges, in their order. */
export function prepareWeightedStats(
  truth: TruthColumns,
  detections: DetectionColumns,
  matching: Matching,
): WeightedInput[] {
  return matching.ranges.map((_, range) => prepareWeighted(truth, detections, matching, range))
}

/** COCO's twelve numbers as if every image stood in the set as often as its weight says, in COCO's order; -1 without
 * ground truth. `inputs` are those of all four area ranges. */
export function weightedStats(inputs: readonly WeightedInput[], weights: ArrayLike<number>): number[] {
  const areas = inputs.map((input) => areaMeans(input, weights))
  const [all, small, medium, large] = areas as [AreaMeans, AreaMeans, AreaMeans, AreaMeans]
  return [
    ...[all.ap, all.ap50, all.ap75, small.ap, medium.ap, large.ap],
    ...[...all.recall, small.recall[2]!, medium.recall[2]!, large.recall[2]!],
  ]
}

type AreaMeans = { ap: number; ap50: number; ap75: number; recall: number[] }

/** Means over thresholds and the classes that have ground truth in this range. */
function areaMeans(input: WeightedInput, weights: ArrayLike<number>): AreaMeans {
  const { sums, foundBy } = input.scratch
  const totals = { ap: 0, ap50: 0, ap75: 0 }
  const recall = [0, 0, 0]
  let present = 0
  for (let c = 0; c < input.classCount; c++) {
    const positives = scoreClass(input, weights, thresholds, c)
    if (positives === 0) continue
    present++
    for (let t = 0; t < thresholds; t++) totals.ap += sums[t]!
    totals.ap50 += sums[0]!
    totals.ap75 += sums[5]!
    for (let at = 0; at < foundBy.length; at++) recall[Math.floor(at / thresholds)]! += foundBy[at]! / positives
  }
  if (present === 0) return { ap: -1, ap50: -1, ap75: -1, recall: [-1, -1, -1] }
  const mean = (sum: number, of: number) => sum / (of * present)
  return {
    ap: mean(totals.ap, thresholds * recallLevels.length),
    ap50: mean(totals.ap50, recallLevels.length),
    ap75: mean(totals.ap75, recallLevels.length),
    recall: recall.map((sum) => mean(sum, thresholds)),
  }
}
