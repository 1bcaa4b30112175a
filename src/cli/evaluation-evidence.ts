import { basename, dirname, join } from 'node:path'
import { writeJson, writeWhole } from '../adapters/files.ts'
import { type Subject, sha256 } from '../core/documents/define.ts'
import { evaluation } from '../core/documents/evaluation.ts'
import { encodePredictions } from '../core/metrics/predictions-file.ts'
import { evaluateDetections } from '../steps/evaluate-detections.ts'
import type { DetectionsToScore, Scores } from '../steps/score-detections.ts'

/** Writes the document, and the predictions beside it, which it names by their digest. */
export function writeEvaluation(
  file: string,
  truthBytes: Uint8Array,
  images: string[],
  scored: DetectionsToScore & { notes: string[] },
): Scores {
  const { classNames: classes, truth, detections } = scored
  const beside = `${basename(file, '.json')}.predictions.json`
  const encoded = encodePredictions({ images, scenes: images, classes, truth, detections })
  const body = evaluateDetections({
    ...scored,
    scenes: images,
    slices: [],
    served: { confidence: 0, iou: 1, maxDetections: 100, multiLabel: true },
    labelSource: 'unknown',
    predictions: { file: beside, sha256: sha256(encoded) },
    resamples: 500,
  })
  writeWhole(join(dirname(file), beside), encoded)
  writeJson(file, evaluation.make(subjectOf(truthBytes), body))
  return body
}

/** What an evaluation of files is about. */
export function subjectOf(truthBytes: Uint8Array): Subject {
  return { validationSet: sha256(truthBytes) }
}
