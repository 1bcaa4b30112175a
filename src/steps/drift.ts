import { type DriftOptions, measureDrift } from '../core/compare/drift.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { Document, Subject } from '../core/documents/define.ts'
import { type DriftBody, drift as driftDocument } from '../core/documents/operational.ts'

/** Measures how far one version of a data set is from the one before; the subject is as in diff. */
export function drift(
  before: Dataset,
  after: Dataset,
  subject: Subject,
  options: DriftOptions = {},
): Document<'Drift', DriftBody> {
  return driftDocument.make(subject, measureDrift(before, after, options))
}
