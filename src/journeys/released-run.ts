import { EvidenceError, UsageError } from '../core/errors.ts'
import { subjectOfTitle } from '../core/judge/run-report.ts'
import type { Forge, Git, WorkflowRun } from '../ports.ts'

/**
 * A run of Train that may be released from, and the commit of the default branch that it speaks for: the pushed one, or
 * the merge of the proposal that it was started for. Asked from the forge: what a run says of itself counts for nothing.
 */
export async function releasedRun(
  { forge, git }: { forge: Pick<Forge, 'run' | 'runs' | 'pullRequest'>; git: Pick<Git, 'isOnLine'> },
  input: {
    run: number
    repository: string
    defaultBranch: string
    /** The default branch's newest commit. */
    head: string
  },
): Promise<{ run: WorkflowRun; commit: string; judged: string }> {
  const { repository, defaultBranch } = input
  const run = await forge.run(input.run)
  const listed = await forge.runs('train.yml', { headSha: run.headSha })
  const started = run.event === 'push' || run.event === 'workflow_dispatch'
  const ours = started && run.headRepository === repository && run.headBranch === defaultBranch
  if (!ours || !listed.some(({ id }) => id === run.id)) {
    throw new UsageError(`run ${run.id} is no run of Train as ${defaultBranch} has it`, {
      mend: `give the id of a run of train.yml on ${defaultBranch}, or of one that /sluice train started`,
    })
  }
  // A run that was held ends as failed: what it left says which.
  if (run.status !== 'completed' || (run.conclusion !== 'success' && run.conclusion !== 'failure')) {
    throw new EvidenceError(`run ${run.id} ended as ${run.conclusion ?? run.status}`, {
      reason: 'absent',
      where: run.url,
      mend: 'only a run whose gates passed is released',
    })
  }
  const about =
    run.event === 'push' ? { commit: run.headSha, judged: run.headSha } : await mergeOf(forge, run, defaultBranch)
  // A tag may have the branch's name, and merged history holds commits that the branch was never at.
  const within = async (sha: string, later: string) => {
    if (await git.isOnLine(later, sha)) return
    throw new UsageError(
      `${sha.slice(0, 12)}, which run ${run.id} is about, is no commit that ${defaultBranch} was at`,
      {
        mend: 'train again on what is there now',
      },
    )
  }
  await within(about.commit, input.head)
  await within(run.headSha, about.commit)
  return { run, ...about }
}

/** The merge of the proposal that a run by hand was about; its newest commit must be the one that was trained on. */
async function mergeOf(forge: Pick<Forge, 'pullRequest'>, run: WorkflowRun, defaultBranch: string) {
  const named = subjectOfTitle(run.title)
  if (named === null) throw new UsageError(`run ${run.id} does not say which proposal it is about`)
  const pull = await forge.pullRequest(named.pullRequest)
  const same = pull.head.sha === named.headSha && pull.base.ref === defaultBranch
  if (same && pull.merged && pull.mergeCommit) return { commit: pull.mergeCommit, judged: named.headSha }
  throw new UsageError(`#${pull.number} is not merged into ${defaultBranch} at ${named.headSha.slice(0, 12)}`, {
    mend: 'merge it first: what is released is on the default branch',
  })
}
