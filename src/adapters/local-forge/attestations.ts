import { type Context, created, ok, type Reply, type Route, refuse } from './http.ts'
import type { Attestation } from './state.ts'

const blobOf = (id: number) => `attestation-${id}`

/** Keeps a bundle under the digests that its statement names; as GitHub it asks for a statement, and nobody's signature. */
function create(context: Context): Reply {
  const { bundle } = context.body
  const digests = subjectsOf(bundle)
  if (digests.length === 0) return refuse(422, 'Invalid request: the bundle has no subject')
  const attestation: Attestation = { id: context.id(), digests }
  context.blobs.put(blobOf(attestation.id), Buffer.from(JSON.stringify(bundle)))
  context.state.attestations.push(attestation)
  return created({ id: attestation.id })
}

/** Newest first, a page at a time; the next one is after an attestation, not a number. */
function list(context: Context): Reply {
  const { query, params, state, limits, api } = context
  const digest = decodeURIComponent(params[0] as string)
  const own = state.attestations.filter(({ digests }) => digests.includes(digest)).reverse()
  if (own.length === 0) return refuse(404, 'Not Found')
  const size = Math.min(limits.perPage, Number(query.get('per_page')) || 30)
  const start = own.findIndex(({ id }) => String(id) === query.get('after')) + 1
  const page = own.slice(start, start + size)
  const attestations = page.map(({ id }) => ({
    ...(limits.inlineBundles ? { bundle: JSON.parse(textOf(context, id)) as unknown } : {}),
    repository_id: 1,
    bundle_url: `${api}/attestations/${id}`,
    initiator: 'user',
  }))
  const last = page.at(-1)
  if (start + size >= own.length || !last) return ok({ attestations })
  const next = `${context.repo}/attestations/${encodeURIComponent(digest)}?per_page=${size}&after=${last.id}`
  return { status: 200, body: { attestations }, headers: { link: `<${next}>; rel="next"` } }
}

const textOf = ({ blobs }: Pick<Context, 'blobs'>, id: number) =>
  Buffer.from(blobs.get(blobOf(id)) ?? '{}').toString('utf8')

/** A bundle at its address, which needs no token and packs it; null when there is none. */
export function bundleOf(path: string, blobs: Context['blobs']): Reply | null {
  const id = /^\/attestations\/(\d+)$/.exec(path)?.[1]
  const bytes = id === undefined ? null : blobs.get(blobOf(Number(id)))
  return bytes && { status: 200, raw: packSnappy(bytes), headers: { 'content-type': 'application/x-snappy' } }
}

/** A block of Snappy that copies nothing: the length, then literals. */
function packSnappy(bytes: Uint8Array): Uint8Array {
  const varint: number[] = []
  for (let rest = bytes.length; ; rest >>>= 7) {
    varint.push(rest < 128 ? rest : (rest & 127) | 128)
    if (rest < 128) break
  }
  const parts: Uint8Array[] = [Uint8Array.from(varint)]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const literal = bytes.subarray(at, at + 65_536)
    const size = literal.length - 1
    parts.push(Uint8Array.from([61 << 2, size & 255, size >> 8]), literal)
  }
  return Buffer.concat(parts)
}

/** Digests of a bundle's statement, as `sha256:HEX`. */
function subjectsOf(bundle: unknown): string[] {
  try {
    const { dsseEnvelope } = bundle as { dsseEnvelope: { payload: string } }
    const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')) as {
      subject: { digest: { sha256: string } }[]
    }
    return statement.subject.map(({ digest }) => `sha256:${digest.sha256}`)
  } catch {
    return []
  }
}

export const attestationRoutes: Route[] = [
  ['POST', /^\/attestations$/, create],
  ['GET', /^\/attestations\/(sha256(?::|%3A)[0-9a-f]{64})$/i, list],
]
