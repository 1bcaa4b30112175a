import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { RouterStatus } from '../../core/rollout/tally.ts'
import { type Arm, type ArmLimits, type ModelSource, startArm } from './arm.ts'
import { RequestError } from './protocol.ts'
import { handle } from './routes.ts'
import { createSplit, emptyCounters, type Split } from './split.ts'

export type ServeOptions = {
  model: string
  champion: ModelSource
  challenger?: ModelSource
  /** 0 takes any free port. */
  port?: number
  maxBodyBytes?: number
  limits?: Partial<Omit<ArmLimits, 'restarts'>>
}
export type Server = {
  url: string
  port: number
  status: () => RouterStatus
  /** Process ids of the models. */
  pids: () => { champion: number | undefined; challenger: number | undefined }
  /** Waits until every copy that was given is compared. */
  compared: () => Promise<void>
  /** Takes no new requests, answers those it has, ends the models. */
  stop: () => Promise<void>
}

/** What the routes act on. */
export type Serving = {
  model: string
  split: Split
  maxBodyBytes: number
  stopping: boolean
  status: () => RouterStatus
  setChallenger: (source: ModelSource | null) => Promise<void>
  /** Weight falls back to 0 when it is not renewed in time; null keeps it. */
  setWeight: (weight: number, shadow: boolean, leaseSeconds: number | null) => void
}

const defaults = { live: 64, copies: 32, timeoutMs: 10_000, threads: 1 }

/** Serves champion and challenger over the Open Inference Protocol on 127.0.0.1. */
export async function startServer(options: ServeOptions): Promise<Server> {
  const limits = { ...defaults, ...options.limits }
  // Settled, not all: when one model is refused, the other's process must not stay behind.
  const [first, second] = await Promise.allSettled([
    startArm(options.champion, { ...limits, restarts: Number.POSITIVE_INFINITY }),
    options.challenger ? startArm(options.challenger, { ...limits, restarts: 3 }) : Promise.resolve(null),
  ])
  if (first.status === 'rejected' || second.status === 'rejected') {
    if (first.status === 'fulfilled') await first.value.stop()
    if (second.status === 'fulfilled') await second.value?.stop()
    throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason
  }
  const serving = createServing(options, limits, createSplit(first.value, second.value))
  const inFlight = new Set<Promise<void>>()
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    const work = respond(serving, request, response).finally(() => inFlight.delete(work))
    inFlight.add(work)
  })
  server.maxConnections = 512
  const arms = () =>
    [serving.split.arms.champion, serving.split.arms.challenger].filter((arm): arm is Arm => arm !== null)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port ?? 0, '127.0.0.1', resolve)
    })
  } catch (error) {
    await Promise.all(arms().map((arm) => arm.stop()))
    throw listenError(error as NodeJS.ErrnoException, options.port ?? 0)
  }
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    status: serving.status,
    pids: () => ({ champion: serving.split.arms.champion.pid(), challenger: serving.split.arms.challenger?.pid() }),
    compared: async () => void (await Promise.all([...serving.split.running])),
    stop: async () => {
      serving.stopping = true
      const closed = new Promise((resolve) => server.close(resolve))
      await Promise.allSettled([...inFlight])
      await Promise.allSettled([...serving.split.running])
      serving.setWeight(0, false, null)
      server.closeAllConnections()
      await Promise.all([...arms().map((arm) => arm.stop()), closed])
    },
  }
}

function createServing(options: ServeOptions, limits: Omit<ArmLimits, 'restarts'>, split: Split): Serving {
  let epoch = randomUUID()
  let lease: NodeJS.Timeout | undefined
  const setWeight: Serving['setWeight'] = (weight, shadow, leaseSeconds) => {
    clearTimeout(lease)
    split.weight = weight
    split.shadow = shadow
    if (leaseSeconds === null || weight === 0) return
    lease = setTimeout(() => {
      split.weight = 0
    }, leaseSeconds * 1000)
    lease.unref()
  }
  const setChallenger: Serving['setChallenger'] = async (source) => {
    const arm = source ? await startArm(source, { ...limits, restarts: 3 }) : null
    const before = split.arms.challenger
    setWeight(0, split.shadow, null)
    split.arms.challenger = arm
    split.counters = emptyCounters()
    epoch = randomUUID()
    await before?.stop()
  }
  const status = (): RouterStatus => {
    const { champion, challenger } = split.arms
    split.counters.champion.restarts = champion.restarts()
    split.counters.challenger.restarts = challenger?.restarts() ?? 0
    return structuredClone({
      epoch,
      model: options.model,
      champion: champion.identity(),
      challenger: challenger?.identity() ?? null,
      weight: split.weight,
      shadow: split.shadow,
      arms: { champion: split.counters.champion, challenger: split.counters.challenger },
      pairs: split.counters.pairs,
    })
  }
  const maxBodyBytes = options.maxBodyBytes ?? 32 * 1024 * 1024
  return { model: options.model, split, maxBodyBytes, stopping: false, status, setChallenger, setWeight }
}

async function respond(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const reply = await handle(serving, request)
    send(response, reply.status, reply.type ?? 'application/json', reply.body ?? '')
  } catch (error) {
    const known = error instanceof UsageError || error instanceof ToolError
    const status = error instanceof RequestError ? error.status : known ? 422 : 500
    const message = (error as Error).message
    // An unread body would hold the connection.
    if (!request.complete) response.setHeader('connection', 'close')
    if (status === 503) response.setHeader('retry-after', '1')
    send(response, status, 'application/json', JSON.stringify({ error: message }))
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** UsageError when the port is taken; loading models takes longer than finding that out. */
export function refuseTakenPort(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', (error) => fail(listenError(error, port)))
    probe.listen(port, '127.0.0.1', () => probe.close(() => done()))
  })
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new UsageError(`port ${port} is in use`, { mend: 'name another with --port, or --port 0 for any free one' })
  }
  if (error.code === 'EACCES')
    return new UsageError(`port ${port} needs privileges`, { mend: 'name a port above 1023' })
  return error
}
