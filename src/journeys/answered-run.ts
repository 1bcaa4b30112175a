import { documentId } from '../core/documents/define.ts'
import { UsageError } from '../core/errors.ts'
import { subjectOfTitle } from '../core/judge/run-report.ts'
import type { Forge, Git } from '../ports.ts'
import { documentsOf, verdictsIn } from './evidence-documents.ts'

const largestArchive = 24 * 2 ** 20
// Each look costs three calls, and a report has 25.
const mostLooks = 3

/**
 * The run of Train whose held verdict a commit of the default branch accepts, so that its check is written again without
 * anybody asking; null where the commit accepts none, or that of no run among the newest that were held.
 */
export async function answeredRun(
  {
    forge,
    git,
    readArchive,
  }: {
    forge: Pick<Forge, 'runs' | 'artifact'>
    git: Pick<Git, 'changedFiles'>
    readArchive: (zip: Uint8Array) => Map<string, Uint8Array>
  },
  sha: string,
  { repository, defaultBranch }: { repository: string; defaultBranch: string },
): Promise<number | null> {
  // A first commit has none before it.
  const changed = await git.changedFiles(`${sha}^`, sha).catch((error: Error) => {
    if (error instanceof UsageError) return []
    throw error
  })
  const accepted = changed.flatMap((path) => /^gates\/acceptances\/([0-9a-f]{64})\.yaml$/.exec(path)?.[1] ?? [])
  if (accepted.length === 0) return null
  const held = (await forge.runs('train.yml')).filter(
    (run) =>
      run.status === 'completed' &&
      run.conclusion === 'failure' &&
      run.event === 'workflow_dispatch' &&
      run.headBranch === defaultBranch &&
      run.headRepository === repository &&
      subjectOfTitle(run.title) !== null,
  )
  for (const run of held.slice(0, mostLooks)) {
    const zip = await forge.artifact(run.id, 'sluice-evidence', largestArchive)
    const verdicts = zip === null ? [] : verdictsIn(documentsOf(zip, readArchive))
    if (verdicts.some((one) => accepted.includes(documentId(one)))) return run.id
  }
  return null
}
