import type { ComparisonBody } from '../documents/evaluation.ts'
import type { Estimate } from '../documents/schema.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { fewUnits, percentileBounds, percentileInterval, smallSampleFactor } from '../stats/bootstrap.ts'
import { clusterCount, resampleDifference } from './model-bootstrap.ts'
import { imageFlips } from './model-flips.ts'

export type ModelsToCompare = {
  truth: TruthColumns
  baseline: DetectionColumns
  candidate: DetectionColumns
  /** Cluster (scene) of every image, numbered from 0 without gaps: what is drawn as a whole. */
  clusters: Int32Array
  classNames: readonly string[]
  imageNames: readonly string[]
  resamples?: number
  seed?: number
  metric?: ComparisonBody['metric']
  names?: { baseline: string; candidate: string }
}

const level = 0.95
const point = { confidence: 0.25, iou: 0.5 }

/** Candidate minus baseline in mean AP, overall and by class, each with a clustered bootstrap interval. */
export function compareModels(input: ModelsToCompare): ComparisonBody {
  const { truth, baseline, candidate, clusters, classNames, imageNames } = input
  const { resamples = 1000, seed = 0, metric = 'map' } = input
  const names = input.names ?? { baseline: 'champion', candidate: 'candidate' }
  const units = clusterCount(clusters)
  const thresholds = metric === 'map' ? 10 : 1
  const drawn = resampleDifference(truth, { baseline, candidate }, clusters, { resamples, seed, thresholds })
  const present = classNames.map((_, c) => c).filter((c) => drawn.baseline.perClass[c]! >= 0)
  const classLevel = 1 - (1 - level) / Math.max(1, present.length)
  const unit = units === imageNames.length ? 'image' : 'scene'
  const absent = classNames.filter((_, c) => !present.includes(c))
  return {
    ...names,
    metric,
    unit,
    units,
    images: truth.imageCount,
    resamples,
    seed,
    overall: {
      className: 'all',
      baseline: drawn.baseline.overall,
      candidate: drawn.candidate.overall,
      ...differenceOf(drawn.candidate.overall - drawn.baseline.overall, drawn.overall, level, units, unit),
    },
    perClass: present.map((c) => {
      const [before, after] = [drawn.baseline.perClass[c]!, drawn.candidate.perClass[c]!]
      return {
        className: classNames[c]!,
        baseline: before,
        candidate: after,
        ...differenceOf(after - before, drawn.perClass[c]!, classLevel, unitsWith(truth, clusters, c), unit),
      }
    }),
    flips: imageFlips(truth, { baseline, candidate }, imageNames, point),
    notes: notesOf(units, unit, present.length, classLevel, absent),
  }
}

/** Scenes that hold ground truth of a class: the units that its AP rests on. */
function unitsWith(truth: TruthColumns, clusters: Int32Array, classId: number): number {
  const seen = new Set<number>()
  for (let row = 0; row < truth.count; row++) {
    if (truth.classId[row] === classId && !truth.crowd[row]) seen.add(clusters[truth.image[row]!]!)
  }
  return seen.size
}

type Difference = Pick<ComparisonBody['overall'], 'difference' | 'bounds'>

function differenceOf(value: number, resampled: number[], wanted: number, units: number, unit: string): Difference {
  const bounds = percentileBounds(value, resampled, units)
  return { difference: estimateOf(value, resampled, wanted, units, unit), ...(bounds ? { bounds } : {}) }
}

function estimateOf(value: number, resampled: number[], wanted: number, units: number, unit: string): Estimate {
  const interval = percentileInterval(value, resampled, wanted, units)
  return interval === null
    ? { value, n: units, method: `no interval: fewer than two ${unit}s` }
    : {
        value,
        ...interval,
        level: wanted,
        method: `paired percentile bootstrap of ${unit}s, reach times √(n/(n−1))·t/z`,
        n: units,
      }
}

function notesOf(units: number, unit: string, classes: number, classLevel: number, absent: string[]): string[] {
  const notes = [
    'The intervals speak of these weights on more images like these, not of another training seed.',
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
