import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { DeclaredText } from '../core/documents/declared.ts'
import { type Document, type Subject, sha256 } from '../core/documents/define.ts'
import type { AttributionBody, ComparisonBody } from '../core/documents/evaluation.ts'
import type { LatencyBody } from '../core/documents/operational.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { readPolicy } from '../core/judge/policy.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import { attributeEvaluations } from '../steps/attribute.ts'
import { type BenchInput, bench } from '../steps/bench.ts'
import { compareEvaluations } from '../steps/compare-models.ts'
import { gate } from '../steps/gate.ts'
import { servingOf } from './demo-tools.ts'
import type { Arm } from './train-model.ts'
import type { Workspace } from './workspace.ts'

export type ModelEvidence = {
  comparisons: Document<'Comparison', ComparisonBody>[]
  attribution: Document<'Attribution', AttributionBody>
  latency: Document<'Latency', LatencyBody> | null
  verdict: Document<'Verdict', VerdictBody>
}

/** What a verdict on a trained proposal is about; evidence with other digests is refused. */
export function subjectOf(
  at: Workspace,
  dataset: Dataset,
  arms: { candidate: Arm; champion?: Arm; control?: Arm },
): Subject {
  const { storage } = at.tools
  const { candidate, champion, control } = arms
  return {
    ...datasetDigests(dataset),
    model: candidate.tensors,
    artifact: sha256(storage.read(candidate.artifact)),
    ...(champion ? { champion: champion.tensors } : {}),
    ...(control ? { control: control.tensors } : {}),
  }
}

/** Candidate against champion and against control, on the same images, clustered by scene. */
export function compareArms(at: Workspace, candidate: Arm, baselines: Arm[]): Document<'Comparison', ComparisonBody>[] {
  return baselines.map((baseline) =>
    compareEvaluations({
      baseline: side(at, baseline),
      candidate: side(at, candidate),
      metric: 'map',
      resamples: 1000,
      seed: 0,
    }),
  )
}

/** Where the change comes from: all arms are judged on the base's validation set, so that it is training and data. */
export function attributeArms(
  at: Workspace,
  { champion, control, candidate }: { champion: Arm; control: Arm; candidate: Arm },
): Document<'Attribution', AttributionBody> {
  const before = side(at, champion)
  return attributeEvaluations({
    before,
    after: before,
    control: side(at, control),
    candidate: side(at, candidate),
    resamples: 1000,
    seed: 0,
  })
}

function side(at: Workspace, arm: Arm) {
  const file = `${arm.folder}/predictions.json`
  return {
    name: arm.role,
    file: `${arm.folder}/evaluation.json`,
    document: arm.evaluation,
    predictions: decodePredictions(at.tools.storage.readText(file), file),
  }
}

/**
 * Latency of candidate and champion, interleaved in fresh processes on validation pictures: ten runs an arm, and where
 * these leave a ratio of the policy open, as many more as their spread asks for.
 */
export async function measureArms(
  at: Workspace,
  dataset: Dataset,
  champion: Arm,
  candidate: Arm,
  policy: DeclaredText,
): Promise<Document<'Latency', LatencyBody>> {
  const { tools, data, world } = at
  const images = dataset.images
    .filter((image) => image.split === 'val')
    .slice(0, 40)
    .map((image) => `${data}/${image.file}`)
  return bench(
    { measure: tools.measureLatency, storage: tools.storage },
    {
      baseline: { name: champion.role, artifact: champion.artifact },
      candidate: { name: candidate.role, artifact: candidate.artifact },
      images,
      serving: servingOf(world.imageSize),
      threads: 1,
      target: tools.target,
      runs: 10,
      settle: settledBelow(policy, tools.target),
      imagesPerRun: 60,
      progress: tools.console.progress('  latency, champion and candidate in turn'),
      signal: tools.signal,
    },
  )
}

/** The ratios that a policy asks for on a target; none where it asks for none. */
export function settledBelow(policy: DeclaredText, target: string): BenchInput['settle'] {
  const lines = (readPolicy(policy.yaml, policy.file).gates ?? []).filter((line) => (line.target ?? target) === target)
  const limitOf = (name: string) =>
    lines.find(({ gate, measure }) => gate === 'latency' && (measure ?? 'ratio-p95') === name)?.atMost
  const [p50, p95] = [limitOf('ratio-p50'), limitOf('ratio-p95')]
  if (p50 === undefined && p95 === undefined) return undefined
  return { ...(p50 === undefined ? {} : { p50 }), ...(p95 === undefined ? {} : { p95 }) }
}

/** The verdict of the base's policies over everything that was measured. */
export function judgeModel(
  policy: DeclaredText,
  evidence: readonly (Document | null)[],
  subject: Subject,
  firstRelease = false,
): Document<'Verdict', VerdictBody> {
  return gate({
    policy,
    evidence: evidence.filter((document) => document !== null),
    subject,
    options: { firstRelease },
  })
}
