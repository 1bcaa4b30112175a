import { UsageError } from '../core/errors.ts'
import { subjectOfTitle } from '../core/judge/run-report.ts'
import type { Forge, Git, PullRequest, WorkflowRun } from '../ports.ts'

export type Subject = {
  sha: string
  pull: PullRequest | null
  /** Why another branch than the default one may have defined the run; null when none can have. */
  elsewhere: string | null
}
type Ports = { forge: Forge; git: Pick<Git, 'isOnLine'> }

/** Longer than a forge takes from an event to the run that it starts. */
const lagMs = 24 * 3600_000

/** The commit that a run is about and its proposal; null when a newer commit has come since: nobody asks any more. */
export async function subjectOf(
  { forge, git }: Ports,
  run: WorkflowRun,
  { repository, defaultBranch }: { repository: string; defaultBranch: string },
): Promise<Subject | null> {
  // A tag may have the branch's name; only a commit that the branch was at has workflows that were reviewed.
  const byDefault = async () =>
    run.headBranch === defaultBranch && run.headRepository === repository && (await git.isOnLine('HEAD', run.headSha))
  if (run.event === 'workflow_dispatch') {
    const named = subjectOfTitle(run.title)
    if (named === null) throw new UsageError(`run ${run.id} does not say which proposal it is about`)
    if (!(await byDefault())) {
      throw new UsageError(`run ${run.id} was not started from ${defaultBranch}`, {
        mend: 'start it from the default branch: what a branch or a tag defines turns no check green',
      })
    }
    const pull = await forge.pullRequest(named.pullRequest)
    const asked = pull.state === 'open' && pull.head.sha === named.headSha
    return asked ? { sha: named.headSha, pull, elsewhere: null } : null
  }
  // A branch that somebody may push to can hold any workflow of any name.
  if (run.event === 'push' && !(await byDefault())) return null
  if (run.event === 'merge_group' && !run.headBranch?.startsWith(`gh-readonly-queue/${defaultBranch}/`)) return null
  if (run.event !== 'pull_request') return { sha: run.headSha, pull: null, elsewhere: null }
  const owner = run.headRepository?.split('/')[0]
  if (owner === undefined || run.headBranch === null) return null
  const ever = (await forge.pullRequestsFrom(owner, run.headBranch)).filter(
    ({ headRepository }) => headRepository === run.headRepository,
  )
  const open = ever.filter(({ head, state }) => state === 'open' && head.sha === run.headSha)
  const pull = open.find(({ base }) => base.ref === defaultBranch) ?? open[0]
  return pull
    ? { sha: run.headSha, pull, elsewhere: await elsewhereOf(forge, run, { pull, ever, defaultBranch }) }
    : null
}

/**
 * GitHub does not say which proposal started a run, and each base brings its own workflows. So every proposal that the
 * branch ever made has to have been for the default branch while it could start this run: also one that is closed by
 * now, was turned to the default branch meanwhile, or has been at another commit since.
 */
async function elsewhereOf(
  forge: Forge,
  run: WorkflowRun,
  { pull, ever, defaultBranch }: { pull: PullRequest; ever: PullRequest[]; defaultBranch: string },
): Promise<string | null> {
  const from = Date.parse(run.createdAt) - lagMs
  const possible = ever.filter(({ state, updatedAt }) => state === 'open' || !(Date.parse(updatedAt) < from))
  if (possible.some(({ base }) => base.ref !== defaultBranch)) {
    return 'this branch is or was proposed for another branch too, whose workflows are not the default branch’s'
  }
  if (!(Date.parse(run.createdAt) >= Date.parse(pull.createdAt))) return 'the run is older than its proposal'
  for (const { number } of possible) {
    const changes = await forge.baseChanges(number)
    if (changes.some((at) => !(Date.parse(at) < from))) {
      return `the base of #${number} was changed: it may have been another branch, with workflows of its own, when the run began`
    }
  }
  return null
}
