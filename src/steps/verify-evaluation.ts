import { canonicalJson, type DocumentOf, sha256 } from '../core/documents/define.ts'
import type { evaluation } from '../core/documents/evaluation.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import { evaluateDetections } from './evaluate-detections.ts'

/**
 * Scores the predictions of an Evaluation again; EvidenceError when they are not those it names, or when its numbers do
 * not follow from them: then somebody wrote the document, not sluice.
 */
export function verifyEvaluation(
  document: DocumentOf<typeof evaluation>,
  predictionsJson: string,
  file = 'evaluation.json',
): void {
  const { body } = document
  const mend = 'evaluate again with sluice evaluate --evidence; evidence is never written by hand'
  if (body.predictions?.sha256 !== sha256(predictionsJson)) {
    throw new EvidenceError('these are not the predictions that the evaluation was computed from', {
      reason: 'other-subject',
      where: file,
      mend,
    })
  }
  const { truth, detections, classes, scenes } = decodePredictions(predictionsJson, body.predictions.file)
  const again = evaluateDetections({
    truth,
    detections,
    classNames: classes,
    scenes,
    slices: [],
    served: body.served,
    labelSource: body.labelSource,
    operatingPoint: body.operatingPoint,
  })
  for (const part of ['coco', 'ultralytics', 'perClass', 'images', 'scenes'] as const) {
    if (canonicalJson(again[part]) === canonicalJson(body[part])) continue
    throw new EvidenceError(`its numbers (${part}) do not follow from its predictions`, {
      reason: 'malformed',
      where: file,
      mend,
    })
  }
}
