import { matchDetections } from '../metrics/coco-match.ts'
import { areaRanges } from '../metrics/coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { meanOfPresent, prepareWeighted, type WeightedInput, weightedAp } from '../metrics/weighted-ap.ts'
import { drawCounts } from '../stats/bootstrap.ts'
import { seededRandom } from '../stats/random.ts'

/** AP of one model: overall, and by class; -1 where there is no ground truth. */
type Scores = { overall: number; perClass: Float64Array }

export type Resampled = {
  baseline: Scores
  candidate: Scores
  /** Candidate minus baseline in each resample. */
  overall: number[]
  /** By class, without the resamples that held no ground truth of it. */
  perClass: number[][]
}

/** Paired bootstrap of candidate minus baseline: both models are scored on the same draws of whole clusters. */
export function resampleDifference(
  truth: TruthColumns,
  arms: { baseline: DetectionColumns; candidate: DetectionColumns },
  clusters: Int32Array,
  settings: { resamples: number; seed: number; thresholds: number },
): Resampled {
  const { resamples, seed, thresholds } = settings
  const ready = (detections: DetectionColumns) =>
    prepareWeighted(truth, detections, matchDetections(truth, detections, { ranges: areaRanges.slice(0, 1) }))
  const [first, second] = [ready(arms.baseline), ready(arms.candidate)]
  const weights = new Uint32Array(truth.imageCount).fill(1)
  const baseline = score(first, weights, thresholds)
  const candidate = score(second, weights, thresholds)
  const overall: number[] = []
  const perClass = Array.from({ length: truth.classCount }, (): number[] => [])
  const random = seededRandom(seed)
  const counts = new Uint32Array(clusterCount(clusters))
  const [a, b] = [new Float64Array(truth.classCount), new Float64Array(truth.classCount)]
  for (let i = 0; i < resamples; i++) {
    drawCounts(random, counts)
    for (let image = 0; image < weights.length; image++) weights[image] = counts[clusters[image]!]!
    weightedAp(first, weights, thresholds, a)
    weightedAp(second, weights, thresholds, b)
    if (a.some((ap) => ap >= 0)) overall.push(meanOfPresent(b) - meanOfPresent(a))
    for (let c = 0; c < perClass.length; c++) if (a[c]! >= 0) perClass[c]!.push(b[c]! - a[c]!)
  }
  return { baseline, candidate, overall, perClass }
}

/** Clusters are numbered from 0; a number that no image has would only dilute the draws. */
export function clusterCount(clusters: Int32Array): number {
  return clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0)
}

function score(input: WeightedInput, weights: Uint32Array, thresholds: number): Scores {
  const perClass = new Float64Array(input.classCount)
  weightedAp(input, weights, thresholds, perClass)
  return { overall: meanOfPresent(perClass), perClass }
}
