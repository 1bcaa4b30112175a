import {
  type GpuBudget,
  type GpuSpent,
  gpuSpent,
  monthOf,
  startedOn,
  type TrainingNews,
  trainingNews,
} from '../core/judge/gpu-budget.ts'
import type { Forge, PullRequest, WorkflowRun } from '../ports.ts'

/** What the default branch's settings allow; the workflow gives it, nothing of a proposal does. */
export type GpuLimits = { budget: GpuBudget; machines: number; now: Date }
export type GpuSpending = { budget: GpuBudget; spent: GpuSpent; news: TrainingNews | null; started: number }

/** Runs of Train since the month began, or since a proposal was opened if that is longer ago. */
export async function trainingRuns(
  forge: Pick<Forge, 'runs'>,
  opened: string | null,
  now: Date,
): Promise<WorkflowRun[]> {
  const month = monthOf(now)
  return forge.runs('train.yml', { backTo: opened !== null && opened < month ? opened : month })
}

/** What a proposal may spend and has spent, counted by the forge's own list of runs. */
export async function gpuSpending(
  forge: Pick<Forge, 'runs'>,
  pull: PullRequest,
  { budget, machines, now }: GpuLimits,
): Promise<GpuSpending> {
  const runs = await trainingRuns(forge, pull.createdAt, now)
  const spent = gpuSpent(runs, { pullRequest: pull.number, machines, now })
  return { budget, spent, news: trainingNews(runs, pull), started: startedOn(runs, pull) }
}
