import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An artefact that a job has finished uploading. */
export type Uploaded = { run: string; name: string; zip: Buffer }
type Kept = { id: number; run: string; job: string; name: string; zip: Buffer; done: boolean; createdAt: string }
type Call = Record<string, unknown>

const service = /^\/twirp\/github\.actions\.results\.api\.v1\.ArtifactService\/(\w+)$/

/** GitHub's artefact service (protocol v4) on 127.0.0.1: calls as JSON, bytes as block blobs of Azure storage. */
export async function startArtifactServer(options: { keep: (artifact: Uploaded) => void; now?: () => Date }) {
  const kept = new Map<string, Kept>()
  const blocks = new Map<string, Buffer>()
  let nextId = 1
  let url = ''

  const calls: Record<string, (call: Call, key: string, kept: Kept | undefined) => { status: number; body: object }> = {
    CreateArtifact: (call, key, there) => {
      if (there)
        return twirpError(409, 'already_exists', 'an artifact with this name already exists on the workflow run')
      const at = (options.now?.() ?? new Date()).toISOString()
      const facts = { run: of(call, 'workflow_run_backend_id'), job: of(call, 'workflow_job_run_backend_id') }
      kept.set(key, {
        id: nextId++,
        ...facts,
        name: of(call, 'name'),
        zip: Buffer.alloc(0),
        done: false,
        createdAt: at,
      })
      return { status: 200, body: { ok: true, signed_upload_url: blobUrl(key) } }
    },
    FinalizeArtifact: (call, _key, there) => {
      if (!there) return twirpError(404, 'not_found', 'artifact not found')
      const digest = `sha256:${createHash('sha256').update(there.zip).digest('hex')}`
      const claimed = of(call, 'hash')
      if (Number(call.size) !== there.zip.length) return twirpError(400, 'invalid_argument', 'the size is another')
      if (claimed && claimed !== digest) return twirpError(400, 'invalid_argument', 'the digest is another')
      there.done = true
      options.keep({ run: there.run, name: there.name, zip: there.zip })
      return { status: 200, body: { ok: true, artifact_id: String(there.id) } }
    },
    ListArtifacts: (call) => {
      const [run, name, id] = [of(call, 'workflow_run_backend_id'), of(call, 'name_filter'), of(call, 'id_filter')]
      const found = [...kept.values()].filter(
        (entry) =>
          entry.done && entry.run === run && (!name || entry.name === name) && (!id || String(entry.id) === id),
      )
      const shape = (entry: Kept) => ({
        workflow_run_backend_id: entry.run,
        workflow_job_run_backend_id: entry.job,
        database_id: String(entry.id),
        name: entry.name,
        size: String(entry.zip.length),
        created_at: entry.createdAt,
        digest: `sha256:${createHash('sha256').update(entry.zip).digest('hex')}`,
      })
      return { status: 200, body: { artifacts: found.map(shape) } }
    },
    GetSignedArtifactURL: (_call, key, there) =>
      there?.done
        ? { status: 200, body: { signed_url: blobUrl(key) } }
        : twirpError(404, 'not_found', 'artifact not found'),
    DeleteArtifact: (_call, key, there) => {
      if (!there) return twirpError(404, 'not_found', 'artifact not found')
      kept.delete(key)
      return { status: 200, body: { ok: true, artifact_id: String(there.id) } }
    },
  }
  const blobUrl = (key: string) => `${url}/blob/${encodeURIComponent(key)}?sig=local`

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const address = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const method = service.exec(address.pathname)?.[1]
    if (method !== undefined) {
      if (!/^Bearer ./.test(request.headers.authorization ?? '')) return json(401, { code: 'unauthenticated' })
      const call = JSON.parse(bytes.toString('utf8') || '{}') as Call
      const key = `${of(call, 'workflow_run_backend_id')}/${of(call, 'name')}`
      const { status, body } = calls[method]?.(call, key, kept.get(key)) ?? twirpError(404, 'bad_route', method)
      return json(status, body)
    }
    const key = decodeURIComponent(address.pathname.replace(/^\/blob\//, ''))
    const entry = address.pathname.startsWith('/blob/') ? kept.get(key) : undefined
    if (!entry) return json(404, {})
    if (request.method !== 'PUT') return response.writeHead(200, { 'content-type': 'application/zip' }).end(entry.zip)
    const part = address.searchParams.get('comp')
    if (part === 'block') blocks.set(`${key} ${address.searchParams.get('blockid')}`, bytes)
    else if (part === 'blocklist') {
      const ids = [...bytes.toString('utf8').matchAll(/<Latest>([^<]+)<\/Latest>/g)].map((match) => match[1])
      entry.zip = Buffer.concat(ids.map((id) => blocks.get(`${key} ${id}`) ?? Buffer.alloc(0)))
    } else entry.zip = bytes
    const headers = { etag: '"1"', 'last-modified': new Date(0).toUTCString(), 'x-ms-request-id': '1' }
    return response.writeHead(201, headers).end()
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url, close }
}

/** A field of a call, which clients write in either of two ways. */
function of(call: Call, field: string): string {
  const value = call[field] ?? call[field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]
  return value === undefined || value === null ? '' : String(value)
}

const twirpError = (status: number, code: string, msg: string) => ({ status, body: { code, msg } })
