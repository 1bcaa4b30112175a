import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { Document } from '../documents/define.ts'
import type { AttributionBody, ComparisonBody, EvaluationBody } from '../documents/evaluation.ts'
import type { FindingsBody } from '../documents/findings.ts'
import type { DriftBody, LatencyBody, ParityBody, SuspiciousBody } from '../documents/operational.ts'
import type { ReleaseManifestBody, RolloutStateBody } from '../documents/release.ts'
import type { SmokeBody, TrainRunBody } from '../documents/training.ts'
import type { VerdictBody } from '../documents/verdict.ts'

export type VerdictWord = 'pass' | 'fail' | 'inconclusive'

export type PictureBox = {
  label: string
  role: 'added' | 'removed' | 'moved' | 'relabelled' | 'unchanged' | 'finding' | 'suspect' | 'prediction' | 'truth'
  /** Normalised centre x, centre y, width, height. */
  box: number[]
}

export type Shot = {
  /** Data URI. */
  source: string
  /** Pixels of the source. */
  width: number
  height: number
}

/** One picture with boxes drawn over it; `before` stands beside it when the boxes were others before. */
export type ReportPicture = Shot & {
  title: string
  caption: string
  boxes: PictureBox[]
  before?: PictureBox[]
  /** Words of the two frames; before and after unless given. */
  words?: [first: string, second: string]
  /** Another picture that stands first: the other image of a pair, or this one's pixels before. */
  beside?: Shot & { boxes: PictureBox[] }
  /** What the filters of a page go by. */
  facets?: { rule?: string; severity?: string; split?: string }
}

/** What a reviewer sees of one pull request; every part is absent when its stage did not run. */
export type PullRequestReport = {
  number: number
  title: string
  branch: string
  /** What the proposal brings, one sentence. */
  about: string
  verdict: VerdictWord
  merged: boolean
  /** One sentence with the number that decides. */
  headline: string
  judgedOn: string
  stages: { label: string; verdict: VerdictWord | 'skipped'; fact: string }[]
  /** The comment as posted, markdown. */
  comment: string
  diff?: DatasetDiffBody
  findings?: FindingsBody
  drift?: DriftBody
  suspicious?: SuspiciousBody
  smoke?: SmokeBody
  runs?: TrainRunBody[]
  evaluations?: { name: 'champion' | 'control' | 'candidate'; body: EvaluationBody }[]
  comparisons?: ComparisonBody[]
  attribution?: AttributionBody
  latency?: LatencyBody
  gate?: VerdictBody
  pictures: { title: string; chosen: string; items: ReportPicture[] }[]
}

/** The check of one data set as a page of its own; a part is absent when it was not worked out. */
export type CheckReportInput = {
  /** The data set's name or path. */
  title: string
  /** What was compared with what, one sentence. */
  judgedOn: string
  findings: Document<'Findings', FindingsBody>
  diff?: DatasetDiffBody
  drift?: DriftBody
  suspicious?: SuspiciousBody
  /** Split of each image that a listed finding is about. */
  splits: Record<string, string>
  pictures: { title: string; chosen: string; items: ReportPicture[] }[]
  /** Why pictures are missing, where some are. */
  pictureNote?: string
  recompute: string[]
}

/** What came of planting known faults, one at a time, before the gates of a policy. */
export type GateTest = {
  of: 'data' | 'model'
  /** Of those that could be planted and do something. */
  caught: number
  planted: number
  headline: string
  sample: string
  /** One planted fault or harmless change each, what is not well first; `by` is what caught it. */
  rows: { id: string; outcome: string; verdict: VerdictWord | 'skipped'; by: string; summary: string }[]
  notes: string[]
  /** Why nothing could be planted. */
  untested?: string
}

export type ReportInput = {
  title: string
  about: string
  verdict: VerdictWord
  reason: string
  /** Facts that a reader must know: label source, what was not measured. */
  notes: string[]
  timeline: { id: string; title: string; verdict: VerdictWord; fact: string; seconds: number }[]
  pulls: PullRequestReport[]
  releases: {
    tag: string
    manifest: ReleaseManifestBody
    parity: { label: string; body: ParityBody; verdict: VerdictWord; reason: string }[]
  }[]
  rollouts: { title: string; verdict: VerdictWord; headline: string; state: RolloutStateBody }[]
  /** Absent in stories that were told before gates were tested. */
  gateTests?: GateTest[]
  recompute: string[]
  digests: { label: string; value: string }[]
}
