import { execa } from 'execa'
import type { ForgeEvent } from '../local-forge/server.ts'
import type { Run } from '../local-forge/state.ts'
import type { RunCommit } from './commit-of-event.ts'
import type { JobIdentity } from './identity-server.ts'
import { text } from './triggers.ts'
import type { Workflow } from './workflow-file.ts'

/** A run that waits for its turn, or for somebody who lets it into its environments. */
export type Waiting = {
  run: Run
  workflow: Workflow
  event: ForgeEvent
  commit: RunCommit
  /** Environments of its jobs. */
  environments: string[]
  group: string | null
  held: boolean
}

/** A fork's proposal reads only, whatever its workflow asks for, and says to nobody who it is. */
export function permissionsOf({ workflow, event, commit }: Waiting): Record<string, string> {
  const entries = Object.entries(workflow.permissions)
  const readOnly = commit.fork && event.name === 'pull_request'
  if (!readOnly) return Object.fromEntries(entries)
  const kept = entries.filter(([scope]) => scope !== 'id-token')
  return Object.fromEntries(kept.map(([scope, level]) => [scope, level === 'write' ? 'read' : level]))
}

/** Variables of GitHub's that steps see. */
export function environmentOf({ run, commit }: Waiting, api: string, results: string, repository: string) {
  const scope = JSON.stringify({ scp: `Actions.Results:${run.id}:run` })
  return {
    GITHUB_API_URL: api,
    GITHUB_SERVER_URL: api,
    GITHUB_GRAPHQL_URL: `${api}/graphql`,
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_OWNER: repository.split('/')[0] ?? '',
    GITHUB_REF: commit.ref,
    GITHUB_REF_NAME: commit.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_REF_TYPE: commit.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    SHA_REF: commit.sha,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_NUMBER: String(run.number),
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    ACTIONS_RESULTS_URL: `${results}/`,
    ACTIONS_RUNTIME_TOKEN: `x.${Buffer.from(scope).toString('base64url')}.x`,
  }
}

/** Who a run's jobs say they are; GitHub knows it of each job, here a run of several environments says none. */
export function identityOf({ run, workflow, event, commit, environments }: Waiting, repository: string): JobIdentity {
  const branch = (end: string) => text(event.payload, 'pull_request', end, 'ref')
  return {
    repository,
    ref: commit.ref,
    sha: commit.sha,
    event: event.name,
    actor: event.actor,
    run: run.id,
    attempt: run.attempt,
    workflow: workflow.name,
    file: workflow.file,
    environment: environments.length === 1 ? (environments[0] ?? '') : '',
    pull: event.name === 'pull_request' ? { head: branch('head'), base: branch('base') } : null,
  }
}

/** Folders of the actions of other repositories that a workflow names. */
export function localUses(workflow: Workflow, folders: Record<string, string>): Record<string, string> {
  const found = workflow.uses.map((use) => [use, folders[use.split('@')[0] as string]] as const)
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** A fresh clone with the history of every branch and tag, at one commit. */
export async function cloneAt(root: string, sha: string, folder: string): Promise<void> {
  await execa('git', ['clone', '--quiet', '--no-checkout', root, folder])
  await execa('git', ['fetch', '--quiet', 'origin', sha], { cwd: folder })
  await execa('git', ['checkout', '--quiet', '--detach', sha], { cwd: folder })
}
