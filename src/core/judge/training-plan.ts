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

/** Hours of graphics cards that people may spend, on one pull request and in a calendar month. */
export type GpuBudget = { aPullRequest: number; aMonth: number }
export type GpuSpent = GpuBudget

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
 * Hours that runs have spent at most: all their time on as many machines as train at once. A run waits, sets up and
 * judges too, so that a budget is never passed because something was counted too low.
 */
export function hoursSpent(runs: readonly { seconds: number }[], machines: number): number {
  return (machines * runs.reduce((sum, { seconds }) => sum + seconds, 0)) / 3600
}

/** Why nothing more may be spent; null while there is budget left. */
export function overBudget(spent: GpuSpent, budget: GpuBudget): string | null {
  const hours = (value: number) => `${Number(value.toFixed(2))}`
  if (spent.aPullRequest >= budget.aPullRequest) {
    return `${hours(spent.aPullRequest)} of ${hours(budget.aPullRequest)} hours of graphics cards are spent on this pull request; a maintainer raises SLUICE_GPU_HOURS_A_PULL_REQUEST`
  }
  if (spent.aMonth >= budget.aMonth) {
    return `${hours(spent.aMonth)} of ${hours(budget.aMonth)} hours of graphics cards are spent this month; a maintainer raises SLUICE_GPU_HOURS_A_MONTH`
  }
  return null
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
