import { assetRoutes } from './assets.ts'
import { attestationRoutes } from './attestations.ts'
import { checkRoutes } from './checks.ts'
import { commentRoutes } from './comments.ts'
import { contentRoutes } from './contents.ts'
import { environmentRoutes } from './environments.ts'
import { type Fault, instead, meet } from './faults.ts'
import {
  type Blobs,
  type Context,
  type Limits,
  notFound,
  ok,
  type Refusal,
  type Reply,
  type Route,
  refuse,
} from './http.ts'
import { enqueue, settleQueue } from './merge-queue.ts'
import { objectRoutes } from './objects.ts'
import { protectionRoutes } from './protection.ts'
import { pullRoutes } from './pulls.ts'
import { refRoutes } from './refs.ts'
import { releaseRoutes } from './releases.ts'
import type { Repository } from './repository.ts'
import { fullRepository, repositoryOf } from './repository-shape.ts'
import { reviewRoutes } from './reviews.ts'
import { rulesetRoutes } from './rulesets.ts'
import { runRoutes } from './runs.ts'
import { settingRoutes } from './settings.ts'
import { accountOf, userOf } from './shapes.ts'
import type { State } from './state.ts'

/** What GitHub would send to a webhook, and whose token caused it: GITHUB_TOKEN's events start no workflows. */
export type ForgeEvent = { name: string; payload: Record<string, unknown>; actor: string; byWorkflow: boolean }
/** A request and its answer, which a fault may still spoil on its way. */
export type Exchange = { request: ForgeRequest; reply: Reply; fault: Fault['kind'] | null }
/** Sees all that a forge answers and tells, as it happens. */
export type ForgeWatch = { exchange: (exchange: Exchange) => void; event: (event: ForgeEvent) => void }
/** A token of one job: what it may write; reading is always allowed. */
export type JobToken = { token: string; permissions: Record<string, string> }

export type ForgeParts = {
  owner: string
  name: string
  /** Address that the forge answers at. */
  api: () => string
  git: Repository
  state: State
  /** Called after every change of the state. */
  keep: () => void
  blobs: Blobs
  now: () => Date
  /** Login by token; every other token is the Actions bot, as GITHUB_TOKEN is. */
  logins: Record<string, string>
  onEvent: (event: ForgeEvent) => void
  watch?: ForgeWatch | undefined
  /** Why a workflow is not started by hand, where there are Actions to say so; else any is. */
  refusal?: Refusal | undefined
}
export type ForgeRequest = {
  method: string
  path: string
  query: URLSearchParams
  token: string | null
  contentType: string | null
  accept: string | null
  body: Uint8Array
}

const bot = 'github-actions[bot]'
const mergeQueue = 'github-merge-queue[bot]'
const lists = /\/(comments|check-runs|releases|assets|pulls|runs)$/
const repoRoute: Route = ['GET', /^$/, (context) => ok(fullRepository(context))]
const routes = [
  repoRoute,
  pullRoutes,
  commentRoutes,
  checkRoutes,
  protectionRoutes,
  refRoutes,
  releaseRoutes,
  assetRoutes,
  objectRoutes,
  reviewRoutes,
  runRoutes,
  settingRoutes,
  environmentRoutes,
  rulesetRoutes,
  contentRoutes,
  attestationRoutes,
].flatMap((entry) => (typeof entry[0] === 'string' ? [entry as Route] : (entry as Route[])))

/** Whether the forge has an answer of its own for a call below its repository, or leaves it at not found. */
export const answers = (method: string, local: string): boolean =>
  routes.some(([verb, pattern]) => verb === method && pattern.test(local))

/** What GitHub would answer, without a network: the routes over one state and one repository, one request at a time. */
export function forgeOf(parts: ForgeParts) {
  const { owner, name, git, state } = parts
  const faults: Fault[] = []
  const jobTokens: JobToken[] = []
  // A lag of 0 keeps no past.
  const limits: Limits = { perPage: 100, listLagMs: 0, inlineBundles: true }
  const prefix = `/repos/${owner}/${name}`
  const readBranch = async () => {
    state.defaultBranch = (await git.symbolicHead()) ?? state.defaultBranch
  }
  let queue: Promise<unknown> = readBranch()
  let past: { at: number; state: State }[] = []
  state.since ||= stamp()

  /** The time as GitHub writes it, without fractions. */
  function stamp(): string {
    return parts
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
  }

  /** What every route is given, for requests of `author`. */
  const contextOf = (author: string, query = new URLSearchParams()): Context => {
    const api = parts.api()
    const emit = (name: string, content: Record<string, unknown>) => {
      const payload = { ...content, sender: userOf(author, api), repository: repositoryOf(context) }
      const event = { name, payload, actor: author, byWorkflow: author === bot }
      parts.watch?.event(event)
      parts.onEvent(event)
    }
    const context: Context = {
      ...{ state, git, owner, name, api, query, author, now: stamp, emit, blobs: parts.blobs, limits },
      refusal: parts.refusal ?? (async () => null),
      ...{ params: [], body: {}, bytes: null, contentType: null, accept: null, fault: null },
      repo: `${api}${prefix}`,
      page: `${api}/${owner}/${name}`,
      branch: state.defaultBranch,
      id: () => state.nextId++,
    }
    return context
  }

  /** The state as a list shows it, which may be some time behind. */
  const seen = (request: ForgeRequest): State => {
    if (request.method !== 'GET' || !lists.test(request.path)) return state
    const until = parts.now().getTime() - limits.listLagMs
    return past.find(({ at }) => at > until)?.state ?? state
  }

  /** The state before a change, for lists that stay behind it. */
  const remember = (): State | null => (limits.listLagMs > 0 ? structuredClone(state) : null)
  const changed = (before: State | null) => {
    const at = parts.now().getTime()
    if (before !== null) past = [...past.filter((entry) => entry.at > at - 60_000), { at, state: before }]
    parts.keep()
  }

  const answer = async (request: ForgeRequest, fault: Fault['kind'] | null): Promise<Reply> => {
    const { method, path, query, token } = request
    if (method !== 'GET' && !token) return refuse(401, 'Requires authentication')
    const author = parts.logins[token ?? ''] ?? bot
    const job = jobTokens.find((entry) => entry.token === token)
    if (job && method !== 'GET' && job.permissions[scopeOf(path)] !== 'write') {
      return refuse(403, 'Resource not accessible by integration')
    }
    if (path === '/user') {
      const api = parts.api()
      return author === bot
        ? refuse(403, 'Resource not accessible by integration')
        : ok(accountOf(author, api, state.since))
    }
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return notFound()
    const upload = /\/releases\/\d+\/assets$/.test(path)
    const body = upload ? {} : jsonOf(request.body)
    if (body === undefined) return refuse(400, 'Problems parsing JSON')
    const local = path.slice(prefix.length)
    if (method !== 'GET' || local === '') await readBranch()
    const context: Context = { ...contextOf(author, query), state: seen(request) }
    Object.assign(context, { body, fault, contentType: request.contentType, accept: request.accept })
    if (upload) context.bytes = request.body
    const before = method !== 'GET' ? remember() : null
    for (const [verb, pattern, handler] of routes) {
      const match = verb === method ? pattern.exec(local) : null
      if (!match) continue
      const reply = await handler({ ...context, params: match.slice(1) })
      if (method !== 'GET' && /^\/(check-runs|statuses)/.test(local)) await settleQueue(contextOf(mergeQueue))
      if (method !== 'GET' && (reply.status < 300 || fault !== null)) changed(before)
      return reply
    }
    return notFound()
  }

  return {
    faults,
    jobTokens,
    limits,
    contextOf,
    /** Somebody presses the button of the merge queue. */
    enqueue: (number: number) => {
      const turn = queue.then(async () => {
        const before = remember()
        const told = await enqueue(contextOf(mergeQueue), number)
        changed(before)
        return told
      })
      queue = turn.catch(() => {})
      return turn
    },
    /** Changes the state beside the interface, as what runs workflows does. */
    change: <T>(write: () => T): T => {
      const before = remember()
      const made = write()
      changed(before)
      return made
    },
    /** When all that was asked has been answered. */
    idle: () => queue,
    /**
     * One at a time, so that state and repository never see two writers. The fault may still spoil the reply.
     * `elsewhere` is what an address beside the interface holds: a page, an archive.
     */
    ask: async (
      request: ForgeRequest,
      elsewhere: Reply | null = null,
    ): Promise<{ reply: Reply; fault: Fault['kind'] | null }> => {
      const fault = meet(faults, request.method, request.path)
      const kind = fault?.kind ?? null
      const turn = queue.then(() => instead(fault) ?? elsewhere ?? answer(request, kind))
      queue = turn.catch(() => {})
      const reply = await turn.catch((error: unknown) => refuse(500, `local forge: ${(error as Error).message}`))
      if (elsewhere === null) parts.watch?.exchange({ request, reply, fault: kind })
      return { reply, fault: kind }
    },
  }
}

/** The permission that a write needs. */
function scopeOf(path: string): string {
  if (/\/check-runs|\/check-suites/.test(path)) return 'checks'
  if (/\/statuses\//.test(path)) return 'statuses'
  if (/\/(issues|pulls)(\/|$)/.test(path)) return 'pull-requests'
  if (/\/attestations$/.test(path)) return 'attestations'
  return /\/actions\//.test(path) ? 'actions' : 'contents'
}

/** The JSON object of a request; undefined when it is not one. */
function jsonOf(body: Uint8Array): Record<string, unknown> | undefined {
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
