import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ToolError, UsageError } from '../../core/errors.ts'
import type { DetectionColumns } from '../../core/metrics/columns.ts'
import type { ArmIdentity } from '../../core/rollout/tally.ts'
import type { Serving } from '../../ports.ts'
import type { FromModel, ToModel } from './model-process.ts'
import type { ImageInput } from './protocol.ts'

/** A model to serve: the artefact, and the settings that its release names. */
export type ModelSource = { artifact: string; version: string; serving: Serving; digest: string }
export type ArmLimits = {
  /** Requests that may wait for an answer, and copies that may wait; beyond that they are refused or dropped. */
  live: number
  copies: number
  timeoutMs: number
  threads: number
  /** Crashes in a row after which the model stays down; Infinity keeps trying. */
  restarts: number
}

/** What a model made of one image; never a rejected promise, so that nobody can forget to handle it. */
export type ArmAnswer =
  | { ok: true; detections: DetectionColumns; ms: number; cpuMs: number }
  | { ok: false; reason: 'bad-input' | 'busy' | 'down' | 'error'; message: string }

export type Arm = {
  source: ModelSource
  /** Answers come before copies. */
  submit: (image: ImageInput, kind: 'live' | 'copy') => Promise<ArmAnswer>
  hasRoom: (kind: 'live' | 'copy') => boolean
  identity: () => ArmIdentity
  restarts: () => number
  pid: () => number | undefined
  stop: () => Promise<void>
}

type Job = { image: ImageInput; settle: (answer: ArmAnswer) => void }
const entry = new URL(`./model-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Starts a model process and waits until the model is loaded; ToolError when it refuses the artefact. */
export async function startArm(source: ModelSource, limits: ArmLimits): Promise<Arm> {
  const live: Job[] = []
  const copies: Job[] = []
  let child: ChildProcess
  let state: ArmIdentity['state'] = 'starting'
  let current: (Job & { id: number; timer: NodeJS.Timeout }) | null = null
  let serial = 0
  let restarts = 0
  let inARow = 0
  let stopping = false
  let retry: NodeJS.Timeout | undefined
  let loaded: (outcome: FromModel | null) => void = () => {}

  const start = () => {
    state = 'starting'
    child = fork(fileURLToPath(entry), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const mine = child
    let tail = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2000)
    })
    child.on('message', (message: FromModel) => mine === child && receive(message))
    child.on('error', () => mine.kill('SIGKILL'))
    child.once('close', () => mine === child && ended(tail))
    send({ type: 'load', artifact: source.artifact, serving: source.serving, threads: limits.threads })
  }

  const send = (message: ToModel) => child.send(message, () => {})

  const receive = (message: FromModel) => {
    if (message.type === 'ready' || message.type === 'refused') {
      if (message.type === 'ready') state = 'ready'
      loaded(message)
      return message.type === 'ready' ? next() : child.kill('SIGKILL')
    }
    if (!current || message.id !== current.id) return
    if (message.type === 'boxes') {
      inARow = 0
      const { detections, ms, cpuMs } = message
      return finish({ ok: true, detections, ms, cpuMs })
    }
    finish({ ok: false, reason: message.type, message: message.message })
  }

  const finish = (answer: ArmAnswer) => {
    const job = current
    current = null
    if (job) {
      clearTimeout(job.timer)
      job.settle(answer)
    }
    next()
  }

  const next = () => {
    if (current || state !== 'ready') return
    const job = live.shift() ?? copies.shift()
    if (!job) return
    const id = ++serial
    const timer = setTimeout(() => child.kill('SIGKILL'), limits.timeoutMs)
    current = { ...job, id, timer }
    send({ type: 'predict', id, image: job.image })
  }

  const ended = (tail: string) => {
    const tooOften = ++inARow > limits.restarts
    state = stopping || tooOften ? 'failed' : 'down'
    loaded(null)
    const word = tail.trim().split('\n').at(-1)
    finish({ ok: false, reason: 'error', message: `the model process ended${word ? `: ${word}` : ''}` })
    for (const job of [...live.splice(0), ...copies.splice(0)]) job.settle(down)
    if (stopping || tooOften) return
    restarts++
    retry = setTimeout(start, Math.min(5000, 50 * 2 ** inARow))
    retry.unref()
  }

  const first = new Promise<FromModel | null>((resolve) => {
    loaded = resolve
  })
  start()
  const outcome = await first
  const arm: Arm = {
    source,
    hasRoom: (kind) => (kind === 'live' ? live.length < limits.live : copies.length < limits.copies),
    submit: (image, kind) => {
      if (state === 'down' || state === 'failed') return Promise.resolve(down)
      if (!arm.hasRoom(kind)) return Promise.resolve(busy)
      return new Promise((settle) => {
        ;(kind === 'live' ? live : copies).push({ image, settle })
        next()
      })
    },
    identity: () => ({ version: source.version, artifact: source.digest, state }),
    restarts: () => restarts,
    pid: () => (child.exitCode === null && child.signalCode === null ? child.pid : undefined),
    stop: async () => {
      stopping = true
      clearTimeout(retry)
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
  if (outcome?.type === 'ready') return arm
  await arm.stop()
  const mend = 'check that it is a detection model in ONNX, exported whole'
  if (outcome?.type === 'refused') throw new UsageError(outcome.message, { where: source.artifact, mend })
  throw new ToolError(`the model process ended while it loaded ${source.artifact}`, { mend })
}

const down: ArmAnswer = { ok: false, reason: 'down', message: 'the model is not running' }
const busy: ArmAnswer = { ok: false, reason: 'busy', message: 'too many requests are waiting' }
