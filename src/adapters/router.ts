import { problemsOf } from '../core/documents/parse.ts'
import { ToolError, UsageError } from '../core/errors.ts'
import { asRouterStatus, routerStatus } from '../core/rollout/status.ts'
import type { InferenceClient, Router } from '../ports.ts'
import { failpoint } from './failpoints.ts'

const mend = 'check that sluice serve runs there; running this again is safe'

/** The admin side of `sluice serve` at a base address. */
export function createRouter(url: string, timeoutMs = 5000): Router {
  const base = baseOf(url)
  const post = async (path: string, body: unknown, limitMs = timeoutMs) => void (await ask(base, path, limitMs, body))
  return {
    status: async () => {
      const value = await ask(base, '/sluice/status', timeoutMs)
      const [problem] = problemsOf(routerStatus, value)
      if (problem) throw new ToolError(`the router's status is not sound: ${problem.message}`, { mend })
      return asRouterStatus(value as Parameters<typeof asRouterStatus>[0])
    },
    setWeight: async (weight) => {
      await failpoint('traffic.weight.before')
      await post('/sluice/weights', weight)
      await failpoint('traffic.weight.after')
    },
    setChallenger: async (source) => {
      await failpoint('traffic.challenger.before')
      // A model has to be loaded first.
      await post('/sluice/challenger', source ?? { artifact: null }, 60_000)
      await failpoint('traffic.challenger.after')
    },
  }
}

/** Sends encoded pictures to a model of `sluice serve`. */
export function createInferenceClient(url: string, model: string, timeoutMs = 30_000): InferenceClient {
  const path = `/v2/models/${encodeURIComponent(model)}/infer`
  const base = baseOf(url)
  return {
    infer: async (image, id, signal) => {
      const inputs = [{ name: 'image', shape: [1], datatype: 'BYTES', data: [Buffer.from(image).toString('base64')] }]
      const reply = (await ask(base, path, timeoutMs, { id, inputs }, signal)) as {
        parameters?: { arm?: string }
        outputs?: { name: string; shape: number[] }[]
      }
      const boxes = reply.outputs?.find(({ name }) => name === 'scores')?.shape[0] ?? 0
      return { arm: reply.parameters?.arm ?? 'champion', boxes }
    },
  }
}

/** Traffic and admin stay on this machine: the server has no authentication of its own. */
function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(parsed.hostname)) return parsed.origin
  throw new UsageError(`${JSON.stringify(url)} is not a server on this machine`, {
    mend: 'give http://127.0.0.1:PORT, as sluice serve prints it; reach a remote one through a tunnel',
  })
}

async function ask(
  base: string,
  path: string,
  timeoutMs: number,
  body?: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const command = `${body === undefined ? 'GET' : 'POST'} ${base}${path}`
  const limit = AbortSignal.timeout(timeoutMs)
  let status: number
  let text: string
  try {
    const response = await fetch(base + path, {
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      redirect: 'error',
      ...(body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    const cause = (error as Error & { cause?: Error }).cause ?? (error as Error)
    throw new ToolError(`no answer: ${cause.message}`, { command, mend, cause: error })
  }
  const value = parse(text)
  if (status === 200 && value !== undefined) return value
  const word = (value as { error?: unknown } | undefined)?.error
  throw new ToolError(`HTTP ${status}: ${typeof word === 'string' ? word : text.slice(0, 200)}`, { command, mend })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
