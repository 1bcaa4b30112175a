import type { components } from '@octokit/openapi-types'
import { type Context, created, invalid, notFound, ok, paged, type Reply, type Route, refuse, textOf } from './http.ts'
import { unmetChecks } from './protection.ts'
import { headOf, listedShape, shapeOf } from './pull-shape.ts'
import { emitPush } from './pushes.ts'
import { byForge } from './repository.ts'
import { userOf } from './shapes.ts'
import type { Pull } from './state.ts'

const find = (context: Context) => context.state.pulls.find((pull) => String(pull.number) === context.params[0])
const branchName = (value: unknown, owner: string) => {
  const text = textOf(value)
  return text?.startsWith(`${owner}:`) ? text.slice(owner.length + 1) : text
}

async function open(context: Context): Promise<Reply> {
  const { body, state, git } = context
  const title = textOf(body.title)
  const [, fork = null] = /^([\w-]+):/.exec(textOf(body.head)?.replace(`${context.owner}:`, '') ?? '') ?? []
  const head = branchName(body.head, fork ?? context.owner)
  const base = textOf(body.base)
  if (!title) return invalid('PullRequest', 'title', 'missing_field')
  const headSha = head && (await headOf(context, { head, fork }))
  if (!head || !headSha) return invalid('PullRequest', 'head', 'invalid')
  const baseSha = base && (await git.branchOf(base))
  if (!base || !baseSha) return invalid('PullRequest', 'base', 'invalid')
  if (
    state.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.fork === fork && pull.base === base)
  ) {
    const message = `A pull request already exists for ${fork ?? context.owner}:${head}.`
    return refuse(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }])
  }
  if ((await git.mergeBase(baseSha, headSha)) === headSha) {
    const message = `No commits between ${base} and ${head}`
    return refuse(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }])
  }
  const at = context.now()
  const number = 1 + Math.max(0, ...state.pulls.map((pull) => pull.number))
  const ends = { head, fork, base, draft: body.draft === true, state: 'open' as const, author: context.author }
  const times = { createdAt: at, updatedAt: at, closedAt: null, merged: null }
  const pull: Pull = { id: context.id(), number, title, body: textOf(body.body), ...ends, ...times }
  state.pulls.push(pull)
  const shape = await shapeOf(pull, context)
  context.emit('pull_request', { action: 'opened', number, pull_request: shape })
  return created(shape)
}

async function list(context: Context): Promise<Reply> {
  const { query, state } = context
  const [owner, named] = query.get('head')?.split(':') ?? []
  const head = named ?? branchName(query.get('head'), context.owner)
  const base = query.get('base')
  const wanted = query.get('state') ?? 'open'
  const found = state.pulls.filter(
    (pull) =>
      (wanted === 'all' || pull.state === wanted) &&
      (!head || (pull.head === head && (named === undefined || (pull.fork ?? context.owner) === owner))) &&
      (!base || pull.base === base),
  )
  const shapes = await Promise.all(found.toReversed().map((pull) => listedShape(pull, context)))
  return paged(context, `${context.repo}/pulls`, shapes)
}

/** Open and merged proposals whose newest commit this is. */
async function ofCommit(context: Context): Promise<Reply> {
  const sha = await context.git.commitOf(context.params[0] as string)
  if (!sha) return refuse(422, `No commit found for SHA: ${context.params[0]}`)
  const shapes = await Promise.all(context.state.pulls.map((pull) => listedShape(pull, context)))
  return paged(
    context,
    `${context.repo}/commits/${sha}/pulls`,
    shapes.filter(({ head, merge_commit_sha }) => head.sha === sha || merge_commit_sha === sha),
  )
}

async function change(context: Context): Promise<Reply> {
  const pull = find(context)
  if (!pull) return notFound()
  const { title, body, state } = context.body
  const base = textOf(context.body.base)
  if (state !== undefined && state !== 'open' && state !== 'closed') return invalid('PullRequest', 'state', 'invalid')
  if (pull.merged && state === 'open') return invalid('PullRequest', 'state', 'invalid')
  const moves = base !== null && base !== pull.base
  if (moves) {
    if (pull.state === 'closed')
      return invalid('PullRequest', 'base', 'invalid', 'Cannot change the base of a closed pull request')
    if (!(await context.git.branchOf(base))) return invalid('PullRequest', 'base', 'invalid')
  }
  const before = { title: pull.title, body: pull.body, base: pull.base }
  const baseSha = (await context.git.branchOf(pull.base)) ?? ''
  pull.title = textOf(title) ?? pull.title
  if (body !== undefined) pull.body = textOf(body)
  if (moves) rebase(pull, base, context)
  const turned = state !== undefined && state !== pull.state
  if (turned) {
    const headSha = await headOf(context, pull)
    if (state === 'closed' && headSha) pull.closedSha = headSha
    else delete pull.closedSha
    pull.state = state
    pull.closedAt = state === 'closed' ? context.now() : null
  }
  pull.updatedAt = context.now()
  const shape = await shapeOf(pull, context)
  const changes = {
    ...(pull.title === before.title ? {} : { title: { from: before.title } }),
    ...(pull.body === before.body ? {} : { body: { from: before.body ?? '' } }),
    ...(moves ? { base: { ref: { from: before.base }, sha: { from: baseSha } } } : {}),
  }
  const about = { number: pull.number, pull_request: shape }
  if (Object.keys(changes).length > 0) context.emit('pull_request', { action: 'edited', ...about, changes })
  if (turned) context.emit('pull_request', { action: state === 'closed' ? 'closed' : 'reopened', ...about })
  return ok(shape)
}

function rebase(pull: Pull, base: string, context: Context): void {
  pull.base = base
  pull.rebased = [...(pull.rebased ?? []), { id: context.id(), at: context.now(), actor: context.author }]
}

/** What happened to a proposal; of GitHub's many kinds only the change of its base. */
function events(context: Context): Reply {
  const pull = find(context)
  if (!pull) return notFound()
  const shapes = (pull.rebased ?? []).map(({ id, at, actor }) => ({
    id,
    node_id: Buffer.from(`event:${id}`).toString('base64'),
    url: `${context.repo}/issues/events/${id}`,
    actor: userOf(actor, context.api),
    event: 'base_ref_changed',
    performed_via_github_app: null,
    commit_id: null,
    commit_url: null,
    created_at: at,
  }))
  return paged(context, `${context.repo}/issues/${pull.number}/events`, shapes)
}

async function files(context: Context): Promise<Reply> {
  const pull = find(context)
  if (!pull) return notFound()
  const { head, base } = await shapeOf(pull, context)
  const from = await context.git.mergeBase(base.sha, head.sha)
  const rows = from ? await context.git.files(from, head.sha) : []
  const shapes = rows.map(({ path, sha, status, additions, deletions }) => ({
    sha,
    filename: path,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${context.page}/blob/${head.sha}/${path}`,
    raw_url: `${context.page}/raw/${head.sha}/${path}`,
    contents_url: `${context.repo}/contents/${path}?ref=${head.sha}`,
  })) satisfies components['schemas']['diff-entry'][]
  return paged(context, `${context.repo}/pulls/${pull.number}/files`, shapes)
}

async function merge(context: Context): Promise<Reply> {
  const pull = find(context)
  if (!pull) return notFound()
  const { git, body, state } = context
  const [headSha, baseSha] = [await headOf(context, pull), await git.branchOf(pull.base)]
  if (pull.state !== 'open' || !headSha || !baseSha) return refuse(405, 'Pull Request is not mergeable')
  if (body.sha !== undefined && body.sha !== headSha) {
    return refuse(409, 'Head branch was modified. Review and try the merge again.')
  }
  const [unmet] = unmetChecks(state, pull.base, headSha)
  if (unmet) return refuse(405, `Required status check "${unmet.name}" is ${unmet.why}.`)
  const method = textOf(body.merge_method) ?? 'merge'
  if (method !== 'merge' && method !== 'squash')
    return refuse(405, `${method} merges are not allowed on this repository.`)
  const tree = await git.mergeTree(baseSha, headSha)
  if (!tree) return refuse(405, 'Pull Request is not mergeable')
  const title = textOf(body.commit_title) ?? `Merge pull request #${pull.number} from ${context.owner}/${pull.head}`
  const message = [title, textOf(body.commit_message) ?? pull.title].filter(Boolean).join('\n\n')
  const at = context.now()
  const parents = method === 'merge' ? [baseSha, headSha] : [baseSha]
  const commit = await git.commitTree(tree, parents, `${message}\n`, byForge(at))
  const moved = await git.advance(pull.base, baseSha, commit)
  if (moved === 'moved') return refuse(409, 'Base branch was modified. Review and try the merge again.')
  if (moved !== 'done')
    return refuse(409, `A work tree has ${pull.base} checked out with changes: commit or drop them first.`)
  pull.merged = { commit, headSha, baseSha, at, by: context.author }
  Object.assign(pull, { state: 'closed', closedAt: at, updatedAt: at })
  await emitPush(context, { ref: `refs/heads/${pull.base}`, before: baseSha, after: commit })
  context.emit('pull_request', { action: 'closed', number: pull.number, pull_request: await shapeOf(pull, context) })
  const reply: components['schemas']['pull-request-merge-result'] = {
    sha: commit,
    merged: true,
    message: 'Pull Request successfully merged',
  }
  return ok(reply)
}

export const pullRoutes: Route[] = [
  ['POST', /^\/pulls$/, open],
  ['GET', /^\/pulls$/, list],
  [
    'GET',
    /^\/pulls\/(\d+)$/,
    async (context) => {
      const pull = find(context)
      return pull ? ok(await shapeOf(pull, context)) : notFound()
    },
  ],
  ['GET', /^\/commits\/([^/]+)\/pulls$/, ofCommit],
  ['PATCH', /^\/pulls\/(\d+)$/, change],
  ['GET', /^\/issues\/(\d+)\/events$/, events],
  [
    'PUT',
    /^\/issues\/(\d+)\/lock$/,
    (context) => {
      const pull = find(context)
      if (pull) pull.locked = true
      return pull ? { status: 204 } : notFound()
    },
  ],
  ['GET', /^\/pulls\/(\d+)\/files$/, files],
  ['PUT', /^\/pulls\/(\d+)\/merge$/, merge],
  ['GET', /^\/pulls\/(\d+)\/merge$/, (context) => (find(context)?.merged ? { status: 204 } : notFound())],
]
