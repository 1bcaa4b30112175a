import { byForge, type repositoryAt } from '../local-forge/repository.ts'
import type { ForgeEvent } from '../local-forge/server.ts'
import { text } from './triggers.ts'

/** Which commit a runner checks out and which one the run is about. */
export type RunCommit = {
  sha: string
  ref: string
  headSha: string
  headBranch: string
  headRepository: string
  fork: boolean
}
type Git = ReturnType<typeof repositoryAt>

/**
 * A proposal is checked out merged into its base, a push and the merge queue at their commit, a dispatch at its ref and
 * everything else at the default branch. Null when there is none: a proposal in conflict starts nothing.
 */
export async function commitOfEvent(git: Git, event: ForgeEvent, repository: string): Promise<RunCommit | null> {
  const { name, payload } = event
  const own = { headRepository: repository, fork: false }
  const at = async (ref: string, revision = ref): Promise<RunCommit | null> => {
    const sha = await git.commitOf(revision)
    if (!sha) return null
    return { sha, ref, headSha: sha, headBranch: ref.replace(/^refs\/(heads|tags)\//, ''), ...own }
  }
  if (name === 'push') return at(text(payload, 'ref'), text(payload, 'after'))
  if (name === 'merge_group')
    return at(text(payload, 'merge_group', 'head_ref'), text(payload, 'merge_group', 'head_sha'))
  if (name === 'workflow_dispatch') return at(text(payload, 'ref'))
  if (name !== 'pull_request') return at(`refs/heads/${(await git.symbolicHead()) ?? 'main'}`)
  const [head, base] = ['head', 'base'].map((end) => text(payload, 'pull_request', end, 'sha')) as [string, string]
  const tree = await git.mergeTree(base, head)
  if (tree === null) return null
  const date = text(payload, 'pull_request', 'updated_at')
  const sha = await git.commitTree(tree, [base, head], `Merge ${head} into ${base}`, byForge(date))
  const headRepository = text(payload, 'pull_request', 'head', 'repo', 'full_name') || repository
  return {
    sha,
    ref: `refs/pull/${payload.number}/merge`,
    headSha: head,
    headBranch: text(payload, 'pull_request', 'head', 'ref'),
    headRepository,
    fork: headRepository !== repository,
  }
}
