import { existsSync, readFileSync } from 'node:fs'
import type { components } from '@octokit/openapi-types'
import { shortCommit, type shortOf } from './commit-shape.ts'
import { type Context, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { bareRepository } from './repository-shape.ts'
import { userOf } from './shapes.ts'
import type { Artifact, Run } from './state.ts'

/** Where an artefact's zip lies. */
export const artifactFile = (folder: string, id: number) => `${folder}/${id}.zip`

/** A workflow run as GitHub shows one; events carry it too. */
export function runShape(run: Run, context: Context, headCommit: ReturnType<typeof shortOf> | null) {
  const url = `${context.repo}/actions/runs/${run.id}`
  const path = `.github/workflows/${run.workflow}`
  return {
    id: run.id,
    name: run.name,
    display_title: run.title,
    node_id: Buffer.from(`run:${run.id}`).toString('base64'),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path,
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: workflowId(run.workflow),
    check_suite_id: run.id,
    check_suite_node_id: Buffer.from(`suite:${run.id}`).toString('base64'),
    url,
    html_url: `${context.page}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    run_started_at: run.createdAt,
    actor: userOf(run.actor, context.api),
    triggering_actor: userOf(run.actor, context.api),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${context.repo}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${context.repo}/actions/workflows/${workflowId(run.workflow)}`,
    head_commit: headCommit,
    repository: bareRepository(context),
    head_repository: bareRepository(context, run.headRepository),
  } satisfies components['schemas']['workflow-run']
}

const shown = async (run: Run, context: Context) => runShape(run, context, await shortCommit(run.headSha, context))

/** A workflow as the events of its runs name it. */
export function workflowShape(run: Run, context: Context) {
  const id = workflowId(run.workflow)
  const { since } = context.state
  return {
    id,
    node_id: Buffer.from(`workflow:${id}`).toString('base64'),
    name: run.name,
    path: `.github/workflows/${run.workflow}`,
    state: 'active',
    created_at: since,
    updated_at: since,
    url: `${context.repo}/actions/workflows/${id}`,
    html_url: `${context.page}/blob/${context.branch}/.github/workflows/${run.workflow}`,
    badge_url: `${context.page}/actions/workflows/${run.workflow}/badge.svg`,
  } satisfies components['schemas']['workflow']
}

function workflowId(file: string): number {
  let hash = 3
  for (const char of file) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 90_000_000
  return hash
}

async function list(context: Context, of: (run: Run) => boolean, at = '/actions/runs'): Promise<Reply> {
  const { query, state } = context
  const is = (key: string, value: string | null) => !query.get(key) || query.get(key) === value
  const found = state.runs
    .filter(
      (run) =>
        of(run) &&
        run.createdAt >= (/^>=(.+)$/.exec(query.get('created') ?? '')?.[1] ?? '') &&
        is('event', run.event) &&
        is('head_sha', run.headSha) &&
        is('branch', run.headBranch) &&
        (is('status', run.status) || is('status', run.conclusion)),
    )
    .toReversed()
  const shapes = await Promise.all(found.map((run) => shown(run, context)))
  return paged(context, `${context.repo}${at}`, shapes, (page) => ({
    total_count: found.length,
    workflow_runs: page,
  }))
}

const runIn = ({ state, params }: Context) => state.runs.find(({ id }) => String(id) === params[0])

function artifactShape(artifact: Artifact, context: Context) {
  const url = `${context.repo}/actions/artifacts/${artifact.id}`
  return {
    id: artifact.id,
    node_id: Buffer.from(`artifact:${artifact.id}`).toString('base64'),
    name: artifact.name,
    size_in_bytes: artifact.bytes,
    url,
    archive_download_url: `${url}/zip`,
    expired: false,
    created_at: artifact.createdAt,
    updated_at: artifact.createdAt,
    expires_at: null,
  }
}

function artifacts(context: Context): Reply {
  const run = runIn(context)
  if (!run) return notFound()
  const name = context.query.get('name')
  const found = context.state.artifacts.filter(
    (artifact) => artifact.run === run.id && (!name || artifact.name === name),
  )
  const shapes = found.map((artifact) => artifactShape(artifact, context))
  return paged(context, `${context.repo}/actions/runs/${run.id}/artifacts`, shapes, (page) => ({
    total_count: found.length,
    artifacts: page,
  }))
}

/** The archive lies elsewhere, as at GitHub: an address that needs no token. */
function download(context: Context): Reply {
  const artifact = context.state.artifacts.find(({ id }) => String(id) === context.params[0])
  if (!artifact) return notFound()
  return { status: 302, headers: { location: `${context.api}/archives/${artifact.id}` } }
}

/** An archive at its address; null when there is none. */
export function archiveOf(path: string, folder: string): Reply | null {
  const id = /^\/archives\/(\d+)$/.exec(path)?.[1]
  const file = id === undefined ? null : artifactFile(folder, Number(id))
  if (file === null || !existsSync(file)) return null
  return { status: 200, raw: readFileSync(file), headers: { 'content-type': 'application/zip' } }
}

/** Runs of one workflow; a file that neither the repository has nor a run had is not found, as at GitHub. */
async function ofWorkflow(context: Context): Promise<Reply> {
  const [workflow = ''] = context.params
  const own = ({ workflow: file }: Run) => file === workflow || String(workflowId(file)) === workflow
  const here = await context.git.objectOf(`HEAD:.github/workflows/${workflow}`)
  return here || context.state.runs.some(own) ? list(context, own, `/actions/workflows/${workflow}/runs`) : notFound()
}

async function dispatch(context: Context): Promise<Reply> {
  const [workflow = ''] = context.params
  const ref = textOf(context.body.ref)?.replace(/^refs\/heads\//, '')
  const sha = ref ? await context.git.branchOf(ref) : null
  if (!sha) return refuse(422, `No ref found for: ${ref}`)
  const inputs = (context.body.inputs ?? {}) as Record<string, unknown>
  const refusal = await context.refusal({ workflow, sha, inputs })
  if (refusal) return refuse(refusal.status, refusal.message)
  context.emit('workflow_dispatch', { workflow: `.github/workflows/${workflow}`, ref: `refs/heads/${ref}`, inputs })
  return { status: 204 }
}

export const runRoutes: Route[] = [
  ['GET', /^\/actions\/runs$/, (context) => list(context, () => true)],
  ['GET', /^\/actions\/workflows\/([^/]+)\/runs$/, ofWorkflow],
  [
    'GET',
    /^\/actions\/runs\/(\d+)$/,
    async (context) => {
      const run = runIn(context)
      return run ? ok(await shown(run, context)) : notFound()
    },
  ],
  ['GET', /^\/actions\/runs\/(\d+)\/artifacts$/, artifacts],
  ['GET', /^\/actions\/artifacts\/(\d+)\/zip$/, download],
  ['POST', /^\/actions\/workflows\/([^/]+)\/dispatches$/, dispatch],
]
