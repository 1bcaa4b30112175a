import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { DeclaredText } from '../core/documents/declared.ts'
import { type Document, type DocumentOf, documentId, type Subject, sha256 } from '../core/documents/define.ts'
import type { evaluation } from '../core/documents/evaluation.ts'
import type { judging as judgingKind } from '../core/documents/promotion.ts'
import type { trainRun } from '../core/documents/training.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { UsageError } from '../core/errors.ts'
import { settledVerdict } from '../core/judge/acceptance.ts'
import { joinVerdicts } from '../core/judge/join-verdicts.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Progress, Runtime, Serving } from '../ports.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import type { BenchInput, MeasureLatency } from '../steps/bench.ts'
import { judgingOf } from '../steps/bundle.ts'
import { compareEvaluations } from '../steps/compare-models.ts'
import { evaluateModel } from '../steps/evaluate-model.ts'
import { gate } from '../steps/gate.ts'
import type { PicturePorts } from '../steps/predict-images.ts'
import { judgeSpeed } from './judge-speed.ts'

export type TrainedArm = {
  role: 'champion' | 'candidate' | 'control'
  seed: number
  artifact: string
  run: DocumentOf<typeof trainRun>
}
type ScoredArm = {
  name: string
  file: string
  document: DocumentOf<typeof evaluation>
  predictions: PredictionSet
  predictionsJson: string
}

/** Documents by their file name, and predictions, which are no documents, apart. */
export type ArmsJudged = {
  /** By the model's policy. */
  verdict: Document<'Verdict', VerdictBody>
  /** By that of latency too, where there is one: the worse counts. */
  overall: VerdictBody
  /** By what it was reached. */
  judging: DocumentOf<typeof judgingKind>
  /** The arm that it is about. */
  arm: TrainedArm
  /** Those it was compared with and its further seeds. */
  others: TrainedArm[]
  /** All but the verdict by the model's policy. */
  documents: Record<string, Document>
  predictions: Record<string, string>
  gpuSeconds: number
}

/**
 * Scores every arm and the champion on the same validation images, compares the candidate with champion and control, and
 * gates it. Several seeds of an arm are compared as one recipe; the first seed is what is judged and released. Where there
 * is a policy of latency, candidate and champion are timed in turn on this machine, and judged by that too.
 */
export async function judgeArms(
  ports: PicturePorts & { runtime: Runtime; measure: MeasureLatency; progress: (label: string) => Progress },
  input: {
    arms: readonly TrainedArm[]
    champion: { artifact: string; tensors: string } | null
    smoke: Document | null
    dataset: Dataset
    serving: Serving
    policy: DeclaredText
    latency: DeclaredText | null
    /** Name of the machine that judges, which latency is measured on. */
    target: string
    /** What runs the models while they are timed; scores are the processor's. */
    provider?: BenchInput['provider']
    /** A file of the base, where acceptances lie; null when there is none. */
    read: (path: string) => Promise<Uint8Array | null>
    today: string
  },
): Promise<ArmsJudged> {
  const { arms, champion, dataset, serving } = input
  const digests = datasetDigests(dataset)
  const score = async (name: string, artifact: string, tensors: string): Promise<ScoredArm> => {
    const { evaluation: document, ...predicted } = await evaluateModel(ports, {
      artifact,
      dataset,
      split: 'val',
      serving,
      threads: 2,
      subject: {
        model: tensors,
        artifact: sha256(ports.storage.read(artifact)),
        ...(digests.validationSet ? { validationSet: digests.validationSet } : {}),
      },
      predictionsFile: `predictions-${name}.json`,
      progress: ports.progress(`evaluating ${name}`),
    })
    return { name, file: `evaluation-${name}.json`, document, ...predicted }
  }
  const scored = new Map<TrainedArm, ScoredArm>()
  for (const arm of arms) scored.set(arm, await score(`${arm.role}-${arm.seed}`, arm.artifact, arm.run.body.tensors))
  const judged = arms.find(({ role }) => role === 'candidate') ?? arms.find(({ role }) => role === 'champion')
  if (judged === undefined) {
    throw new UsageError('no arm is there to be judged', { mend: 'train a candidate first: /sluice train' })
  }
  const before = champion ? await score('champion', champion.artifact, champion.tensors) : null
  const of = (role: TrainedArm['role']) =>
    arms.filter((arm) => arm.role === role).map((arm) => scored.get(arm) as ScoredArm)
  const candidates = of(judged.role)
  const baselines = { champion: before ? [before] : [], control: of('control') }
  const comparisons = Object.entries(baselines).flatMap(([name, sides]) =>
    sides.length === 0 ? [] : [compare(name, sides, candidates)],
  )
  const subject: Subject = {
    ...digests,
    model: judged.run.body.tensors,
    artifact: sha256(ports.storage.read(judged.artifact)),
    ...(champion ? { champion: champion.tensors } : {}),
    ...(baselines.control[0] ? { control: baselines.control[0].document.subject.model as string } : {}),
  }
  const documents: Record<string, Document> = {}
  if (input.smoke) documents['smoke.json'] = input.smoke
  for (const { role, seed, run } of arms) documents[`train-run-${role}-${seed}.json`] = run
  for (const arm of [...scored.values(), ...(before ? [before] : [])]) documents[arm.file] = arm.document
  for (const comparison of comparisons) documents[`comparison-${comparison.body.baseline}.json`] = comparison
  const { policy, today } = input
  const options = { today, firstRelease: champion === null }
  const evidence = Object.values(documents)
  const open = gate({ policy, evidence, subject, options })
  const accepted = await acceptancesIn(input.read, documentId(open))
  const verdict = settledVerdict(open, accepted, today)
  const speed =
    input.latency && champion
      ? await judgeSpeed(ports, { ...input, policy: input.latency, champion, arm: judged, options })
      : null
  if (speed) Object.assign(documents, { 'latency.json': speed.latency, 'verdict-latency.json': speed.verdict })
  return {
    verdict,
    overall: speed ? joinVerdicts(verdict, speed.verdict).body : verdict.body,
    judging: judgingOf({ verdict, policies: [{ name: 'model', ...policy }], evidence, ...options, accepted }),
    arm: judged,
    others: arms.filter((arm) => arm !== judged),
    documents,
    predictions: Object.fromEntries(
      [...scored.values(), ...(before ? [before] : [])].map((arm) => [
        `predictions-${arm.name}.json`,
        arm.predictionsJson,
      ]),
    ),
    gpuSeconds: arms.reduce((sum, { run }) => sum + run.body.seconds, 0) + smokeSeconds(input.smoke),
  }
}

/** As `sluice evaluate` and `sluice release` serve unless they are told otherwise, scored from further below. */
export const servedAsUsual = (imageSize: number): Serving => ({
  imageSize,
  channels: 'RGB',
  confidence: 0.001,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
})

function compare(name: string, baselines: ScoredArm[], candidates: ScoredArm[]) {
  const arm = ([first, ...furtherSeeds]: ScoredArm[]) => ({
    ...(first as ScoredArm),
    ...(furtherSeeds.length > 0 ? { furtherSeeds } : {}),
  })
  return compareEvaluations({
    baseline: { ...arm(baselines), name },
    candidate: { ...arm(candidates), name: 'candidate' },
    metric: 'map',
    resamples: 2000,
    seed: 0,
  })
}

/** The smoke train runs two arms beside each other; its record tells the longer of both. */
function smokeSeconds(smoke: Document | null): number {
  return smoke ? (smoke.body as { seconds: number }).seconds : 0
}
