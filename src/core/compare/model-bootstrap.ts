import { matchDetections } from '../metrics/coco-match.ts'
import { areaRanges } from '../metrics/coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { meanOfPresent, prepareWeighted, type WeightedInput, weightedAp } from '../metrics/weighted-ap.ts'
import { drawCounts } from '../stats/bootstrap.ts'
import { seededRandom } from '../stats/random.ts'

/** AP of one model: overall, and by class; -1 where there is no ground truth. */
export type Scores = { overall: number; perClass: Float64Array }

export type Resampled = {
  /** A score a training seed. */
  baseline: Scores[]
  candidate: Scores[]
  /** Candidate minus baseline in each resample, each the mean over its seeds. */
  overall: number[]
  /** By class, without the resamples that held no ground truth of it. */
  perClass: number[][]
  /** Candidate minus baseline without one group of clusters each, where it was asked for: overall, and by class. */
  jackknife?: { overall: number[]; perClass: number[][] }
}

/** Groups of clusters that a jackknife leaves out in turn: enough for a skewness. */
const mostGroups = 200

/** Paired bootstrap of candidate minus baseline: all models are scored on the same draws of whole clusters. */
export function resampleDifference(
  truth: TruthColumns,
  arms: { baseline: readonly DetectionColumns[]; candidate: readonly DetectionColumns[] },
  clusters: Int32Array,
  settings: { resamples: number; seed: number; thresholds: number; jackknife?: boolean },
): Resampled {
  const { resamples, seed, thresholds } = settings
  const ready = (detections: DetectionColumns) =>
    prepareWeighted(truth, detections, matchDetections(truth, detections, { ranges: areaRanges.slice(0, 1) }))
  const [first, second] = [arms.baseline.map(ready), arms.candidate.map(ready)]
  const weights = new Uint32Array(truth.imageCount).fill(1)
  const baseline = first.map((input) => score(input, weights, thresholds))
  const candidate = second.map((input) => score(input, weights, thresholds))
  const random = seededRandom(seed)
  const counts = new Uint32Array(clusterCount(clusters))
  const [a, b, one] = [0, 1, 2].map(() => new Float64Array(truth.classCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  /** Differences under one set of weights after the other, which `next` sets by cluster. */
  const differences = (rounds: number, next: (round: number) => void) => {
    const overall: number[] = []
    const perClass = Array.from({ length: truth.classCount }, (): number[] => [])
    for (let round = 0; round < rounds; round++) {
      next(round)
      for (let image = 0; image < weights.length; image++) weights[image] = counts[clusters[image]!]!
      meanAp(first, weights, thresholds, a, one)
      meanAp(second, weights, thresholds, b, one)
      if (a.some((ap) => ap >= 0)) overall.push(meanOfPresent(b) - meanOfPresent(a))
      for (let c = 0; c < perClass.length; c++) if (a[c]! >= 0) perClass[c]!.push(b[c]! - a[c]!)
    }
    return { overall, perClass }
  }
  const drawn = differences(resamples, () => drawCounts(random, counts))
  if (!settings.jackknife) return { baseline, candidate, ...drawn }
  const groups = Math.min(mostGroups, counts.length)
  const jackknife = differences(groups, (group) => {
    for (let cluster = 0; cluster < counts.length; cluster++) counts[cluster] = cluster % groups === group ? 0 : 1
  })
  return { baseline, candidate, ...drawn, jackknife }
}

/** Clusters are numbered from 0; a number that no image has would only dilute the draws. */
export function clusterCount(clusters: Int32Array): number {
  return clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0)
}

/** AP by class, averaged over seeds; classes without ground truth lack it for every seed alike. */
function meanAp(
  inputs: readonly WeightedInput[],
  weights: Uint32Array,
  thresholds: number,
  into: Float64Array,
  one: Float64Array,
): void {
  into.fill(0)
  for (const input of inputs) {
    weightedAp(input, weights, thresholds, one)
    for (let c = 0; c < into.length; c++) into[c]! += one[c]! / inputs.length
  }
}

function score(input: WeightedInput, weights: Uint32Array, thresholds: number): Scores {
  const perClass = new Float64Array(input.classCount)
  weightedAp(input, weights, thresholds, perClass)
  return { overall: meanOfPresent(perClass), perClass }
}
