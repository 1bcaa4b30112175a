import type { Dataset } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { Document } from '../core/documents/define.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { DriftBody } from '../core/documents/operational.ts'
import { type CheckOptions, checkAndFlag } from '../steps/check.ts'
import { diff } from '../steps/diff.ts'
import { driftOfProposal } from '../steps/drift.ts'

export type Examined = {
  findings: Document<'Findings', FindingsBody>
  /** Null without a base. */
  diff: Document<'DatasetDiff', DatasetDiffBody> | null
  drift: Document<'Drift', DriftBody> | null
  /** Names of images that a rule about one image spoke of: a cache has to look at them again. */
  flagged: ReadonlySet<string>
  baseFlagged: ReadonlySet<string>
}

/**
 * Everything that can be said of a version of a data set without a model: findings and, against a base, what changed.
 * `compare: false` leaves difference and drift out: where nothing shows them, they are not worth their time.
 */
export function examineDataset(head: Dataset, options: CheckOptions & { compare?: boolean }): Examined {
  const { base = null, spec = null, compare = true } = options
  const { document, flagged, baseFlagged } = checkAndFlag(head, options)
  if (!base || !compare) return { findings: document, diff: null, drift: null, flagged, baseFlagged }
  const difference = diff(base, head, document.subject)
  const drift = driftOfProposal(base, head, spec, { diff: difference.body })
  return { findings: document, diff: difference, drift, flagged, baseFlagged }
}
