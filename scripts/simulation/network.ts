import type { Fault } from '../../src/adapters/local-forge/faults.ts'
import type { forgeOf } from '../../src/adapters/local-forge/forge.ts'
import type { Reply } from '../../src/adapters/local-forge/http.ts'
import type { Random } from '../../src/core/stats/random.ts'
import type { Timeline } from './timeline.ts'

/** What may go wrong with one request. */
export const mishaps = [
  'error-before',
  'error-after',
  'lost-response',
  'late', // the connection breaks, and the work is done seconds later
  'rate-limit',
  'too-many',
  'broken-upload',
  'crash-before',
  'crash-after',
] as const
type Mishap = (typeof mishaps)[number]

export type Call = { at: number; who: string; method: string; path: string; status: number; mishap: Mishap | null }
/** One try of an actor; nothing that it sends or waits for happens once it is dead. */
export type Life = {
  who: string
  alive: boolean
  calls: number
  /** Requests and pauses that it waits for. */
  waits: number
  crash: () => void
}
export type Weather = {
  /** Probability of a mishap for each request. */
  chance: number
  kinds: readonly Mishap[]
  /** Mishaps that are still allowed. */
  left: number
  /** Longest time that a list is behind, in milliseconds; each list is at a place of its own. */
  lagMs: number
  /** Longest usual time of a request. */
  slowMs: number
}
export type Network = {
  forge: ReturnType<typeof forgeOf>
  timeline: Timeline
  random: Random
  weather: Weather
  trace: Call[]
  /** After each request that may have changed something. */
  onWrite: (call: Call) => void
}

/** The `fetch` of one life. */
export function fetchOf(network: Network, life: Life, token: string): typeof fetch {
  const { timeline, random, weather } = network
  const send = (url: URL, init: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      life.calls++
      life.waits++
      const method = init.method ?? 'GET'
      const told = (happen: () => void) =>
        timeline.after(random.uniform(1, weather.slowMs), () => {
          if (!life.alive) return
          life.waits--
          happen()
        })
      const broken = () => told(() => reject(new TypeError('fetch failed', { cause: new Error('socket hang up') })))
      timeline.after(random.uniform(1, weather.slowMs), async () => {
        if (!life.alive) return
        const mishap = mishapOf(weather, random, method, url.pathname)
        const call: Call = {
          at: timeline.now(),
          who: life.who,
          method,
          path: url.pathname + url.search,
          status: 0,
          mishap,
        }
        network.trace.push(call)
        if (mishap === 'crash-before') return life.crash()
        if (mishap === 'late') {
          broken()
          return timeline.after(random.uniform(0, 10_000), async () => {
            call.status = (await answer(network, call, url, init, token, null)).status
          })
        }
        const reply = await answer(network, call, url, init, token, mishap)
        call.status = reply.status
        if (mishap === 'crash-after') life.crash()
        else if (mishap === 'lost-response') broken()
        else if (mishap === 'error-after') told(() => resolve(responseOf({ status: 502, body: 'Bad Gateway' }, url)))
        else told(() => resolve(responseOf(reply, url)))
      })
    })
  return ((url: string, init: RequestInit = {}) => send(new URL(url), init)) as typeof fetch
}

function mishapOf(weather: Weather, random: Random, method: string, path: string): Mishap | null {
  if (weather.left <= 0 || random.next() >= weather.chance) return null
  const mishap = random.pick(weather.kinds)
  if (mishap === 'broken-upload' && !(method === 'POST' && path.endsWith('/assets'))) return null
  weather.left--
  return mishap
}

const ofForge: readonly string[] = ['error-before', 'rate-limit', 'too-many', 'broken-upload']

async function answer(
  { forge, random, weather, onWrite }: Network,
  call: Call,
  url: URL,
  init: RequestInit,
  token: string,
  mishap: Mishap | null,
): Promise<Reply> {
  const isRead = call.method === 'GET'
  const behind = weather.lagMs > 0 && random.next() < 0.5
  // Of the request that is being answered: each list is at a place of its own.
  forge.limits.listLagMs =
    weather.lagMs === 0 ? 0 : isRead ? (behind ? random.uniform(0, weather.lagMs) : 0) : weather.lagMs
  if (mishap !== null && ofForge.includes(mishap)) forge.faults.push({ kind: mishap as Fault['kind'] })
  const headers = new Headers(init.headers)
  const body = typeof init.body === 'string' ? Buffer.from(init.body) : (init.body ?? new Uint8Array(0))
  const { reply } = await forge.ask({
    method: call.method,
    path: url.pathname,
    query: url.searchParams,
    token,
    contentType: headers.get('content-type'),
    accept: headers.get('accept'),
    body: body as Uint8Array,
  })
  if (!isRead) onWrite(call)
  return reply
}

/** As much of a response as Octokit looks at. */
function responseOf({ status, body, headers, raw }: Reply, url: URL): Response {
  const text = raw ? '' : body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8'
  const bytes = async () =>
    raw ? raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength) : new ArrayBuffer(0)
  const parts = { status, ok: status < 300, url: url.href, headers: new Headers({ 'content-type': type, ...headers }) }
  return { ...parts, text: async () => text, arrayBuffer: bytes } as unknown as Response
}
