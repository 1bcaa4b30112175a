import { compareModels } from '../core/compare/models.ts'
import type { DocumentOf, Subject } from '../core/documents/define.ts'
import { comparison, type evaluation } from '../core/documents/evaluation.ts'
import { EvidenceError } from '../core/errors.ts'
import type { TruthColumns } from '../core/metrics/columns.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'

type Evaluated = { file: string; document: DocumentOf<typeof evaluation>; predictions: PredictionSet }
type Arm = Evaluated & {
  name: string
  /** Evaluations of the same recipe trained with other seeds. */
  furtherSeeds?: Evaluated[]
}

export type EvaluationsToCompare = {
  baseline: Arm
  candidate: Arm
  metric: 'map' | 'map50'
  resamples: number
  seed: number
  interval?: 'percentile' | 'bca'
}

/** Compares two evaluations of the same images and labels; EvidenceError (other-subject) when they are not. */
export function compareEvaluations(input: EvaluationsToCompare) {
  const { baseline, candidate, metric, resamples, seed, interval = 'percentile' } = input
  const [moreBaselines, moreCandidates] = [baseline.furtherSeeds ?? [], candidate.furtherSeeds ?? []]
  for (const other of [candidate, ...moreBaselines, ...moreCandidates]) requireSameTruth(baseline, other)
  refuseRepeats([baseline, ...moreBaselines])
  refuseRepeats([candidate, ...moreCandidates])
  const { images, scenes, classes, truth } = baseline.predictions
  const body = compareModels({
    truth,
    baseline: baseline.predictions.detections,
    candidate: candidate.predictions.detections,
    ...(moreBaselines.length + moreCandidates.length > 0
      ? { furtherSeeds: { baseline: detectionsOf(moreBaselines), candidate: detectionsOf(moreCandidates) } }
      : {}),
    clusters: numberScenes(scenes),
    classNames: classes,
    imageNames: images,
    slicings: candidate.predictions.groups ?? [],
    metric,
    resamples,
    seed,
    interval,
    names: { baseline: baseline.name, candidate: candidate.name },
  })
  return comparison.make(subjectOf(baseline, candidate), body)
}

/** Scenes as numbers from 0, in order of first appearance. */
export function numberScenes(scenes: readonly string[]): Int32Array {
  const numbers = new Map<string, number>()
  return Int32Array.from(scenes, (scene) => {
    const known = numbers.get(scene)
    if (known !== undefined) return known
    numbers.set(scene, numbers.size)
    return numbers.size - 1
  })
}

/** What the candidate's evaluation is about, and whom it was compared with, under the baseline's role. */
function subjectOf(baseline: Arm, candidate: Arm): Subject {
  const model = baseline.document.subject.model
  const role = baseline.name === 'control' ? 'control' : 'champion'
  return { ...candidate.document.subject, ...(model === undefined ? {} : { [role]: model }) }
}

const detectionsOf = (arms: Evaluated[]) => arms.map(({ predictions }) => predictions.detections)

/** One model evaluated twice is no second seed: it would make the interval too narrow. */
function refuseRepeats(arms: readonly Evaluated[]): void {
  const seen = new Map<string, string>()
  for (const { file, document } of arms) {
    const model = document.subject.model ?? document.subject.artifact
    if (model === undefined) continue
    const earlier = seen.get(model)
    if (earlier !== undefined) {
      throw new EvidenceError(`this is the model of ${earlier} again, not another seed`, {
        reason: 'other-subject',
        where: file,
        mend: 'name each seed once',
      })
    }
    seen.set(model, file)
  }
}

/** EvidenceError unless two evaluations are of the same images, scenes, classes and labels. */
export function requireSameTruth(baseline: Evaluated, candidate: Evaluated): void {
  const differs = (what: string): never => {
    throw new EvidenceError(`the two evaluations differ in ${what}: ${baseline.file} and ${candidate.file}`, {
      reason: 'other-subject',
      where: candidate.file,
      mend: 'evaluate both models on the same validation set',
    })
  }
  const [a, b] = [baseline.document.subject.validationSet, candidate.document.subject.validationSet]
  if (a !== undefined && b !== undefined && a !== b) differs('their validation set')
  const [p, q] = [baseline.predictions, candidate.predictions]
  if (!sameList(p.classes, q.classes)) differs('their classes')
  if (!sameList(p.images, q.images)) differs('their images')
  if (!sameList(p.scenes, q.scenes)) differs('their scenes')
  const keys = ['image', 'classId', 'x', 'y', 'w', 'h', 'area', 'crowd'] as const satisfies (keyof TruthColumns)[]
  for (const key of keys) if (!sameList(p.truth[key], q.truth[key])) differs('their ground truth')
}

function sameList(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
