import { type DriftOptions, measureDrift } from '../core/compare/drift.ts'
import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { Document, Subject } from '../core/documents/define.ts'
import { type DriftBody, drift as driftDocument } from '../core/documents/operational.ts'

/** Measures how far one version of a data set is from the one before; further digests of the subject may be given. */
export function drift(
  before: Dataset,
  after: Dataset,
  options: DriftOptions = {},
  subject: Subject = {},
): Document<'Drift', DriftBody> {
  const about = { ...datasetDigests(after), base: datasetDigests(before).labels, ...subject }
  return driftDocument.make(about, measureDrift(before, after, options))
}
