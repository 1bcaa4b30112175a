import { subjectOfTitle } from './run-report.ts'

/** Hours of graphics cards that people may spend, on one pull request and in a calendar month. */
export type GpuBudget = { aPullRequest: number; aMonth: number }
export type GpuSpent = GpuBudget

/** What a run of Train tells by itself, as the forge lists it. */
type TrainRun = {
  id: number
  title: string
  event: string
  status: string
  conclusion: string | null
  createdAt: string
  seconds: number
}

/** The newest run that somebody asked for on a proposal, when it has not spoken by evidence. */
export type TrainingNews = {
  run: number
  commit: string
  /** Whether it is of a commit that the proposal is no longer at. */
  isOld: boolean
  state: 'waits' | 'works' | 'cancelled'
}

/** First day of the month that is counted. */
export const monthOf = (now: Date) => `${now.toISOString().slice(0, 7)}-01`

/**
 * Hours that runs have spent at most: all their time on as many machines as train at once, until now where they have not
 * ended. A run waits, sets up and judges too, so that a budget is never passed because something was counted too low.
 */
function hoursSpent(runs: readonly TrainRun[], machines: number, now: Date): number {
  const secondsOf = ({ status, seconds, createdAt }: TrainRun) =>
    status === 'completed' ? seconds : Math.max(seconds, (now.getTime() - Date.parse(createdAt)) / 1000)
  return (machines * runs.reduce((sum, run) => sum + secondsOf(run), 0)) / 3600
}

/** What runs of Train have spent on a proposal, and all of them since the month's first day. */
export function gpuSpent(
  runs: readonly TrainRun[],
  { pullRequest, machines, now }: { pullRequest: number | null; machines: number; now: Date },
): GpuSpent {
  const since = monthOf(now)
  return {
    aPullRequest: pullRequest === null ? 0 : hoursSpent(runs.filter(isAbout(pullRequest)), machines, now),
    aMonth: hoursSpent(
      runs.filter(({ createdAt }) => createdAt >= since),
      machines,
      now,
    ),
  }
}

const isAbout = (pullRequest: number) => (run: TrainRun) =>
  run.event === 'workflow_dispatch' && subjectOfTitle(run.title)?.pullRequest === pullRequest

export const hoursText = (value: number) => `${Number(value.toFixed(2))}`

/** Why nothing more may be spent; null while there is budget left. */
export function overBudget(spent: GpuSpent, budget: GpuBudget): string | null {
  const of = (a: number, b: number) => `${hoursText(a)} of ${hoursText(b)} hours of graphics cards are spent`
  if (spent.aPullRequest >= budget.aPullRequest) {
    return `${of(spent.aPullRequest, budget.aPullRequest)} on this pull request; a maintainer raises SLUICE_GPU_HOURS_A_PULL_REQUEST`
  }
  if (spent.aMonth >= budget.aMonth) {
    return `${of(spent.aMonth, budget.aMonth)} this month; a maintainer raises SLUICE_GPU_HOURS_A_MONTH`
  }
  return null
}

/** Runs that were started on the commit that a proposal is at, whatever became of them. */
export function startedOn(runs: readonly TrainRun[], pull: { number: number; head: { sha: string } }): number {
  return runs.filter(isAbout(pull.number)).filter(({ title }) => subjectOfTitle(title)?.headSha === pull.head.sha)
    .length
}

/** What the newest run on a proposal is about to do, or that it was cancelled; null when its evidence says the rest. */
export function trainingNews(
  runs: readonly TrainRun[],
  pull: { number: number; head: { sha: string } },
): TrainingNews | null {
  const run = runs.filter(isAbout(pull.number)).reduce<TrainRun | null>((a, b) => (a && a.id > b.id ? a : b), null)
  const commit = run && subjectOfTitle(run.title)?.headSha
  if (!run || !commit) return null
  const about = { run: run.id, commit, isOld: commit !== pull.head.sha }
  if (run.status !== 'completed') return { ...about, state: run.status === 'in_progress' ? 'works' : 'waits' }
  return run.conclusion === 'cancelled' ? { ...about, state: 'cancelled' } : null
}
