import type { Document } from '../core/documents/define.ts'
import { isSound } from '../core/documents/parse.ts'
import { pullRun } from '../core/documents/pull-run.ts'
import { UsageError } from '../core/errors.ts'
import { type Trust, trustOf } from '../core/judge/trust.ts'
import type { Forge, Git, PullRequest, WorkflowRun } from '../ports.ts'
import type { Subject } from './run-subject.ts'

type Ports = {
  forge: Pick<Forge, 'reviews'>
  git: Pick<Git, 'show' | 'mergeBases' | 'changedFiles' | 'isOnLine'>
  fetchHead: (pull: PullRequest) => Promise<void>
}
/** What the job has checked out: the newest commit of the default branch. */
const base = 'HEAD'

/** Whether a run's evidence may turn a check green: what its proposal touches is read from git, never from the run. */
export async function trustIn(
  { forge, git, fetchHead }: Ports,
  run: WorkflowRun,
  { pull, elsewhere }: Subject,
  { repository, documents }: { repository: string; documents: Document[] },
): Promise<Trust> {
  const sameRepository = run.headRepository === repository
  const origin = { event: run.event, sameRepository, headSha: run.headSha, elsewhere }
  const nothing = { changed: [], reviews: [], author: '', codeOwners: null, builtHere: false }
  if (pull === null || run.event !== 'pull_request' || !sameRepository) return trustOf({ ...origin, ...nothing })
  const judgedBase = documents.find((one) => isSound(pullRun, one))?.body.baseSha
  if (elsewhere === null && judgedBase && !(await git.isOnLine(base, judgedBase))) {
    origin.elsewhere = 'the run judged against a commit that the default branch never was at'
  }
  await fetchHead(pull)
  const changed = await changedSince(git, pull.head.sha)
  if (changed === null) {
    origin.elsewhere ??= 'proposal and default branch have no common history: what it changes cannot be told'
    return trustOf({ ...origin, ...nothing })
  }
  const owners = (await git.show(base, '.github/CODEOWNERS')) ?? (await git.show(base, 'CODEOWNERS'))
  return trustOf({
    ...origin,
    changed,
    builtHere: (await git.show(base, 'actions/dataset-qa/main.ts')) !== null,
    reviews: await forge.reviews(pull.number),
    author: pull.author,
    codeOwners: owners && new TextDecoder().decode(owners),
  })
}

/** Files that a commit changes; null without common history, as after a base was written anew. */
export async function changedSince(
  git: Pick<Git, 'mergeBases' | 'changedFiles'>,
  head: string,
): Promise<string[] | null> {
  try {
    // History that was merged crosswise has several bases: what differs from any of them may be what the merge takes.
    const from = await git.mergeBases(base, head)
    return [...new Set((await Promise.all(from.map((commit) => git.changedFiles(commit, head)))).flat())]
  } catch (error) {
    if (error instanceof UsageError) return null
    throw error
  }
}
