import type { Repository } from './repository.ts'
import type { State } from './state.ts'

export type Reply = { status: number; body?: unknown; headers?: Record<string, string>; raw?: Uint8Array }

export type Blobs = { put: (name: string, bytes: Uint8Array) => void; get: (name: string) => Uint8Array | null }

/**
 * What a forge gives at most, and how long a list stays behind what was written; a test changes it, for whoever believes
 * that one page is all, or that a list shows what has just been made.
 */
export type Limits = {
  perPage: number
  listLagMs: number
  /** Whether attestations carry their bundles; from GitHub's version 2026-03-10 on they carry an address alone. */
  inlineBundles: boolean
}

/** What a dispatch is answered that is not taken; null when it is. */
export type Refusal = (dispatch: {
  workflow: string
  sha: string
  inputs: Record<string, unknown>
}) => Promise<{ status: number; message: string } | null>

/** What a route is given; `repo` is the API address of the repository, `page` its address for people. */
export type Context = {
  state: State
  git: Repository
  owner: string
  name: string
  api: string
  repo: string
  page: string
  /** The default branch, as HEAD names it. */
  branch: string
  params: string[]
  query: URLSearchParams
  body: Record<string, unknown>
  /** The request's body as it came, where it is no JSON. */
  bytes: Uint8Array | null
  contentType: string | null
  accept: string | null
  /** The fault that this request meets, for what a route itself does wrong. */
  fault: string | null
  /** Content of artefacts and assets, by name. */
  blobs: Blobs
  limits: Limits
  refusal: Refusal
  author: string
  /** Tells listeners, as GitHub's webhooks do; the sender and the repository are added. */
  emit: (name: string, payload: Record<string, unknown>) => void
  now: () => string
  id: () => number
}
export type Route = [method: string, path: RegExp, handler: (context: Context) => Reply | Promise<Reply>]

const docs = 'https://docs.github.com/rest'

export const ok = (body: unknown): Reply => ({ status: 200, body })
export const created = (body: unknown): Reply => ({ status: 201, body })

/** An error body in GitHub's form: what says why in `errors` does not repeat its status. */
export function refuse(status: number, message: string, errors?: unknown[]): Reply {
  const bare = { message, ...(errors ? { errors } : {}), documentation_url: docs }
  return { status, body: [405, 409, 422].includes(status) ? bare : { ...bare, status: String(status) } }
}

export const notFound = (): Reply => refuse(404, 'Not Found')

/** 422 of a field that is missing, not valid, or already taken. */
export function invalid(resource: string, field: string, code: string, message?: string): Reply {
  return refuse(422, 'Validation Failed', [{ resource, field, code, ...(message ? { message } : {}) }])
}

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** One page of a list with GitHub's Link header; 30 a page, and at most what the limits say. */
export function paged<T>(
  context: Context,
  address: string,
  list: readonly T[],
  wrap = (page: T[]): unknown => page,
): Reply {
  const size = Math.min(context.limits.perPage, positive(context.query.get('per_page'), 30))
  const number = positive(context.query.get('page'), 1)
  const last = Math.max(1, Math.ceil(list.length / size))
  const link = (page: number, rel: string) => {
    const query = new URLSearchParams(context.query)
    query.set('page', String(page))
    return `<${address}?${query}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev'), link(1, 'first')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
  ]
  const body = wrap(list.slice((number - 1) * size, number * size))
  return { status: 200, body, ...(links.length > 0 ? { headers: { link: links.join(', ') } } : {}) }
}

function positive(value: string | null, fallback: number): number {
  const number = Number(value ?? '')
  return Number.isSafeInteger(number) && number > 0 ? number : fallback
}
