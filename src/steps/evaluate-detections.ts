import type { EvaluationBody } from '../core/documents/evaluation.ts'
import { ratesByConfidence } from '../core/metrics/by-confidence.ts'
import { calibrate } from '../core/metrics/calibration.ts'
import type { CocoResult } from '../core/metrics/coco-ap.ts'
import { areaRanges, recallLevels } from '../core/metrics/coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from '../core/metrics/columns.ts'
import { mapInterval } from '../core/metrics/map-interval.ts'
import { rateInterval } from '../core/metrics/rate-interval.ts'
import { type Slicing, scoreSlices } from '../core/metrics/slices.ts'
import { tide } from '../core/metrics/tide.ts'
import { tideErrors } from '../core/metrics/tide-match.ts'
import { type DetectionsToScore, scoreDetections, usualPoint } from './score-detections.ts'

export type DetectionsToEvaluate = DetectionsToScore & {
  /** Scene of every image. */
  scenes: string[]
  slices: Slicing[]
  served: EvaluationBody['served']
  labelSource: string
  predictions?: EvaluationBody['predictions']
  /** Draws of scenes that say how sure AP is; none unless given, since they cost as much as the rest. */
  resamples?: number
  notes?: string[]
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
    slices: scoreSlices(truth, detections, coco.matching, input.slices, input.scenes),
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

/** Precision at 101 recall levels at IoU .5; empty for a class without ground truth. */
function precisionCurve({ curves, perClass }: CocoResult, classId: number): number[] {
  if (perClass[classId]! < 0) return []
  const stride = perClass.length * areaRanges.length
  return Array.from(recallLevels, (_, r) => curves.precision[r * stride + classId * areaRanges.length]!)
}
