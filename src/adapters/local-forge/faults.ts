import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Reply, refuse } from './http.ts'

/** What a forge can do to a request; `times` of them (1), then it behaves again. */
export type Fault = {
  kind:
    | 'error-before' // 502, nothing done
    | 'error-after' // 502, but the work is done
    | 'lost-response' // the work is done, the connection breaks
    | 'rate-limit' // 403 with retry-after: a second, or what `seconds` says
    | 'too-many' // 429 with retry-after: more patience than a job has, or what `seconds` says
    | 'read-only' // 403, as for the token of a fork
    | 'broken-upload' // 502, and the asset lies there without content
    | 'slow' // an answer after 300 ms
  method?: string
  path?: RegExp
  times?: number
  seconds?: number
}

/** The fault that this request meets, counted down; writes only for read-only. */
export function meet(faults: Fault[], method: string, path: string): Fault | null {
  const found = faults.find(
    (fault) =>
      (fault.times ?? 1) > 0 &&
      (fault.method === undefined || fault.method === method) &&
      (fault.path === undefined || fault.path.test(path)) &&
      (fault.kind !== 'read-only' || method !== 'GET'),
  )
  if (!found) return null
  found.times = (found.times ?? 1) - 1
  return found
}

/** The reply that stands in place of the work; null when the work is done first. */
export function instead(fault: Fault | null): Reply | null {
  const { kind, seconds } = fault ?? {}
  if (kind === 'error-before') return { status: 502, body: { message: 'Server Error' } }
  if (kind === 'read-only') return refuse(403, 'Resource not accessible by integration')
  if (kind === 'too-many')
    return { ...refuse(429, 'Too Many Requests'), headers: { 'retry-after': String(seconds ?? 7200) } }
  if (kind !== 'rate-limit') return null
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
  return { ...refuse(403, message), headers: { 'retry-after': String(seconds ?? 1), 'x-ratelimit-remaining': '0' } }
}

/** Spoils a reply after the work was done; true when nothing more is to be sent. */
export function spoil(kind: Fault['kind'] | null, request: IncomingMessage, response: ServerResponse): boolean {
  if (kind === 'lost-response') {
    request.socket.destroy()
    return true
  }
  if (kind !== 'error-after') return false
  response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>502 Bad Gateway</body></html>')
  return true
}
