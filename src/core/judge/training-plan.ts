import type { Document } from '../documents/define.ts'
import { isSound } from '../documents/parse.ts'
import { trainRun } from '../documents/training.ts'

/** One training run of a plan: whose part it plays, and its seed. */
export type PlannedArm = { role: 'champion' | 'candidate' | 'control'; seed: number }

/** What decides how a trained model comes out: with the same digests the same training would be repeated. */
export type TrainingDigests = {
  trainSet: string
  validationSet: string | null
  recipe: string
  /** Tensors that the arms start from; null where there is no champion yet. */
  champion: string | null
}

/**
 * Arms of a proposal: its data and the base's, from the champion's weights, each with every seed. Without a champion the
 * first one is trained. What is on the base already is its own control.
 */
export function armsToTrain(input: { proposal: boolean; champion: boolean; seeds: number }): PlannedArm[] {
  const roles = !input.champion
    ? (['champion'] as const)
    : input.proposal
      ? (['candidate', 'control'] as const)
      : (['candidate'] as const)
  return roles.flatMap((role) => Array.from({ length: input.seeds }, (_, seed) => ({ role, seed })))
}

/**
 * Whether a run's documents hold every arm that is planned, trained on the same images and labels, by the same recipe,
 * from the same champion. A control arm saw other data: its recipe and start must agree.
 */
export function trainedAlready(
  documents: readonly Document[],
  arms: readonly PlannedArm[],
  digests: TrainingDigests,
): boolean {
  const runs = documents.filter((one) => isSound(trainRun, one))
  return arms.every(({ role, seed }) =>
    runs.some(
      ({ body, subject }) =>
        body.role === role &&
        body.seed === seed &&
        subject.recipe === digests.recipe &&
        body.startedFrom === digests.champion &&
        (role === 'control' ||
          (subject.trainSet === digests.trainSet && (subject.validationSet ?? null) === digests.validationSet)),
    ),
  )
}

/**
 * Whether a change of these files may ask for other weights: the data set's folder or spec, any DVC file but those of
 * released models, since a spec may name data that lies elsewhere, specs, and recipes.
 */
export const touchesTraining = (changed: readonly string[], path: string): boolean =>
  changed.some(
    (file) =>
      path === '.' ||
      file === path ||
      file.startsWith(`${path}/`) ||
      /^(?:pipelines|dataset-specs)\//.test(file) ||
      (/(?:\.dvc|(?:^|\/)dvc\.(?:lock|yaml))$/.test(file) && !file.startsWith('models/')),
  )
