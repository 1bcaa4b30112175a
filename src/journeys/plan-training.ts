import { type GpuBudget, type GpuSpent, gpuSpent, overBudget } from '../core/judge/gpu-budget.ts'
import { armsToTrain, type PlannedArm, type TrainingDigests, trainedAlready } from '../core/judge/training-plan.ts'
import { standingApprovals } from '../core/judge/trust.ts'
import type { Forge, WorkflowRun } from '../ports.ts'
import { documentsOf } from './evidence-documents.ts'
import { trainingRuns } from './gpu-spending.ts'

export type PlanPorts = {
  forge: Pick<Forge, 'pullRequest' | 'reviews' | 'mayWrite' | 'runs' | 'artifact'>
  /** Digests of the data and recipe that would be trained; null where labels cannot be had here. */
  digests: () => Promise<TrainingDigests | null>
  /** Files of an evidence archive, vetted. */
  readArchive: (zip: Uint8Array) => Map<string, Uint8Array>
}
export type PlanRequest = {
  /** Null for a commit of the default branch. */
  pullRequest: number | null
  head: string
  seeds: number
  budget: GpuBudget
  /** Machines that train at once. */
  machines: number
  champion: boolean
  /** Whether data, recipe or champion differ from the commit before; a proposal is always asked about. */
  changed: boolean
  run: number
  now: Date
  repository: string
  defaultBranch: string
}
export type TrainingPlan = {
  verdict: 'train' | 'reuse' | 'nothing' | 'refused'
  reason: string
  arms: PlannedArm[]
  /** The run whose arms are used again. */
  reuse: WorkflowRun | null
  spent: GpuSpent
}

const largestArchive = 24 * 2 ** 20
// Each look costs two calls; an older run than these is trained again.
const mostLooks = 8

/** Whether, what and where to train: asked again from the forge, since the event that started this may be old. */
export async function planTraining(ports: PlanPorts, request: PlanRequest): Promise<TrainingPlan> {
  const { forge } = ports
  const nothing = { arms: [], reuse: null, spent: { aPullRequest: 0, aMonth: 0 } }
  const proposal = request.pullRequest !== null
  if (!proposal && !request.changed) {
    return { verdict: 'nothing', reason: 'data, recipe and champion are those of the commit before', ...nothing }
  }
  const refusal = proposal ? await refusalOf(forge, request) : null
  if (refusal) return { verdict: 'refused', reason: refusal, ...nothing }
  const arms = armsToTrain({ proposal, champion: request.champion, seeds: request.seeds })
  const opened = proposal ? (await forge.pullRequest(request.pullRequest as number)).createdAt : null
  const earlier = (await trainingRuns(forge, opened, request.now)).filter(({ id }) => id !== request.run)
  const spent = gpuSpent(earlier, request)
  const reuse = await sameTraining(ports, request, arms, earlier)
  if (reuse) {
    const reason = `run ${reuse.id} trained this: the same images, labels, recipe and champion`
    return { verdict: 'reuse', reason, arms, reuse, spent }
  }
  const over = overBudget(spent, request.budget)
  if (over) return { verdict: 'refused', reason: over, arms: [], reuse: null, spent }
  return { verdict: 'train', reason: `${arms.length} runs, after a smoke train`, arms, reuse: null, spent }
}

/** Why a proposal is not trained on; null when it may be. */
async function refusalOf(forge: PlanPorts['forge'], { pullRequest, head }: PlanRequest): Promise<string | null> {
  const pull = await forge.pullRequest(pullRequest as number)
  const short = head.slice(0, 12)
  if (pull.state !== 'open') return `#${pull.number} is closed`
  if (pull.draft) return `#${pull.number} is a draft: mark it as ready for review first`
  if (pull.head.sha !== head) {
    return `#${pull.number} is at ${pull.head.sha.slice(0, 12)} now, ${short} was asked for: have the newest commit reviewed, then /sluice train`
  }
  const reviews = await forge.reviews(pull.number)
  for (const user of standingApprovals({ reviews, author: pull.author, headSha: head })) {
    if (await forge.mayWrite(user)) return null
  }
  return `nobody with write access, the author apart, has approved exactly ${short}`
}

/** The newest run of the default branch's own workflow that trained the same; its word is in its evidence, not its name. */
async function sameTraining(
  { forge, digests, readArchive }: PlanPorts,
  { repository, defaultBranch }: PlanRequest,
  arms: readonly PlannedArm[],
  earlier: readonly WorkflowRun[],
): Promise<WorkflowRun | null> {
  const ours = earlier.filter(
    (run) =>
      run.status === 'completed' &&
      run.conclusion !== 'cancelled' &&
      (run.event === 'workflow_dispatch' || run.event === 'push') &&
      run.headBranch === defaultBranch &&
      run.headRepository === repository,
  )
  if (ours.length === 0) return null
  const wanted = await digests()
  if (wanted === null) return null
  for (const run of ours.slice(0, mostLooks)) {
    const zip = await forge.artifact(run.id, 'sluice-evidence', largestArchive)
    if (zip && trainedAlready(documentsOf(zip, readArchive), arms, wanted)) return run
  }
  return null
}
