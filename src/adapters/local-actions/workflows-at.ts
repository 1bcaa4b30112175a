import { execa } from 'execa'
import type { repositoryAt } from '../local-forge/repository.ts'
import type { ForgeEvent } from '../local-forge/server.ts'
import type { RunCommit } from './commit-of-event.ts'
import { dispatchInputs } from './dispatch-inputs.ts'
import { readWorkflow, type Workflow } from './workflow-file.ts'

/** Workflow files of a commit; one that is none is among them, with what is wrong. */
export async function workflowsAt(root: string, sha: string): Promise<Workflow[]> {
  const show = async (...args: string[]) => (await execa('git', args, { cwd: root })).stdout
  const names = (await show('ls-tree', '--name-only', sha, '.github/workflows/')).split('\n')
  const files = names.filter((name) => /\.ya?ml$/.test(name)).map((name) => name.replace(/^.*\//, ''))
  return Promise.all(
    files.map(async (file) => readWorkflow(file, await show('show', `${sha}:.github/workflows/${file}`))),
  )
}

/** What GitHub answers to a dispatch that it does not take; null when it does. */
export async function dispatchRefusal(
  root: string,
  { workflow, sha, inputs }: { workflow: string; sha: string; inputs: Record<string, unknown> },
): Promise<{ status: 404 | 422; message: string } | null> {
  const found = (await workflowsAt(root, sha)).find(({ file }) => file === workflow)
  if (!found) return { status: 404, message: 'Not Found' }
  if (found.invalid) return { status: 422, message: `Invalid workflow file: ${found.invalid}` }
  const read = dispatchInputs(found.on, inputs)
  return 'refused' in read ? { status: 422, message: read.refused } : null
}

/** Files that a push or a proposal changes. */
export async function changedPaths(git: ReturnType<typeof repositoryAt>, event: ForgeEvent, commit: RunCommit) {
  if (event.name !== 'push') {
    const base = (event.payload.pull_request as { base: { sha: string } }).base.sha
    return (await git.files(base, commit.sha)).map(({ path }) => path)
  }
  const before = String(event.payload.before)
  const from = /^0+$/.test(before) ? await git.commitOf(`${commit.sha}~1`) : before
  return from ? (await git.files(from, commit.sha)).map(({ path }) => path) : []
}
