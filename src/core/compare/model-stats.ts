import type { ComparisonBody } from '../documents/evaluation.ts'
import { matchDetections } from '../metrics/coco-match.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { prepareWeightedStats, weightedStats } from '../metrics/weighted-stats.ts'
import { drawCounts } from '../stats/bootstrap.ts'
import { seededRandom } from '../stats/random.ts'
import { type Difference, differenceOf } from './difference.ts'
import { clusterCount } from './model-bootstrap.ts'

/** COCO's twelve numbers by the names of its own table, in its order. */
export const statNames = [
  'AP',
  'AP50',
  'AP75',
  'APs',
  'APm',
  'APl',
  'AR1',
  'AR10',
  'AR100',
  'ARs',
  'ARm',
  'ARl',
] as const
export type StatDifference = { stat: (typeof statNames)[number] } & Difference

export type StatsToCompare = {
  truth: TruthColumns
  baseline: DetectionColumns
  candidate: DetectionColumns
  /** Cluster (scene) of every image, numbered from 0 without gaps. */
  clusters: Int32Array
  resamples: number
  seed: number
  level: number
  unit: ComparisonBody['unit']
}

/** Candidate minus baseline in all twelve numbers, each with its interval, all from the same draws of whole clusters.
 * Numbers without ground truth are left out. */
export function compareStats(input: StatsToCompare): StatDifference[] {
  const { truth, clusters, resamples, seed, level, unit } = input
  const [first, second] = [input.baseline, input.candidate].map((detections) =>
    prepareWeightedStats(truth, detections, matchDetections(truth, detections)),
  ) as [ReturnType<typeof prepareWeightedStats>, ReturnType<typeof prepareWeightedStats>]
  const weights = new Uint32Array(truth.imageCount).fill(1)
  const [baseline, candidate] = [weightedStats(first, weights), weightedStats(second, weights)]
  const drawn = statNames.map((): number[] => [])
  const units = clusterCount(clusters)
  const random = seededRandom(seed)
  const counts = new Uint32Array(units)
  for (let i = 0; i < resamples; i++) {
    drawCounts(random, counts)
    for (let image = 0; image < weights.length; image++) weights[image] = counts[clusters[image]!]!
    const [a, b] = [weightedStats(first, weights), weightedStats(second, weights)]
    for (let s = 0; s < drawn.length; s++) if (a[s]! >= 0) drawn[s]!.push(b[s]! - a[s]!)
  }
  return statNames.flatMap((stat, s) => {
    if (baseline[s]! < 0) return []
    const of = { baseline: [baseline[s]!], candidate: [candidate[s]!], resampled: drawn[s]!, level, units, unit }
    return [{ stat, ...differenceOf(of) }]
  })
}
