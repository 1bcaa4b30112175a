import type { EvaluationBody } from '../core/documents/evaluation.ts'
import { ratesByConfidence } from '../core/metrics/by-confidence.ts'
import { calibrate } from '../core/metrics/calibration.ts'
import { type CocoResult, evaluateCoco } from '../core/metrics/coco-ap.ts'
import { areaRanges, recallLevels } from '../core/metrics/coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from '../core/metrics/columns.ts'
import type { DetectionOrder } from '../core/metrics/detection-order.ts'
import { mapInterval } from '../core/metrics/map-interval.ts'
import { countAtPoint, type OperatingPoint, ratesOf } from '../core/metrics/operating-point.ts'
import { rateInterval } from '../core/metrics/rate-interval.ts'
import { type Slicing, scoreSlices } from '../core/metrics/slices.ts'
import { tide } from '../core/metrics/tide.ts'
import { tideErrors } from '../core/metrics/tide-match.ts'
import { evaluateUltralytics } from '../core/metrics/ultralytics-ap.ts'
import { groupByKey } from '../core/stats/order.ts'

export type DetectionsToEvaluate = {
  truth: TruthColumns
  detections: DetectionColumns
  classNames: string[]
  /** Scene of every image. */
  scenes: string[]
  slices: Slicing[]
  served: EvaluationBody['served']
  labelSource: string
  /** Key of each class in `coco.perClass` and `ultralytics.perClass`; its index unless given. */
  categoryIds?: (string | number)[]
  operatingPoint?: OperatingPoint
  predictions?: EvaluationBody['predictions']
  /** Row whose annotation id is 0 in a COCO file. */
  zeroIdRow?: number
  /** Draws of scenes that say how sure AP is; none unless given, since they cost as much as the rest. */
  resamples?: number
  notes?: string[]
}

/** Where precision and recall by class are read unless told otherwise. */
export const usualPoint: OperatingPoint = { confidence: 0.25, iou: 0.5 }

/** What a terminal and `--json` show of an evaluation: COCO's and Ultralytics' numbers and those at one confidence. */
export type Scores = Pick<EvaluationBody, 'coco' | 'ultralytics' | 'perClass' | 'operatingPoint'>

type DetectionsToScore = Omit<DetectionsToEvaluate, 'scenes' | 'slices' | 'served' | 'labelSource'>

const keysOf = ({ categoryIds, classNames }: DetectionsToScore) =>
  (categoryIds ?? classNames.map((_, c) => c)).map(String)

/** COCO's twelve numbers and AP by class: what its reference code computes, and nothing else. */
export function scoreAsCoco(input: DetectionsToScore): Pick<Scores, 'coco'> {
  return { coco: cocoOf(input, evaluateCoco(input.truth, input.detections, input.zeroIdRow)) }
}

/** Ultralytics' numbers, and nothing else. */
export function scoreAsUltralytics(input: DetectionsToScore): Pick<Scores, 'ultralytics'> {
  return { ultralytics: ultralyticsOf(input) }
}

function cocoOf(input: DetectionsToScore, { stats, perClass }: CocoResult): Scores['coco'] {
  return { stats, perClass: Object.fromEntries(keysOf(input).map((key, c) => [key, perClass[c]!])) }
}

function ultralyticsOf(input: DetectionsToScore, order?: DetectionOrder): Scores['ultralytics'] {
  const keys = keysOf(input)
  const { confidence: _, perClass, ...means } = evaluateUltralytics(input.truth, input.detections, order)
  return {
    ...means,
    perClass: Object.fromEntries(perClass.map(({ classId, ...numbers }) => [keys[classId]!, numbers])),
  }
}

/** The numbers alone, at half the cost of everything. */
export function scoreDetections(input: DetectionsToScore) {
  const { truth, detections, classNames, zeroIdRow } = input
  const operatingPoint = input.operatingPoint ?? usualPoint
  const coco = evaluateCoco(truth, detections, zeroIdRow)
  const counts = countAtPoint(truth, detections, operatingPoint)
  const present = presence(truth)
  const scores: Scores = {
    coco: cocoOf(input, coco),
    ultralytics: ultralyticsOf(input, coco.matching),
    perClass: classNames.map((className, c) => ({
      className,
      ...present[c]!,
      ap: coco.perClass[c]!,
      ap50: coco.perClass50[c]!,
      ...ratesOf(counts, c),
    })),
    operatingPoint,
  }
  return { scores, coco, counts }
}

/** Everything an Evaluation says, from ground truth and detections alone. */
export function evaluateDetections(input: DetectionsToEvaluate): EvaluationBody {
  const { truth, detections, classNames } = input
  const { scores, coco, counts } = scoreDetections(input)
  return {
    ...scores,
    images: truth.imageCount,
    scenes: new Set(input.scenes).size,
    classes: classNames,
    confusion: counts.confusion,
    curves: classNames.map((className, c) => ({ className, precision: precisionCurve(coco, c) })),
    byConfidence: byConfidenceOf(coco, detections, classNames),
    slices: scoreSlices(truth, detections, coco.matching, input.slices),
    served: input.served,
    labelSource: input.labelSource,
    predictions: input.predictions ?? null,
    errors: errorsOf(truth, detections),
    calibration: calibrationOf(coco, detections, input.scenes),
    ...(input.resamples ? intervalsOf(input, coco, input.resamples) : {}),
    ...(input.notes?.length ? { notes: input.notes } : {}),
  }
}

/** Rounded to 1e-4, which a curve doesn't show: it would be the larger part of the document. */
function byConfidenceOf(
  { matching }: CocoResult,
  detections: DetectionColumns,
  classNames: readonly string[],
): NonNullable<EvaluationBody['byConfidence']> {
  const rounded = (values: number[]) => values.map((value) => Math.round(value * 1e4) / 1e4)
  return ratesByConfidence(matching, detections).map(({ precision, recall }, c) => ({
    className: classNames[c] ?? String(c),
    precision: rounded(precision),
    recall: rounded(recall),
  }))
}

function errorsOf(truth: TruthColumns, detections: DetectionColumns): NonNullable<EvaluationBody['errors']> {
  const { counts, loss } = tide(truth, detections)
  return tideErrors.map((type) => ({ type, count: counts[type], loss: loss[type] }))
}

function intervalsOf(
  { truth, detections, scenes, classNames, operatingPoint }: DetectionsToEvaluate,
  { matching }: CocoResult,
  resamples: number,
): Pick<EvaluationBody, 'mapInterval' | 'rateInterval'> {
  const names = { scenes, classes: classNames }
  const draws = { resamples, seed: 0 }
  return {
    mapInterval: mapInterval(truth, detections, matching, names, draws),
    rateInterval: rateInterval(truth, detections, operatingPoint ?? usualPoint, names, draws),
  }
}

/** Whole scenes fit the temperature or prove it, every second one in order of appearance. */
function calibrationOf(
  { matching }: CocoResult,
  detections: DetectionColumns,
  scenes: readonly string[],
): NonNullable<EvaluationBody['calibration']> {
  const order = new Map([...new Set(scenes)].map((scene, i) => [scene, i]))
  const half = (image: number) => ((order.get(scenes[image] as string) ?? image) % 2 === 0 ? 0 : 1)
  const { iou: _, temperature, ...rest } = calibrate(matching, detections, half)
  return { ...rest, ...(temperature ? { temperature } : {}) }
}

/** Ground truth of each class without crowds, and the images that hold some. */
function presence(truth: TruthColumns): { images: number; boxes: number }[] {
  const { start, members } = groupByKey(truth.classId, truth.classCount)
  const seenBy = new Int32Array(truth.imageCount).fill(-1)
  return Array.from({ length: truth.classCount }, (_, c) => {
    let [images, boxes] = [0, 0]
    for (let i = start[c]!; i < start[c + 1]!; i++) {
      const row = members[i]!
      if (truth.crowd[row]) continue
      boxes++
      if (seenBy[truth.image[row]!] !== c) images++
      seenBy[truth.image[row]!] = c
    }
    return { images, boxes }
  })
}

/** Precision at 101 recall levels at IoU .5; empty for a class without ground truth. */
function precisionCurve({ curves, perClass }: CocoResult, classId: number): number[] {
  if (perClass[classId]! < 0) return []
  const stride = perClass.length * areaRanges.length
  return Array.from(recallLevels, (_, r) => curves.precision[r * stride + classId * areaRanges.length]!)
}
