import { datasetDiff } from './dataset-diff.ts'
import { datasetMerge } from './dataset-merge.ts'
import { acceptances, classMigration, datasetSpec, gatePolicy, pipeline, waivers } from './declared.ts'
import type { DocumentKind } from './define.ts'
import { attribution, comparison, evaluation } from './evaluation.ts'
import { findings } from './findings.ts'
import { hardNegatives } from './hard-negatives.ts'
import { drift, latency, parity, suspicious } from './operational.ts'
import { picturesSeen } from './pictures.ts'
import { judging, promotionCheck } from './promotion.ts'
import { pullRun } from './pull-run.ts'
import { channel, releaseManifest, rolloutState } from './release.ts'
import { smoke, trainRun } from './training.ts'
import { triage } from './triage.ts'
import { verdict } from './verdict.ts'

/** Kinds that people write as YAML. */
export const declaredKinds: readonly DocumentKind<string, unknown>[] = [
  datasetSpec,
  pipeline,
  gatePolicy,
  waivers,
  acceptances,
  classMigration,
  channel,
]

/** Kinds that runs write as JSON, decisions among them. */
export const evidenceKinds: readonly DocumentKind<string, unknown>[] = [
  findings,
  datasetDiff,
  datasetMerge,
  drift,
  suspicious,
  trainRun,
  smoke,
  evaluation,
  comparison,
  attribution,
  hardNegatives,
  latency,
  parity,
  triage,
  verdict,
  judging,
  promotionCheck,
  releaseManifest,
  rolloutState,
  pullRun,
  picturesSeen,
]
