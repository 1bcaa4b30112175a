import { setTimeout as sleep } from 'node:timers/promises'
import { ToolError, UsageError } from '../../core/errors.ts'

export type ForgeOptions = {
  /** owner/name */
  repository: string
  token: string
  /** Default: GITHUB_API_URL, else api.github.com. */
  apiUrl?: string
  /** Login that our comments have; found out when absent. */
  author?: string
  /** First pause before looking or asking again; it doubles. */
  pauseMs?: number
  /** Longest wait for a rate limit before giving up. */
  longestWaitMs?: number
}
type Octokit = ReturnType<typeof import('@actions/github').getOctokit>
export type Client = {
  owner: string
  repo: string
  pauseMs: number
  author: () => Promise<string>
  /** A read: asked again after a passing failure. */
  read: <T>(what: string, ask: (octokit: Octokit) => Promise<T>) => Promise<T>
  /** A write that may be repeated without harm (PATCH, PUT, DELETE). */
  put: <T>(what: string, ask: (octokit: Octokit) => Promise<T>) => Promise<T>
  /** A write that must happen once: after an unclear answer it looks whether the thing is there before trying again. */
  create: <T>(what: string, ask: (octokit: Octokit) => Promise<T>, look: () => Promise<T | null>) => Promise<T>
}

const tries = 3
const timeoutMs = 30_000

/** Octokit behind rules for what may be repeated; nothing is sent before the first call. */
export function clientOf(options: ForgeOptions): Client {
  const [owner = '', repo = '', ...rest] = options.repository.split('/')
  if (!owner || !repo || rest.length > 0) {
    throw new UsageError(`${JSON.stringify(options.repository)} is no repository`, { mend: 'write it as owner/name' })
  }
  if (!options.token) {
    throw new UsageError('there is no token for GitHub', {
      mend: 'give GITHUB_TOKEN, with the permissions of docs/github.md',
    })
  }
  const { pauseMs = 1000, longestWaitMs = 60_000 } = options
  let made: Promise<Octokit> | undefined
  const octokit = () => {
    made ??= connect(options)
    return made
  }
  let login: Promise<string> | undefined

  const attempt = async <T>(what: string, ask: (octokit: Octokit) => Promise<T>, again: boolean): Promise<T> => {
    const client = await octokit()
    for (let n = 1; ; n++) {
      try {
        return await ask(client)
      } catch (error) {
        const limit = waitOf(error)
        // A request over the limit was not carried out: it may always be sent again.
        if (limit !== null && limit <= longestWaitMs && n < tries) await sleep(limit)
        else if (again && isUnclear(error) && n < tries) await sleep(pauseMs * 2 ** (n - 1))
        else throw explain(what, error)
      }
    }
  }
  const read: Client['read'] = (what, ask) => attempt(what, ask, true)
  return {
    owner,
    repo,
    pauseMs,
    read,
    put: read,
    create: async (what, ask, look) => {
      for (let n = 1; ; n++) {
        try {
          return await attempt(what, ask, false)
        } catch (error) {
          if (!isUnclear((error as Error).cause) || n === tries) throw error
          for (let looked = 0; looked < tries; looked++) {
            await sleep(pauseMs * 2 ** looked)
            const found = await look()
            if (found !== null) return found
          }
        }
      }
    },
    author: () => {
      login ??= options.author === undefined ? whoAmI(octokit) : Promise.resolve(options.author)
      return login
    },
  }
}

async function connect({ token, apiUrl = process.env.GITHUB_API_URL }: ForgeOptions): Promise<Octokit> {
  const { getOctokit } = await import('@actions/github')
  const baseUrl = (apiUrl ?? 'https://api.github.com').replace(/\/$/, '')
  const { hostname } = new URL(baseUrl)
  // A forge on this machine is asked directly, whatever proxy the environment names.
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  const octokit = getOctokit(token, { baseUrl, ...(local ? { request: { fetch: globalThis.fetch } } : {}) })
  octokit.hook.before('request', (request) => {
    request.request.signal = AbortSignal.timeout(timeoutMs)
  })
  return octokit
}

/** The login behind the token. GITHUB_TOKEN may not ask, which is how it is known. */
async function whoAmI(octokit: () => Promise<Octokit>): Promise<string> {
  try {
    return (await (await octokit()).rest.users.getAuthenticated()).data.login
  } catch (error) {
    if ([401, 403, 404].includes(statusOf(error) ?? 0)) return 'github-actions[bot]'
    throw explain('ask who we are', error)
  }
}

type RequestFailure = {
  status?: number
  message?: string
  response?: { headers?: Record<string, string>; data?: unknown }
}
export const statusOf = (error: unknown) => (error as RequestFailure | null)?.status
/** Whether GitHub may have done the work or not: no answer, or one that says nothing. */
const isUnclear = (error: unknown) => (statusOf(error) ?? 0) >= 500

/** Milliseconds to wait when a limit was hit; null when it is something else. */
function waitOf(error: unknown): number | null {
  const status = statusOf(error)
  if (status !== 403 && status !== 429) return null
  const headers = (error as RequestFailure).response?.headers ?? {}
  if (headers['retry-after']) return Number(headers['retry-after']) * 1000
  if (headers['x-ratelimit-remaining'] !== '0') return status === 429 ? 60_000 : null
  return Math.max(0, Number(headers['x-ratelimit-reset'] ?? 0) * 1000 - Date.now())
}

function explain(what: string, error: unknown): Error {
  if (error instanceof ToolError || error instanceof UsageError) return error
  const status = statusOf(error)
  // Octokit gives every failure of a request a status, the network's too: anything else is our own bug.
  if (status === undefined) return error as Error
  const words = String((error as RequestFailure | null)?.message ?? error).split(' - https://')[0]
  const limited = waitOf(error) !== null
  const mend = limited
    ? 'wait until the limit is over and run it again'
    : status === 401
      ? 'the token is not valid: give a fresh one'
      : status === 403
        ? 'give the job the permission it needs (docs/github.md lists them); a fork’s token only reads'
        : status === 404
          ? 'check repository, number and permissions: what a token may not see is not found'
          : isUnclear(error)
            ? 'GitHub or the network failed: run it again, nothing is done twice'
            : undefined
  return new ToolError(`could not ${what}: ${limited ? 'rate limit, ' : ''}${words}`, { mend, cause: error })
}
