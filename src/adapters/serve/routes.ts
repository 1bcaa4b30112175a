import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { DetectionColumns } from '../../core/metrics/columns.ts'
import { readChallenger, readWeights } from './admin.ts'
import { metricsText } from './metrics.ts'
import { type InferRequest, outputNames, parseJson, RequestError, readInferRequest, tensors } from './protocol.ts'
import type { Serving } from './server.ts'
import { type ArmName, answer } from './split.ts'

export type Reply = { status: number; type?: string; body?: string }
const statusOf = { 'bad-input': 400, busy: 503, down: 503, error: 500 } as const

/** Answers one HTTP request; RequestError carries every refusal. */
export async function handle(serving: Serving, request: IncomingMessage): Promise<Reply> {
  refuseForeign(request)
  const path = (request.url ?? '/').replace(/[?#].*$/s, '')
  if (path === '/v2' || path === '/v2/') {
    only(request, 'GET')
    return json({ name: 'sluice', version: '2', extensions: ['sluice_image_body', 'sluice_router'] })
  }
  if (path === '/v2/health/live') return json({ live: true })
  if (path === '/v2/health/ready') return ready(serving, 'champion', 'ready')
  if (path === '/metrics')
    return { status: 200, type: 'text/plain; version=0.0.4', body: metricsText(serving.status()) }
  if (path.startsWith('/sluice/')) return admin(serving, request, path)
  const match = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/.exec(path)
  if (!match) throw new RequestError(404, `there is nothing at ${path}`)
  const arm = armOf(serving, decode(match[1] as string), match[2] === undefined ? null : decode(match[2]))
  if (match[3] === 'infer') {
    only(request, 'POST')
    return infer(serving, request, arm)
  }
  only(request, 'GET')
  return match[3] === 'ready' ? ready(serving, arm ?? 'champion', 'ready') : metadata(serving)
}

/** Only programs of this machine may ask: a page in a browser that was lured here names another host or an origin. */
function refuseForeign(request: IncomingMessage): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (host !== '127.0.0.1' && host !== 'localhost') throw new RequestError(403, 'this server answers to 127.0.0.1 only')
  if (request.headers.origin !== undefined) throw new RequestError(403, 'this server answers no web pages')
}

async function admin(serving: Serving, request: IncomingMessage, path: string): Promise<Reply> {
  if (path === '/sluice/status') {
    only(request, 'GET')
    return json(serving.status())
  }
  if (path !== '/sluice/weights' && path !== '/sluice/challenger')
    throw new RequestError(404, `there is nothing at ${path}`)
  only(request, 'POST')
  const body = parseJson(await readBody(request, 64 * 1024))
  if (path === '/sluice/weights') {
    const { challenger, shadow, leaseSeconds } = readWeights(body)
    if (challenger > 0 && !serving.split.arms.challenger) throw new RequestError(409, 'there is no challenger to weigh')
    serving.setWeight(challenger, shadow, leaseSeconds)
  } else await serving.setChallenger(readChallenger(body, serving.split.arms.champion.source.serving))
  return json(serving.status())
}

async function infer(serving: Serving, request: IncomingMessage, forced: ArmName | null): Promise<Reply> {
  if (serving.stopping) throw new RequestError(503, 'the server is stopping')
  const body = await readBody(request, serving.maxBodyBytes)
  const asked = readRequest(request, body)
  const id = asked.id ?? randomUUID()
  const { arm, answer: given } = await answer(serving.split, id, asked.image, forced)
  if (!given.ok) throw new RequestError(statusOf[given.reason], given.message)
  return json({
    model_name: serving.model,
    model_version: serving.split.arms[arm]?.source.version ?? '',
    id,
    parameters: { arm },
    outputs: outputNames.filter((name) => asked.outputs.includes(name)).map((name) => outputOf(given.detections, name)),
  })
}

function readRequest(request: IncomingMessage, body: Uint8Array): InferRequest {
  const type = request.headers['content-type'] ?? 'application/json'
  if (/^image\/|^application\/octet-stream/.test(type)) {
    if (body.length === 0) throw new RequestError(400, 'the body is empty')
    const id = request.headers['x-request-id']
    return {
      id: typeof id === 'string' ? id.slice(0, 256) : null,
      image: { kind: 'file', bytes: body },
      outputs: outputNames,
    }
  }
  return readInferRequest(body)
}

/** Boxes are x1, y1, x2, y2 in pixels of the image as sent. */
function outputOf(d: DetectionColumns, name: string) {
  const { count } = d
  if (name === 'scores') return { name, datatype: 'FP32', shape: [count], data: [...d.score.subarray(0, count)] }
  if (name === 'classes') return { name, datatype: 'INT32', shape: [count], data: [...d.classId.subarray(0, count)] }
  const data: number[] = []
  for (let i = 0; i < count; i++) {
    const x = d.x[i] as number
    const y = d.y[i] as number
    data.push(x, y, x + (d.w[i] as number), y + (d.h[i] as number))
  }
  return { name, datatype: 'FP32', shape: [count, 4], data }
}

/** The arm that a path names by version; null leaves the choice to the weights. */
function armOf(serving: Serving, model: string, version: string | null): ArmName | null {
  if (model !== serving.model) throw new RequestError(404, `there is no model "${model}"; there is "${serving.model}"`)
  if (version === null) return null
  const { champion, challenger } = serving.split.arms
  if (champion.source.version === version) return 'champion'
  if (challenger?.source.version === version) return 'challenger'
  throw new RequestError(404, `there is no version "${version}" of "${model}"`)
}

function ready(serving: Serving, arm: ArmName, word: string): Reply {
  const { state } = serving.split.arms[arm]?.identity() ?? { state: 'down' }
  if (state !== 'ready' || serving.stopping)
    throw new RequestError(503, `the ${arm} is ${serving.stopping ? 'stopping' : state}`)
  return json({ [word]: true })
}

function metadata(serving: Serving): Reply {
  const { champion, challenger } = serving.split.arms
  const versions = [champion, challenger].flatMap((arm) => (arm ? [arm.source.version] : []))
  return json({ name: serving.model, versions, platform: 'onnxruntime_onnx', ...tensors })
}

async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLarge = () => new RequestError(413, `the body may have at most ${limit} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function only(request: IncomingMessage, method: string): void {
  if (request.method !== method) throw new RequestError(405, `${method} is expected here, not ${request.method}`)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new RequestError(400, `${part} is not a name`)
  }
}

function json(value: unknown): Reply {
  return { status: 200, body: JSON.stringify(value) }
}
