import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { bareRepository } from './repository-shape.ts'
import { actionsApp, userOf } from './shapes.ts'
import type { Check, CheckAnnotation, Status } from './state.ts'

const conclusions = ['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'stale', 'timed_out']
const mostAnnotations = 50
const longest = 65_535

function shapeOf(check: Check, context: Context): components['schemas']['check-run'] {
  const url = `${context.repo}/check-runs/${check.id}`
  return {
    id: check.id,
    node_id: Buffer.from(`check:${check.id}`).toString('base64'),
    head_sha: check.sha,
    external_id: check.externalId,
    url,
    html_url: `${context.page}/runs/${check.id}`,
    details_url: check.detailsUrl,
    status: check.status,
    conclusion: check.conclusion as components['schemas']['check-run']['conclusion'],
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: {
      title: check.title,
      summary: check.summary,
      text: check.text,
      annotations_count: check.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    name: check.name,
    check_suite: { id: 1 },
    app: actionsApp(context.api),
    pull_requests: [],
  }
}

/** Lays the fields of a request over a check; annotations are added, all else is replaced. */
function write(check: Check, context: Context): Reply | null {
  const { body } = context
  const output = (body.output ?? {}) as Record<string, unknown>
  const given = (output.annotations ?? []) as Record<string, unknown>[]
  const wrong = (field: string, message: string) =>
    refuse(422, `Invalid request.\n\n${message}`, [{ resource: 'CheckRun', field, code: 'invalid' }])
  if (given.length > mostAnnotations) {
    return wrong('annotations', `No more than ${mostAnnotations} items are allowed; ${given.length} were supplied.`)
  }
  if (body.output !== undefined && (!textOf(output.title) || textOf(output.summary) === null)) {
    return wrong('output', '"title" and "summary" weren\'t supplied.')
  }
  if ([output.summary, output.text].some((text) => (textOf(text) ?? '').length > longest)) {
    return wrong('summary', `Only ${longest} characters are allowed.`)
  }
  const conclusion = textOf(body.conclusion)
  if (conclusion !== null && !conclusions.includes(conclusion)) return invalid('CheckRun', 'conclusion', 'invalid')
  if (body.status === 'completed' && conclusion === null && check.conclusion === null) {
    return invalid('CheckRun', 'conclusion', 'missing_field')
  }
  const bad = given.find(
    (entry) =>
      !textOf(entry.path) ||
      !Number.isInteger(entry.start_line) ||
      !Number.isInteger(entry.end_line) ||
      !['notice', 'warning', 'failure'].includes(String(entry.annotation_level)) ||
      !textOf(entry.message),
  )
  if (bad) return wrong('annotations', "For 'anyOf/0', an annotation has a wrong or missing field.")
  check.name = textOf(body.name) ?? check.name
  check.externalId = textOf(body.external_id) ?? check.externalId
  check.detailsUrl = textOf(body.details_url) ?? check.detailsUrl
  if (conclusion) Object.assign(check, { conclusion, status: 'completed', completedAt: context.now() })
  else if (textOf(body.status)) check.status = body.status as Check['status']
  for (const key of ['title', 'summary', 'text'] as const) check[key] = textOf(output[key]) ?? check[key]
  check.annotations.push(...given.map(annotationOf))
  return null
}

function annotationOf(entry: Record<string, unknown>): CheckAnnotation {
  return {
    path: String(entry.path),
    start_line: Number(entry.start_line),
    end_line: Number(entry.end_line),
    start_column: (entry.start_column as number | undefined) ?? null,
    end_column: (entry.end_column as number | undefined) ?? null,
    annotation_level: String(entry.annotation_level),
    message: String(entry.message),
    title: textOf(entry.title),
    raw_details: textOf(entry.raw_details),
  }
}

function annotationShape(entry: CheckAnnotation, check: Check, context: Context) {
  const file = entry.path.split('/').map(encodeURIComponent).join('/')
  const blob = { blob_href: `${context.page}/blob/${check.sha}/${file}` }
  return { ...entry, ...blob } satisfies components['schemas']['check-annotation']
}

async function create(context: Context): Promise<Reply> {
  const name = textOf(context.body.name)
  if (!name) return invalid('CheckRun', 'name', 'missing_field')
  const sha = await context.git.commitOf(String(context.body.head_sha ?? ''))
  if (!sha || sha !== context.body.head_sha) return refuse(422, `No commit found for SHA: ${context.body.head_sha}`)
  const empty = { externalId: null, detailsUrl: null, conclusion: null, completedAt: null, title: null, summary: null }
  const at = context.now()
  const check: Check = { ...empty, id: 0, name, sha, status: 'queued', startedAt: at, text: null, annotations: [] }
  const refusal = write(check, context)
  if (refusal) return refusal
  check.id = context.id()
  context.state.checks.push(check)
  return created(shapeOf(check, context))
}

const find = (context: Context) => context.state.checks.find((check) => check.id === Number(context.params[0]))
const shaIn = (context: Context) => context.git.commitOf(decodeURIComponent(context.params[0] as string))

async function list(context: Context): Promise<Reply> {
  const sha = await shaIn(context)
  if (!sha) return refuse(422, `No commit found for SHA: ${context.params[0]}`)
  const name = context.query.get('check_name')
  const named = context.state.checks.filter((check) => check.sha === sha && (!name || check.name === name))
  const latest = (check: Check) => named.findLast((other) => other.name === check.name) === check
  const kept = context.query.get('filter') === 'all' ? named : named.filter(latest)
  return paged(context, `${context.repo}/commits/${context.params[0]}/check-runs`, kept, (page) => ({
    total_count: kept.length,
    check_runs: page.map((check) => shapeOf(check, context)),
  }))
}

async function setStatus(context: Context): Promise<Reply> {
  const sha = await shaIn(context)
  if (!sha) return refuse(422, `No commit found for SHA: ${context.params[0]}`)
  const state = String(context.body.state)
  if (!['error', 'failure', 'pending', 'success'].includes(state)) return invalid('Status', 'state', 'invalid')
  const description = textOf(context.body.description)
  if ((description ?? '').length > 140)
    return invalid('Status', 'description', 'custom', 'description is too long (maximum is 140 characters)')
  const ends = { description, targetUrl: textOf(context.body.target_url), createdAt: context.now() }
  const status: Status = { id: context.id(), sha, state, context: textOf(context.body.context) ?? 'default', ...ends }
  context.state.statuses.push(status)
  const shape = { ...statusShape(status, context), creator: userOf(context.author, context.api) }
  return created(shape satisfies components['schemas']['status'])
}

function statusShape(status: Status, context: Context) {
  return {
    id: status.id,
    node_id: Buffer.from(`status:${status.id}`).toString('base64'),
    url: `${context.repo}/statuses/${status.sha}`,
    avatar_url: null,
    state: status.state,
    context: status.context,
    description: status.description,
    target_url: status.targetUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
  } satisfies components['schemas']['simple-commit-status']
}

async function combined(context: Context): Promise<Reply> {
  const sha = await shaIn(context)
  if (!sha) return refuse(422, `No commit found for SHA: ${context.params[0]}`)
  const all = context.state.statuses.filter((status) => status.sha === sha)
  const latest = [...new Map(all.map((status) => [status.context, status])).values()]
  const worst = ['error', 'failure'].some((state) => latest.some((status) => status.state === state))
  const green = latest.length > 0 && latest.every((status) => status.state === 'success')
  const statuses = latest.map((status) => statusShape(status, context))
  const body: components['schemas']['combined-commit-status'] = {
    sha,
    state: worst ? 'failure' : green ? 'success' : 'pending',
    total_count: latest.length,
    statuses,
    repository: bareRepository(context),
    commit_url: `${context.repo}/commits/${sha}`,
    url: `${context.repo}/commits/${sha}/status`,
  }
  return ok(body)
}

export const checkRoutes: Route[] = [
  ['POST', /^\/check-runs$/, create],
  [
    'GET',
    /^\/check-runs\/(\d+)$/,
    (context) => {
      const check = find(context)
      return check ? ok(shapeOf(check, context)) : notFound()
    },
  ],
  [
    'PATCH',
    /^\/check-runs\/(\d+)$/,
    (context) => {
      const check = find(context)
      if (!check) return notFound()
      return write(check, context) ?? ok(shapeOf(check, context))
    },
  ],
  [
    'GET',
    /^\/check-runs\/(\d+)\/annotations$/,
    (context) => {
      const check = find(context)
      if (!check) return notFound()
      const shapes = check.annotations.map((entry) => annotationShape(entry, check, context))
      return paged(context, `${context.repo}/check-runs/${check.id}/annotations`, shapes)
    },
  ],
  ['GET', /^\/commits\/([^/]+)\/check-runs$/, list],
  ['POST', /^\/statuses\/([^/]+)$/, setStatus],
  ['GET', /^\/commits\/([^/]+)\/status$/, combined],
]
