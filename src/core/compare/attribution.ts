import type { AttributionBody } from '../documents/evaluation.ts'
import { matchDetections } from '../metrics/coco-match.ts'
import { areaRanges } from '../metrics/coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { emptyTruth } from '../metrics/make-columns.ts'
import type { PredictionSet } from '../metrics/predictions-file.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from '../metrics/weighted-ap.ts'
import { drawCounts } from '../stats/bootstrap.ts'
import { seededRandom } from '../stats/random.ts'
import { differenceOf } from './difference.ts'

export type ChangeToAttribute = {
  /** The champion on the old validation set, and on the new one. */
  before: PredictionSet
  after: PredictionSet
  /** As long a training without the new data, on the new validation set. */
  control?: PredictionSet
  candidate: PredictionSet
  resamples?: number
  seed?: number
}

type Step = AttributionBody['effects'][number]['effect']
type Arm = { map: (weightOf: (image: string) => number) => number }

/**
 * Where a change of mAP comes from: the champion on the old validation set, then with new labels on the images that it
 * had (labels), then on all of the new set (yardstick), then the control arm (training), then the candidate (data;
 * without a control arm both together are the model's effect). Each step is a difference of neighbours in this order, so
 * that they add up to the whole exactly. Intervals come from one draw of scenes for all steps.
 */
export function attributeChange(input: ChangeToAttribute): AttributionBody {
  const { before, after, control, candidate, resamples = 1000, seed = 0 } = input
  const relabelled = { ...before, truth: withLabelsOf(before, after) }
  const chain: { step: Step | null; arm: Arm }[] = [
    { step: null, arm: armOf(before) },
    { step: 'labels', arm: armOf(relabelled) },
    { step: 'yardstick', arm: armOf(after) },
    ...(control ? [{ step: 'training' as const, arm: armOf(control) }] : []),
    { step: control ? 'data' : 'model', arm: armOf(candidate) },
  ]
  const values = chain.map(({ arm }) => arm.map(() => 1))
  const sceneOf = new Map([...pairs(before), ...pairs(after)])
  const scenes = [...new Set(sceneOf.values())]
  const unitOf = new Map(scenes.map((scene, i) => [scene, i]))
  const drawn = chain.slice(1).map((): number[] => [])
  const whole: number[] = []
  const random = seededRandom(seed)
  const counts = new Uint32Array(scenes.length)
  for (let i = 0; i < resamples; i++) {
    drawCounts(random, counts)
    const scores = chain.map(({ arm }) => arm.map((image) => counts[unitOf.get(sceneOf.get(image)!)!]!))
    // A draw without ground truth on one side says nothing.
    if (scores.some((score) => score < 0)) continue
    for (let k = 1; k < scores.length; k++) drawn[k - 1]!.push(scores[k]! - scores[k - 1]!)
    whole.push(scores.at(-1)! - scores[0]!)
  }
  const unit = scenes.length === sceneOf.size ? 'image' : 'scene'
  const part = (from: number, to: number, resampled: number[]) => {
    const { difference, bounds } = differenceOf({
      ...{ baseline: [from], candidate: [to], resampled },
      ...{ level: 0.95, units: scenes.length, unit },
    })
    return { difference, ...(bounds ? { bounds } : {}) }
  }
  return {
    from: values[0]!,
    to: values.at(-1)!,
    total: part(values[0]!, values.at(-1)!, whole),
    effects: chain.slice(1).map(({ step }, k) => ({ effect: step!, ...part(values[k]!, values[k + 1]!, drawn[k]!) })),
    images: { before: before.images.length, after: after.images.length, both: common(before, after).size },
    unit,
    units: scenes.length,
    resamples,
    seed,
  }
}

const pairs = ({ images, scenes }: PredictionSet) => images.map((image, i) => [image, scenes[i]!] as const)

function common(a: PredictionSet, b: PredictionSet): Set<string> {
  const known = new Set(b.images)
  return new Set(a.images.filter((image) => known.has(image)))
}

function armOf({ images, truth, detections }: PredictionSet): Arm {
  const input = prepareWeighted(truth, detections, match(truth, detections))
  const perClass = new Float64Array(truth.classCount)
  const weights = new Uint32Array(images.length)
  return {
    map: (weightOf) => {
      for (const [i, image] of images.entries()) weights[i] = weightOf(image)
      weightedAp(input, weights, 10, perClass)
      return meanOfPresent(perClass)
    },
  }
}

function match(truth: TruthColumns, detections: DetectionColumns) {
  return matchDetections(truth, detections, { ranges: areaRanges.slice(0, 1) })
}

/** The truth of a set with the labels that another version has for the same images; its own where that has none. */
function withLabelsOf(set: PredictionSet, other: PredictionSet): TruthColumns {
  const place = new Map(set.images.map((image, i) => [image, i]))
  const known = new Set(other.images)
  const rows: { from: TruthColumns; row: number; image: number }[] = []
  for (let row = 0; row < set.truth.count; row++) {
    const image = set.truth.image[row]!
    if (!known.has(set.images[image]!)) rows.push({ from: set.truth, row, image })
  }
  for (let row = 0; row < other.truth.count; row++) {
    const image = place.get(other.images[other.truth.image[row]!]!)
    if (image !== undefined) rows.push({ from: other.truth, row, image })
  }
  const truth = emptyTruth(rows.length, set.images.length, set.classes.length)
  for (const [i, { from, row, image }] of rows.entries()) {
    truth.image[i] = image
    for (const key of ['classId', 'x', 'y', 'w', 'h', 'area', 'crowd'] as const) truth[key][i] = from[key][row]!
  }
  return truth
}
