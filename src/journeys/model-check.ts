import { touchesTraining } from '../core/judge/training-plan.ts'
import type { Forge, Git, PullRequest, WorkflowRun } from '../ports.ts'
import { changedSince } from './run-trust.ts'

/** Whether a proposal asks for training; null where the default branch trains nothing. */
export type TrainingAsked = 'asked' | 'not asked' | null

const name = 'sluice / model'
const waits = 'not trained yet: once somebody who may write has approved this commit, /sluice train'

/** Read from git: what a proposal changes, and whether the default branch has a recipe. */
export async function trainingAsked(
  ports: {
    git: Pick<Git, 'show' | 'mergeBases' | 'changedFiles'>
    fetchHead: (pull: PullRequest) => Promise<void>
  },
  pull: PullRequest,
  path: string,
): Promise<TrainingAsked> {
  if ((await ports.git.show('HEAD', 'pipelines/candidate.yaml')) === null) return null
  await ports.fetchHead(pull)
  const changed = await changedSince(ports.git, pull.head.sha)
  return changed === null || touchesTraining(changed, path) ? 'asked' : 'not asked'
}

/** How a comment tells of a model that no run has judged. */
export const stageOf = (asked: 'asked' | 'not asked') =>
  asked === 'asked'
    ? ({ label: 'model', verdict: 'inconclusive', fact: waits } as const)
    : ({ label: 'model', verdict: 'skipped', fact: 'neither data nor recipes change' } as const)

/**
 * The check of the model before any run of Train has spoken, so that it can be required of every proposal: green where
 * there is nothing to train. Any run of Train speaks over it, whatever comes first.
 */
export async function sayWhetherToTrain(forge: Forge, sha: string, asked: 'asked' | 'not asked'): Promise<void> {
  const { fact } = stageOf(asked)
  await forge.upsertCheck({
    ...{ name, sha, annotations: [], order: { run: 0, attempt: 1 } },
    conclusion: asked === 'asked' ? 'action_required' : 'success',
    title: asked === 'asked' ? fact : `nothing to train: ${fact}`,
    summary: asked === 'asked' ? fact : `Nothing to train: ${fact}.`,
  })
}

/**
 * The queue asks for every required check, and what it merges is judged by its data: no model is trained on it, which is
 * done on the proposal before and looked at again after the merge. So the proposal's own word on the model counts here.
 */
export async function carryModelCheck(
  forge: Forge,
  run: WorkflowRun,
  order: { run: number; attempt: number },
): Promise<void> {
  const [, number] = /^gh-readonly-queue\/.+\/pr-([1-9]\d{0,9})-[0-9a-f]{40}$/.exec(run.headBranch ?? '') ?? []
  if (number === undefined) return
  const { head } = await forge.pullRequest(Number(number))
  const said = (await forge.checks(head.sha)).find((check) => check.name === name)
  if (said?.conclusion !== 'success' && said?.conclusion !== 'failure' && said?.conclusion !== 'action_required') return
  await forge.upsertCheck({
    ...{ name, sha: run.headSha, conclusion: said.conclusion, annotations: [], order },
    title: `as judged for #${number} at ${head.sha.slice(0, 12)}`,
    summary: 'No model is trained in the merge queue; the training after the merge is judged again.',
  })
}
