import { type DocumentOf, sha256 } from '../core/documents/define.ts'
import type { evaluation } from '../core/documents/evaluation.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import { evaluateDetections } from './evaluate-detections.ts'

const mend = 'evaluate again with sluice evaluate --evidence; evidence is never written by hand'
const parts = ['coco', 'ultralytics', 'perClass', 'images', 'scenes'] as const
/** Parts that an evaluation may lack; where it states them, a gate may rest on them. */
const further = ['errors', 'calibration', 'mapInterval', 'rateInterval'] as const
/** More draws than sluice makes are no reason to draw for hours. */
const mostResamples = 2000
/** Further apart than rounding on another machine brings numbers between 0 and 1. */
const tolerance = 1e-9

/** Scores the predictions of an Evaluation again; EvidenceError when they are other ones or give other numbers. */
export function verifyEvaluation(
  document: DocumentOf<typeof evaluation>,
  predictionsJson: string,
  file = 'evaluation.json',
): void {
  const { predictions } = document.body
  if (predictions?.sha256 !== sha256(predictionsJson)) {
    throw new EvidenceError('these are not the predictions that the evaluation was computed from', {
      reason: 'other-subject',
      where: file,
      mend,
    })
  }
  verifyNumbers(document, decodePredictions(predictionsJson, predictions.file), file)
}

/** EvidenceError unless the numbers of an Evaluation follow from its predictions: else sluice did not write them. */
export function verifyNumbers(
  { body }: DocumentOf<typeof evaluation>,
  predictions: PredictionSet,
  file = 'evaluation.json',
): void {
  const { truth, detections, classes, scenes } = predictions
  const { served, labelSource, operatingPoint } = body
  const again = evaluateDetections({
    truth,
    detections,
    classNames: classes,
    scenes,
    slices: [],
    served,
    labelSource,
    operatingPoint,
    ...(body.mapInterval ? { resamples: Math.min(mostResamples, body.mapInterval.resamples) } : {}),
  })
  const stated = further.filter((part) => body[part] !== undefined)
  for (const part of [...parts, ...stated]) {
    if (same(again[part], body[part])) continue
    throw new EvidenceError(`its numbers (${part}) do not follow from its predictions`, {
      reason: 'malformed',
      where: file,
      mend,
    })
  }
}

/** Whether numbers are those computed, but for rounding: what is computed must be stated so; what is stated beyond it, by another version of sluice, is not looked at. */
export function same(computed: unknown, stated: unknown): boolean {
  if (typeof computed === 'number') return typeof stated === 'number' && Math.abs(computed - stated) <= tolerance
  if (computed === null || typeof computed !== 'object') return computed === stated
  if (stated === null || typeof stated !== 'object') return false
  if (Array.isArray(computed) && (!Array.isArray(stated) || stated.length !== computed.length)) return false
  const record = stated as Record<string, unknown>
  return Object.entries(computed).every(([key, value]) => Object.hasOwn(record, key) && same(value, record[key]))
}
