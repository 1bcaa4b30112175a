import { attributeChange } from '../core/compare/attribution.ts'
import type { DocumentOf } from '../core/documents/define.ts'
import { attribution, type evaluation } from '../core/documents/evaluation.ts'
import { EvidenceError } from '../core/errors.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import { requireSameTruth } from './compare-models.ts'

type Evaluated = { file: string; document: DocumentOf<typeof evaluation>; predictions: PredictionSet }

/**
 * Splits a change of mAP into labels, yardstick, training and data; EvidenceError unless `before` and `after` are one
 * model with one list of classes, and `after`, `control` and `candidate` are scored on the same labels.
 */
export function attributeEvaluations(input: {
  before: Evaluated
  after: Evaluated
  control?: Evaluated
  candidate: Evaluated
  resamples: number
  seed: number
}): DocumentOf<typeof attribution> {
  const { before, after, control, candidate, resamples, seed } = input
  for (const other of control ? [candidate, control] : [candidate]) requireSameTruth(after, other)
  const models = [before, after].map(({ document }) => document.subject.model)
  if (models[0] !== models[1]) refuse(before, 'this is another model than the champion on the new validation set')
  if (before.predictions.classes.join('\n') !== after.predictions.classes.join('\n'))
    refuse(before, 'its classes are not those of the new validation set')
  const body = attributeChange({
    before: before.predictions,
    after: after.predictions,
    ...(control ? { control: control.predictions } : {}),
    candidate: candidate.predictions,
    resamples,
    seed,
  })
  const champion = after.document.subject.model
  return attribution.make({ ...candidate.document.subject, ...(champion ? { champion } : {}) }, body)
}

function refuse({ file }: Evaluated, what: string): never {
  throw new EvidenceError(what, {
    reason: 'other-subject',
    where: file,
    mend: 'evaluate the champion on the old and on the new validation set',
  })
}
