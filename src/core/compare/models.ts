import type { ComparisonBody } from '../documents/evaluation.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import type { Slicing } from '../metrics/slices.ts'
import { fewUnits, smallSampleFactor } from '../stats/bootstrap.ts'
import { type DifferenceInput, differenceOf, varianceParts } from './difference.ts'
import { clusterCount, resampleDifference, type Scores } from './model-bootstrap.ts'
import { imageFlips } from './model-flips.ts'
import { compareSlices } from './slices.ts'

export type ModelsToCompare = {
  truth: TruthColumns
  baseline: DetectionColumns
  candidate: DetectionColumns
  /** The same recipe trained with other seeds, on the same images; their scores are averaged with the first's. */
  furtherSeeds?: { baseline: readonly DetectionColumns[]; candidate: readonly DetectionColumns[] }
  /** Cluster (scene) of every image, numbered from 0 without gaps: what is drawn as a whole. */
  clusters: Int32Array
  classNames: readonly string[]
  imageNames: readonly string[]
  /** Ways to group images (camera, source, …), for differences by slice; none are computed without. */
  slicings?: readonly Slicing[]
  resamples?: number
  /** Draws within each slice: a standard error needs fewer than the ends of an interval. */
  sliceResamples?: number
  seed?: number
  metric?: ComparisonBody['metric']
  /** How the ends of an interval are found; of several seeds it is Student's t either way. */
  interval?: 'percentile' | 'bca'
  names?: { baseline: string; candidate: string }
}

const level = 0.95
const point = { confidence: 0.25, iou: 0.5 }

/** Candidate minus baseline in mean AP, overall and by class, each with a clustered bootstrap interval. */
export function compareModels(input: ModelsToCompare): ComparisonBody {
  const { truth, baseline, candidate, clusters, classNames, imageNames } = input
  const { resamples = 1000, sliceResamples = 200, seed = 0, metric = 'map' } = input
  const names = input.names ?? { baseline: 'champion', candidate: 'candidate' }
  const units = clusterCount(clusters)
  const thresholds = metric === 'map' ? 10 : 1
  const arms = {
    baseline: [baseline, ...(input.furtherSeeds?.baseline ?? [])],
    candidate: [candidate, ...(input.furtherSeeds?.candidate ?? [])],
  }
  const drawn = resampleDifference(truth, arms, clusters, {
    resamples,
    seed,
    thresholds,
    jackknife: input.interval === 'bca',
  })
  const present = classNames.map((_, c) => c).filter((c) => drawn.baseline[0]!.perClass[c]! >= 0)
  const unit = units === imageNames.length ? 'image' : 'scene'
  const inputOf = (of: (scores: Scores) => number): Pick<DifferenceInput, 'baseline' | 'candidate' | 'unit'> => ({
    ...{ baseline: drawn.baseline.map(of), candidate: drawn.candidate.map(of), unit },
  })
  const overall: DifferenceInput = {
    ...inputOf((scores) => scores.overall),
    ...{ resampled: drawn.overall, jackknife: drawn.jackknife?.overall, level, units },
  }
  const severalSeeds = input.furtherSeeds !== undefined && units >= 2 && drawn.overall.length >= 2
  const classLevel = 1 - (1 - level) / Math.max(1, present.length)
  const absent = classNames.filter((_, c) => !present.includes(c))
  return {
    ...names,
    metric,
    unit,
    units,
    images: truth.imageCount,
    resamples,
    seed,
    ...(input.furtherSeeds ? { seeds: { baseline: arms.baseline.length, candidate: arms.candidate.length } } : {}),
    ...(severalSeeds ? { variance: varianceOf(overall) } : {}),
    overall: { className: 'all', ...differenceOf(overall) },
    perClass: present.map((c) => ({
      className: classNames[c]!,
      ...differenceOf({
        ...inputOf((scores) => scores.perClass[c]!),
        ...{ resampled: drawn.perClass[c]!, jackknife: drawn.jackknife?.perClass[c] },
        ...{ level: classLevel, units: unitsWith(truth, clusters, c) },
      }),
    })),
    ...(input.slicings
      ? { slices: compareSlices({ ...input, slicings: input.slicings, thresholds, resamples: sliceResamples, seed }) }
      : {}),
    flips: imageFlips(truth, { baseline, candidate }, imageNames, point),
    notes: [
      ...notesOf(units, unit, present.length, classLevel, absent, arms.candidate.length),
      ...(input.furtherSeeds && input.slicings ? ['Slices and flips are those of the first seed of each arm.'] : []),
    ],
  }
}

/** Variance of the overall difference from drawn units and from training seeds. */
function varianceOf(overall: DifferenceInput): NonNullable<ComparisonBody['variance']> {
  const { ofUnits, ofSeeds } = varianceParts(overall)
  return { units: ofUnits.variance, seeds: ofSeeds.reduce((sum, { variance }) => sum + variance, 0) }
}

/** Scenes that hold ground truth of a class: the units that its AP rests on. */
function unitsWith(truth: TruthColumns, clusters: Int32Array, classId: number): number {
  const seen = new Set<number>()
  for (let row = 0; row < truth.count; row++) {
    if (truth.classId[row] === classId && !truth.crowd[row]) seen.add(clusters[truth.image[row]!]!)
  }
  return seen.size
}

function notesOf(
  units: number,
  unit: string,
  classes: number,
  classLevel: number,
  absent: string[],
  seeds: number,
): string[] {
  const notes = [
    seeds > 1
      ? `The intervals speak of this recipe, over ${seeds} training seeds, on more images like these.`
      : 'One training seed: the intervals speak of these weights on more images like these, not of another seed.',
    `Images count as fixed or broken at confidence ${point.confidence} and IoU ${point.iou}.`,
  ]
  if (classes > 1) {
    notes.push(
      `Intervals by class are at ${(100 * classLevel).toFixed(2)} % (Bonferroni over ${classes} classes), so that all of them hold together at ${100 * level} %.`,
    )
  }
  if (units < 2) notes.push(`One ${unit} gives no interval: nothing is known of how ${unit}s differ.`)
  else if (units < fewUnits) {
    notes.push(
      `Only ${units} ${unit}s: intervals are widened by √(n/(n−1))·t/z, a factor of ${smallSampleFactor(units, level).toFixed(2)} overall, since a percentile bootstrap of few units is too narrow.`,
    )
  }
  if (absent.length > 0) notes.push(`Left out, without ground truth: ${absent.join(', ')}.`)
  return notes
}
