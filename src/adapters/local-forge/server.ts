import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '../../core/errors.ts'
import { bundleOf } from './attestations.ts'
import { type Fault, spoil } from './faults.ts'
import { type ForgeEvent, type ForgeWatch, forgeOf, type JobToken } from './forge.ts'
import { type Blobs, type Limits, type Refusal, type Reply, refuse } from './http.ts'
import { pageOf } from './pages.ts'
import { tellPush } from './pushes.ts'
import { readCommitNow, repositoryAt } from './repository.ts'
import { type RunBook, runBook } from './run-book.ts'
import { archiveOf } from './runs.ts'
import { loadState, saveState } from './state.ts'

export type { ForgeEvent, JobToken } from './forge.ts'

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
  /** Sees every answer and every event, for whoever holds them to GitHub's description. */
  watch?: ForgeWatch
  refusal?: Refusal
}
/** `faults` and `jobTokens` may be filled, `limits` changed while it runs. */
export type LocalForge = {
  url: string
  faults: Fault[]
  requests: string[]
  jobTokens: JobToken[]
  limits: Limits
  /** What workflows did, kept as GitHub keeps it. */
  runs: RunBook
  /** Tells that somebody pushed to a branch or a tag with git itself; 40 zeros where there was nothing. */
  pushed: (push: { ref: string; before: string; after: string; actor: string }) => Promise<void>
  /** Somebody presses the button of the merge queue; why it is refused, else null. */
  enqueue: (pullRequest: number) => Promise<string | null>
  close: () => Promise<void>
}

// Weights of a small model fit.
const largest = 64 * 2 ** 20

/** GitHub's REST interface for one repository, as far as sluice uses it, on 127.0.0.1; it stops with `close`. */
export async function startLocalForge(options: LocalForgeOptions): Promise<LocalForge> {
  const [owner, name, ...rest] = options.repository.split('/')
  if (!owner || !name || rest.length > 0) {
    throw new UsageError(`${JSON.stringify(options.repository)} is no repository`, { mend: 'write it as owner/name' })
  }
  const state = loadState(options.stateFile)
  Object.assign(state.people, options.people)
  const archives = `${options.stateFile}.archives`
  const requests: string[] = []
  const keep = () => saveState(options.stateFile, state)
  let api = ''
  const blobs = blobsIn(archives)
  const forge = forgeOf({
    ...{ owner, name, state, keep, git: repositoryAt(options.root), api: () => api, blobs },
    now: options.now ?? (() => new Date()),
    logins: options.logins ?? {},
    onEvent: options.onEvent ?? (() => {}),
    watch: options.watch,
    refusal: options.refusal,
  })

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A page of another site that points its name at this machine names itself here.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
      return send(response, refuse(403, 'Forbidden'))
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.replace(/(.)\/$/, '$1')
    const method = request.method ?? ''
    const body = await bodyOf(request)
    requests.push(`${method} ${path}${query.size > 0 ? `?${query}` : ''}`)
    if (body === null) return send(response, refuse(413, 'Payload too large'))
    const { headers } = request
    const token = /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? null
    const { 'content-type': contentType = null, accept = null } = headers
    const elsewhere =
      method === 'GET'
        ? (archiveOf(path, archives) ?? bundleOf(path, blobs) ?? pageOf(path, `/${owner}/${name}`, state))
        : null
    const { reply, fault } = await forge.ask({ method, path, query, token, contentType, accept, body }, elsewhere)
    if (fault === 'slow') await sleep(300)
    if (spoil(fault, request, response)) return
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
    await forge.idle()
  }
  const { faults, jobTokens, limits, contextOf: context, change } = forge
  const runs = runBook({ state, change, archives, context, readCommit: (sha) => readCommitNow(options.root, sha) })
  const pushed = async (push: Parameters<LocalForge['pushed']>[0]) => tellPush(context(push.actor), push)
  const enqueue = async (number: number) => {
    const reply = await forge.enqueue(number)
    return 'refused' in reply ? reply.refused : null
  }
  return { url: api, enqueue, faults, requests, jobTokens, limits, runs, pushed, close }
}

function blobsIn(folder: string): Blobs {
  return {
    put: (name, bytes) => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, name), bytes)
    },
    get: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : null),
  }
}

function send(response: ServerResponse, { status, body, headers, raw }: Reply): void {
  const limits = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999' }
  response.writeHead(status, { ...limits, 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(raw ?? (body === undefined ? undefined : JSON.stringify(body)))
}

/** Bytes of a request; null when there are too many. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= largest) chunks.push(chunk)
  }
  return size > largest ? null : Buffer.concat(chunks)
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error
  const mend = 'stop what listens there, or choose another port'
  return new UsageError(`port ${port} is in use`, { mend, cause: error })
}
