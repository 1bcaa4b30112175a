import { realpathSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { type DocumentOf, sha256 } from '../core/documents/define.ts'
import { evaluation } from '../core/documents/evaluation.ts'
import { parseEvidence } from '../core/documents/parse.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import { readText } from './files.ts'

export type EvaluationEvidence = { document: DocumentOf<typeof evaluation>; predictions: PredictionSet }

/** An Evaluation with the predictions that lie beside it; their digest must be the one the document names, and they
 * may not lie outside the document's folder, since evidence comes from proposals too. */
export function readEvaluation(file: string): EvaluationEvidence {
  const { document, path, text } = readBeside(file)
  return { document, predictions: decodePredictions(text, path) }
}

/** The predictions that lie beside an Evaluation, as they were written. */
export function readEvaluationText(file: string): string {
  return readBeside(file).text
}

function readBeside(file: string): { document: DocumentOf<typeof evaluation>; path: string; text: string } {
  const document = parseEvidence(evaluation, readText(file), file)
  const { predictions } = document.body
  if (predictions === null) {
    throw new EvidenceError('this evaluation names no predictions file', {
      reason: 'absent',
      where: file,
      mend: 'evaluate again with --evidence, which keeps the predictions',
    })
  }
  const path = insideFolder(file, predictions.file)
  const text = readText(path)
  if (sha256(text) !== predictions.sha256) {
    throw new EvidenceError('these are not the predictions that the evaluation was computed from', {
      reason: 'other-subject',
      where: path,
      mend: 'evaluate again',
    })
  }
  return { document, path, text }
}

function insideFolder(document: string, name: string): string {
  const folder = dirname(resolve(document))
  const path = resolve(folder, name)
  const leaves = (from: string, to: string) => relative(from, to).split(sep)[0] === '..'
  if (leaves(folder, path) || resolve(name) === name || escapes(folder, path, leaves)) {
    throw new EvidenceError(`predictions.file leaves the folder of the evaluation: ${name}`, {
      reason: 'malformed',
      where: document,
      mend: 'keep predictions beside their evaluation',
    })
  }
  return path
}

/** Whether a link leads out of the folder; a missing file is reported when it is read. */
function escapes(folder: string, path: string, leaves: (from: string, to: string) => boolean): boolean {
  try {
    return leaves(realpathSync(folder), realpathSync(path))
  } catch {
    return false
  }
}
