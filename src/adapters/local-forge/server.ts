import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '../../core/errors.ts'
import { checkRoutes } from './checks.ts'
import { commentRoutes } from './comments.ts'
import { type Fault, instead, meet, spoil } from './faults.ts'
import { type Context, notFound, ok, type Reply, type Route, refuse } from './http.ts'
import { pageOf } from './pages.ts'
import { protectionRoutes } from './protection.ts'
import { pullRoutes } from './pulls.ts'
import { tellPush } from './pushes.ts'
import { refRoutes } from './refs.ts'
import { releaseRoutes } from './releases.ts'
import { repositoryAt } from './repository.ts'
import { reviewRoutes } from './reviews.ts'
import { type RunBook, runBook } from './run-book.ts'
import { archiveOf, runRoutes } from './runs.ts'
import { repositoryOf, userOf } from './shapes.ts'
import { loadState, saveState } from './state.ts'

export type LocalForgeOptions = {
  /** Git repository behind the forge, bare or not. */
  root: string
  stateFile: string
  /** owner/name */
  repository: string
  /** Whichever port is free when it is 0 or absent. */
  port?: number
  /** Fixed or false clock, for reports that must not change. */
  now?: () => Date
  /** Login by token; every other token is the Actions bot, as GITHUB_TOKEN is. */
  logins?: Record<string, string>
  /** Permission by login: admin, write or read. */
  people?: Record<string, string>
  onEvent?: (event: ForgeEvent) => void
}
/** What GitHub would send to a webhook, and whose token caused it: GITHUB_TOKEN's events start no workflows. */
export type ForgeEvent = { name: string; payload: Record<string, unknown>; actor: string; byWorkflow: boolean }
/** A token of one job: what it may write; reading is always allowed. */
export type JobToken = { token: string; permissions: Record<string, string> }
/** `faults` and `jobTokens` may be filled while it runs. */
export type LocalForge = {
  url: string
  faults: Fault[]
  requests: string[]
  jobTokens: JobToken[]
  /** What workflows did, kept as GitHub keeps it. */
  runs: RunBook
  /** Tells that somebody pushed to a branch or a tag with git itself; 40 zeros where there was nothing. */
  pushed: (push: { ref: string; before: string; after: string; actor: string }) => Promise<void>
  close: () => Promise<void>
}

const largest = 2 ** 20
const bot = 'github-actions[bot]'
const repoRoute: Route = ['GET', /^$/, repositoryShape]
const routes = [
  repoRoute,
  pullRoutes,
  commentRoutes,
  checkRoutes,
  protectionRoutes,
  refRoutes,
  releaseRoutes,
  reviewRoutes,
  runRoutes,
].flatMap((entry) => (typeof entry[0] === 'string' ? [entry as Route] : (entry as Route[])))

/** GitHub's REST interface for one repository, as far as sluice uses it, on 127.0.0.1; it stops with `close`. */
export async function startLocalForge(options: LocalForgeOptions): Promise<LocalForge> {
  const [owner, name, ...rest] = options.repository.split('/')
  if (!owner || !name || rest.length > 0) {
    throw new UsageError(`${JSON.stringify(options.repository)} is no repository`, { mend: 'write it as owner/name' })
  }
  const state = loadState(options.stateFile)
  const git = repositoryAt(options.root)
  const faults: Fault[] = []
  const requests: string[] = []
  const jobTokens: JobToken[] = []
  Object.assign(state.people, options.people)
  let api = ''
  const archives = `${options.stateFile}.archives`
  let queue: Promise<unknown> = Promise.resolve()

  const answer = async (request: IncomingMessage, path: string, query: URLSearchParams, body: unknown) => {
    const token = /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (request.method !== 'GET' && !token) return refuse(401, 'Requires authentication')
    const author = options.logins?.[token ?? ''] ?? bot
    const job = jobTokens.find((entry) => entry.token === token)
    if (job && request.method !== 'GET' && job.permissions[scopeOf(path)] !== 'write') {
      return refuse(403, 'Resource not accessible by integration')
    }
    if (path === '/user') {
      return author === bot ? refuse(403, 'Resource not accessible by integration') : ok(userOf(author, api))
    }
    const prefix = `/repos/${owner}/${name}`
    const archive = request.method === 'GET' ? archiveOf(path, archives) : null
    if (archive) return { status: 200, raw: archive, headers: { 'content-type': 'application/zip' } }
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return notFound()
    if (body === undefined) return refuse(400, 'Problems parsing JSON')
    const local = path.slice(prefix.length)
    const context = contextOf(author, query)
    for (const [method, pattern, handler] of routes) {
      const match = method === request.method ? pattern.exec(local) : null
      if (!match) continue
      const reply = await handler({ ...context, params: match.slice(1), body: body as Context['body'] })
      if (method !== 'GET' && reply.status < 300) saveState(options.stateFile, state)
      return reply
    }
    return notFound()
  }

  /** What every route is given, for requests of `author`. */
  const contextOf = (author: string, query = new URLSearchParams()) => {
    const now = () => (options.now?.() ?? new Date()).toISOString().replace(/\.\d+Z$/, 'Z')
    const emit = (event: string, payload: Record<string, unknown>) =>
      options.onEvent?.({
        name: event,
        payload: { ...payload, sender: userOf(author, api), repository: repositoryOf(context) },
        actor: author,
        byWorkflow: author === bot,
      })
    const context: Context = {
      ...{ state, git, owner, name, api, query, author, now, emit, params: [], body: {} },
      repo: `${api}/repos/${owner}/${name}`,
      page: `${api}/${owner}/${name}`,
      id: () => state.nextId++,
    }
    return context
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A page of another site that points its name at this machine names itself here.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
      return send(response, refuse(403, 'Forbidden'))
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.replace(/(.)\/$/, '$1')
    const body = await bodyOf(request)
    requests.push(`${request.method} ${path}${searchParams.size > 0 ? `?${searchParams}` : ''}`)
    const fault = meet(faults, request.method ?? '', path)
    const work = () => answer(request, path, searchParams, body)
    // One at a time, so that state and repository never see two writers.
    const turn = queue.then(() => instead(fault) ?? work())
    queue = turn.catch(() => {})
    const page = request.method === 'GET' ? pageOf(path, `/${owner}/${name}`, state) : null
    const reply = await turn.catch((error: unknown) => refuse(500, `local forge: ${(error as Error).message}`))
    if (fault === 'slow') await sleep(300)
    if (spoil(fault, request, response)) return
    if (page !== null) return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(page)
    send(response, reply)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options.port ?? 0)))
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await queue
  }
  const keep = () => saveState(options.stateFile, state)
  const runs = runBook({ state, keep, archives, context: contextOf })
  const pushed = async (push: Parameters<LocalForge['pushed']>[0]) => tellPush(contextOf(push.actor), push)
  return { url: api, faults, requests, jobTokens, runs, pushed, close }
}

/** The permission that a write needs. */
function scopeOf(path: string): string {
  if (/\/check-runs|\/check-suites/.test(path)) return 'checks'
  if (/\/statuses\//.test(path)) return 'statuses'
  if (/\/(issues|pulls)(\/|$)/.test(path)) return 'pull-requests'
  return /\/actions\//.test(path) ? 'actions' : 'contents'
}

function send(response: ServerResponse, { status, body, headers, raw }: Reply): void {
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999' }
  response.writeHead(status, { ...limits, 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(raw ?? (body === undefined ? undefined : JSON.stringify(body)))
}

/** The JSON object of a request; undefined when it is not one. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largest) return undefined
    chunks.push(chunk)
  }
  if (size === 0) return {}
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error
  const mend = 'stop what listens there, or choose another port'
  return new UsageError(`port ${port} is in use`, { mend, cause: error })
}

async function repositoryShape(context: Context): Promise<Reply> {
  const head = await context.git.symbolicHead()
  return ok({ ...repositoryOf(context), default_branch: head ?? 'main' })
}
