import type { Dataset } from '../core/dataset/model.ts'
import type { DeclaredText } from '../core/documents/declared.ts'
import { type Document, type DocumentOf, type Subject, sha256 } from '../core/documents/define.ts'
import type { evaluation } from '../core/documents/evaluation.ts'
import type { VerdictLine } from '../core/documents/verdict.ts'
import { gateKinds } from '../core/judge/gates/all.ts'
import { judge } from '../core/judge/judge.ts'
import { readPolicy } from '../core/judge/policy.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Runtime, Serving, Storage } from '../ports.ts'
import { compareEvaluations } from './compare-models.ts'
import { evaluateModel } from './evaluate-model.ts'
import { parity } from './parity.ts'
import type { PicturePorts } from './predict-images.ts'

export type JudgePorts = PicturePorts & { runtime: Runtime; storage: Storage }

/** A model as it was evaluated: its document, and what it was computed from. */
export type Evaluated = {
  artifact: string
  serving: Serving
  format: string
  document: DocumentOf<typeof evaluation>
  predictions: PredictionSet
  predictionsJson: string
}

export type Setting = {
  dataset: Dataset
  split: 'train' | 'val' | 'test'
  validationSet: string
  threads: number
  policies: readonly DeclaredText[]
  /** The day on which is judged. */
  today: string
}

/** Evaluates an artefact as it is served; its file's digest stands for its tensors, which an ONNX file does not tell. */
export async function evaluateMutant(
  ports: JudgePorts,
  { dataset, split, threads, validationSet }: Setting,
  { artifact, serving, format }: Pick<Evaluated, 'artifact' | 'serving' | 'format'>,
): Promise<Evaluated> {
  const digest = sha256(ports.storage.read(artifact))
  const { evaluation, predictions, predictionsJson } = await evaluateModel(ports, {
    artifact,
    dataset,
    split,
    serving,
    threads,
    subject: { model: digest, artifact: digest, validationSet },
  })
  return { artifact, serving, format, document: evaluation, predictions, predictionsJson }
}

/** Evidence on one model as the pipeline makes it: evaluation, comparison with the champion, parity with the reference. */
export async function evidenceOf(
  ports: JudgePorts,
  setting: Setting,
  sides: { champion: Evaluated; reference: Evaluated; candidate: Evaluated },
): Promise<Document[]> {
  const { champion, reference, candidate } = sides
  const { dataset, split, threads } = setting
  const metrics = new Set(
    linesOf(setting).flatMap(({ evidence, measure = 'map' }) => (evidence === 'Comparison' ? measure : [])),
  )
  const comparisons = (['map', 'map50'] as const)
    .filter((metric) => metrics.has(metric))
    .map((metric) =>
      compareEvaluations({
        baseline: { name: 'champion', file: champion.artifact, ...champion },
        candidate: { name: 'candidate', file: candidate.artifact, ...candidate },
        metric,
        resamples: 1000,
        seed: 0,
      }),
    )
  const measured = await parity(ports, {
    reference: { format: 'onnx', artifact: reference.artifact },
    artifact: { format: candidate.format, artifact: candidate.artifact },
    dataset,
    split,
    threads,
    serving: candidate.serving,
    subject: candidate.document.subject,
    referencePredictions: reference.predictions,
    artifactPredictions: candidate.predictions,
  })
  return [candidate.document, ...comparisons, measured]
}

/** What is judged when this model is: its digests, its serving and whom it is compared with. */
export function subjectOf(candidate: Evaluated, champion: Evaluated): Subject {
  const { model } = champion.document.subject
  return { ...candidate.document.subject, ...(model === undefined ? {} : { champion: model }) }
}

/** Lines of all policies over the evidence; lines that ask for what is not measured here are left out. */
export function judgeBy(setting: Setting, evidence: readonly Document[], subject: Subject): VerdictLine[] {
  return judged(setting, new Set(evidence.map(({ kind }) => kind)), evidence, subject)
}

/** The same, where evidence of a kind is asked for although there is none. */
export function judged(
  { policies, today }: Setting,
  kinds: ReadonlySet<string>,
  evidence: readonly Document[],
  subject: Subject,
): VerdictLine[] {
  return policies.flatMap(({ yaml, file }) => {
    const policy = readPolicy(yaml, file)
    const gates = (policy.gates ?? []).filter((line) => kinds.has(line.evidence) && speaksOf(line, evidence))
    return gates.length === 0 ? [] : judge({ ...policy, gates }, evidence, subject, { today }).body.lines
  })
}

type Line = NonNullable<ReturnType<typeof readPolicy>['gates']>[number]

function linesOf({ policies }: Setting): Line[] {
  return policies.flatMap(({ yaml, file }) => readPolicy(yaml, file).gates ?? [])
}

/** Not the control arm, which only training gives, and of parity only the format at hand. */
function speaksOf(line: Line, evidence: readonly Document[]): boolean {
  const kind = gateKinds.find(({ name }) => name === line.gate)
  if (kind?.comparesWith(line) === 'control') return false
  if (line.evidence !== 'Parity' || line.target === undefined) return true
  return evidence.some(
    ({ kind: name, body }) =>
      name === 'Parity' && (body as { artifact: { format: string } }).artifact.format === line.target,
  )
}
