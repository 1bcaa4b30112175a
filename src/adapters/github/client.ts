import { setTimeout as wait } from 'node:timers/promises'
import { ToolError, UsageError } from '../../core/errors.ts'
import { failpoint, type Write } from '../failpoints.ts'

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
  /** Shortest time between two writes; default a second, as GitHub asks for, and none on this machine. */
  writePauseMs?: number
  /** For a forge in this process and its clock. */
  fetch?: typeof globalThis.fetch
  sleep?: (ms: number) => Promise<unknown>
}
export type Octokit = ReturnType<typeof import('@actions/github').getOctokit>
export type Client = {
  owner: string
  repo: string
  author: () => Promise<string>
  /** A read: asked again after a passing failure. */
  read: <T>(what: string, ask: (octokit: Octokit) => Promise<T>) => Promise<T>
  /** A write that may be repeated without harm (PATCH, PUT, DELETE). */
  put: <T>(write: Write, what: string, ask: (octokit: Octokit) => Promise<T>) => Promise<T>
  /**
   * A write that must happen once: after an unclear answer, or one that says it is there already, it looks for the
   * thing and tries again, up to `most` times (3), only when it is not found three times.
   */
  create: <T>(
    write: Write,
    what: string,
    ask: (octokit: Octokit) => Promise<T>,
    look: () => Promise<T | null>,
    most?: number,
  ) => Promise<T>
  /** Looks for what an earlier process may have made just before it ended, for as long as a list can be behind. */
  lookPatiently: <T>(look: () => Promise<T | null>) => Promise<T | null>
  /** As long as what another run is sending may be on its way. */
  pause: () => Promise<unknown>
}

const tries = 3
const timeoutMs = 30_000
const uploadTimeoutMs = 15 * 60_000

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
  const { pauseMs = 1000, longestWaitMs = 60_000, sleep = (ms) => wait(ms) } = options
  const writePauseMs = options.writePauseMs ?? (isLocal(addressOf(options)) ? 0 : 1000)
  let made: Promise<Octokit> | undefined
  const octokit = () => {
    made ??= connect(options)
    return made
  }
  let login: Promise<string> | undefined

  const attempt = async <T>(what: string, ask: () => Promise<T>, again: boolean): Promise<T> => {
    for (let n = 1; ; n++) {
      try {
        return await ask()
      } catch (error) {
        const limit = waitOf(error)
        // A request over the limit was not carried out: it may always be sent again.
        if (limit !== null && limit <= longestWaitMs && n < tries) await sleep(limit)
        else if (again && isUnclear(error) && n < tries) await sleep(pauseMs * 2 ** (n - 1))
        else throw explain(what, error)
      }
    }
  }
  let turn: Promise<unknown> = Promise.resolve()
  /** One write at a time, with a pause after each. */
  const send = <T>(write: Write, ask: (octokit: Octokit) => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => {
      await failpoint(`${write}.before`)
      const answer = await ask(await octokit())
      await failpoint(`${write}.after`)
      return answer
    })
    turn = mine.catch(() => {}).then(() => (writePauseMs > 0 ? sleep(writePauseMs) : undefined))
    return mine
  }
  return {
    owner,
    repo,
    read: (what, ask) => attempt(what, async () => ask(await octokit()), true),
    put: (write, what, ask) => attempt(what, () => send(write, ask), true),
    lookPatiently: (look) => lookFor(look, true, tries + 1),
    create: async (write, what, ask, look, most = tries) => {
      for (let n = 1; ; n++) {
        try {
          return await attempt(what, () => send(write, ask), false)
        } catch (error) {
          const { cause } = error as Error
          const taken = isTaken(cause)
          if (!taken && !isUnclear(cause)) throw error
          const found = await lookFor(look, taken)
          if (found !== null) return found
          if (taken || n === most) throw error
        }
      }
    },
    pause: () => sleep(2 * pauseMs),
    author: () => {
      login ??=
        options.author === undefined
          ? attempt('ask who we are', async () => whoAmI(await octokit()), true)
          : Promise.resolve(options.author)
      return login
    },
  }

  /** What is there already shows at once; what may have been made can take seconds to show in a list. */
  async function lookFor<T>(look: () => Promise<T | null>, atOnce: boolean, times = tries): Promise<T | null> {
    for (let looked = 0; looked < times; looked++) {
      if (!atOnce || looked > 0) await sleep(2 * pauseMs * 2 ** looked)
      const found = await look()
      if (found !== null) return found
    }
    return null
  }
}

const addressOf = ({ apiUrl = process.env.GITHUB_API_URL }: ForgeOptions) =>
  (apiUrl ?? 'https://api.github.com').replace(/\/$/, '')
/** A forge on this machine is asked directly, whatever proxy the environment names. */
const isLocal = (address: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname)

async function connect(options: ForgeOptions): Promise<Octokit> {
  const { getOctokit } = await import('@actions/github')
  const baseUrl = addressOf(options)
  const fetch = options.fetch ?? (isLocal(baseUrl) ? globalThis.fetch : undefined)
  const octokit = getOctokit(options.token, { baseUrl, ...(fetch ? { request: { fetch } } : {}) })
  octokit.hook.before('request', (request) => {
    request.request.signal = AbortSignal.timeout(request.data instanceof Uint8Array ? uploadTimeoutMs : timeoutMs)
  })
  return octokit
}

/** The login behind the token. GITHUB_TOKEN may not ask, which is how it is known; a limit says nothing of who asks. */
async function whoAmI(octokit: Octokit): Promise<string> {
  try {
    return (await octokit.rest.users.getAuthenticated()).data.login
  } catch (error) {
    if ([401, 403, 404].includes(statusOf(error) ?? 0) && waitOf(error) === null) return 'github-actions[bot]'
    throw error
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

/** Whether what was to be made is there already. */
const isTaken = (error: unknown) =>
  statusOf(error) === 422 && /already[ _]exists/i.test((error as RequestFailure).message ?? '')

/** Milliseconds to wait when a limit was hit; null when it is something else. */
function waitOf(error: unknown): number | null {
  const status = statusOf(error)
  if (status !== 403 && status !== 429) return null
  const headers = (error as RequestFailure).response?.headers ?? {}
  if (headers['retry-after']) return Number(headers['retry-after']) * 1000
  const secondary = status === 429 || /secondary rate limit/i.test((error as RequestFailure).message ?? '')
  if (headers['x-ratelimit-remaining'] !== '0') return secondary ? 60_000 : null
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
      : status === 403 && /is locked/i.test(String(words))
        ? 'unlock the conversation for the comment to be written; the check does not depend on it'
        : status === 403
          ? 'give the job the permission it needs (docs/github.md lists them); a fork’s token only reads'
          : status === 404
            ? 'check repository, number and permissions: what a token may not see is not found'
            : isUnclear(error)
              ? 'GitHub or the network failed: run it again, nothing is done twice'
              : undefined
  return new ToolError(`could not ${what}: ${limited ? 'rate limit, ' : ''}${words}`, { mend, cause: error })
}
