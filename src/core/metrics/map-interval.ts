import type { EvaluationBody } from '../documents/evaluation.ts'
import { drawCounts, percentileBounds } from '../stats/bootstrap.ts'
import { seededRandom } from '../stats/random.ts'
import type { Matching } from './coco-match.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from './weighted-ap.ts'

type Interval = NonNullable<EvaluationBody['mapInterval']>
type Bounds = Interval['overall']['map']

/**
 * How sure AP is on images like these: one-sided bounds of one model's AP, overall and by class, by a bootstrap that
 * draws whole scenes. It says nothing of another training seed. `matching` is COCO's, all areas first.
 */
export function mapInterval(
  truth: TruthColumns,
  detections: DetectionColumns,
  matching: Matching,
  names: { scenes: readonly string[]; classes: readonly string[] },
  { resamples, seed }: { resamples: number; seed: number },
): Interval {
  const { scenes, classes } = names
  const numbers = new Map([...new Set(scenes)].map((scene, i) => [scene, i]))
  const cluster = Int32Array.from(scenes, (scene) => numbers.get(scene)!)
  const input = prepareWeighted(truth, detections, matching)
  const weights = new Uint32Array(truth.imageCount).fill(1)
  const ap = new Float64Array(classes.length)
  /** By threshold count, then overall and each class: the value at hand, and those of the resamples. */
  const tables = [10, 1].map((thresholds) => {
    weightedAp(input, weights, thresholds, ap)
    const values = [meanOfPresent(ap), ...ap]
    return { thresholds, values, drawn: values.map((): number[] => []) }
  })
  const random = seededRandom(seed)
  const counts = new Uint32Array(numbers.size)
  for (let i = 0; i < resamples; i++) {
    drawCounts(random, counts)
    for (let image = 0; image < weights.length; image++) weights[image] = counts[cluster[image]!]!
    for (const { thresholds, drawn } of tables) {
      weightedAp(input, weights, thresholds, ap)
      const all = [meanOfPresent(ap), ...ap]
      all.forEach((value, k) => {
        if (value >= 0) drawn[k]!.push(value)
      })
    }
  }
  const units = classes.map((_, c) => scenesWith(truth, cluster, c))
  const boundsOf = (k: number, of: number) => {
    const [map, map50] = tables.map(({ values, drawn }) => shareBounds(values[k]!, drawn[k]!, of))
    return { map: map as Bounds, map50: map50 as Bounds }
  }
  return {
    unit: numbers.size === truth.imageCount ? 'image' : 'scene',
    units: numbers.size,
    resamples,
    seed,
    overall: boundsOf(0, numbers.size),
    perClass: classes.map((className, c) => ({ className, units: units[c]!, ...boundsOf(c + 1, units[c]!) })),
  }
}

/**
 * Null where there is no value, or fewer than two scenes. AP of few objects is too high, and of a resample, which holds
 * fewer different ones, higher still by about as much again: the draws are moved down by twice what they are above the
 * value. AP is from 0 to 1, whatever the widening says.
 */
function shareBounds(value: number, drawn: number[], units: number): Bounds {
  if (value < 0 || drawn.length === 0) return null
  const bias = drawn.reduce((sum, one) => sum + one, 0) / drawn.length - value
  const bounds = percentileBounds(
    value,
    drawn.map((one) => one - 2 * bias),
    units,
  )
  return bounds && { lower95: Math.max(0, bounds.lower95), upper99: Math.min(1, bounds.upper99) }
}

function scenesWith(truth: TruthColumns, cluster: Int32Array, classId: number): number {
  const seen = new Set<number>()
  for (let row = 0; row < truth.count; row++) {
    if (truth.classId[row] === classId && !truth.crowd[row]) seen.add(cluster[truth.image[row]!]!)
  }
  return seen.size
}
