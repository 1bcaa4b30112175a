import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa, type ResultPromise } from 'execa'
import { ToolError } from '../../core/errors.ts'
import { writeJson } from '../files.ts'
import { pythonTool, toolEnvironment } from '../tools.ts'
import { explainFailure } from './explain-failure.ts'

/** A line that the driver prints while it works. */
export type DriverEvent = { event: string; [key: string]: unknown }

const driver = fileURLToPath(new URL('driver.py', import.meta.url))

/**
 * Runs one job in the Python driver and returns its result; `products` are what it leaves in the output folder, removed
 * before the start and after a failure, so that nothing half-written is ever taken for a result. The log stays.
 */
export async function runDriver(
  job: { mode: string; output: string; threads: number; [key: string]: unknown },
  products: string[],
  onEvent: (event: DriverEvent) => void,
  signal?: AbortSignal,
): Promise<unknown> {
  const work = join(job.output, '.trainer')
  const log = join(job.output, `${job.mode}.log`)
  const files = { job: join(work, 'job.json'), result: join(work, 'result.json') }
  const clear = () => {
    for (const path of [work, ...products.map((name) => join(job.output, name))]) {
      rmSync(path, { recursive: true, force: true })
    }
  }
  clear()
  mkdirSync(work, { recursive: true })
  writeJson(files.job, { ...job, work, log, watched: true })
  const command = [driver, files.job, files.result]
  try {
    const failure = await run(command, work, onEvent, signal)
    if (!failure && existsSync(files.result)) return JSON.parse(readFileSync(files.result, 'utf8'))
    throw explainFailure(`python driver.py (${job.mode})`, failure ?? { exitCode: 0, stderr: '' }, log)
  } catch (error) {
    clear()
    throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

export type Failure = {
  exitCode?: number | undefined
  signal?: string | undefined
  stderr: string
  interrupted?: boolean
  error?: { kind: string; message: string }
}

async function run(
  command: string[],
  cwd: string,
  onEvent: (event: DriverEvent) => void,
  signal?: AbortSignal,
): Promise<Failure | null> {
  if (signal?.aborted) throw new ToolError('interrupted before the trainer started')
  // A group of its own, so that everything the trainer starts ends with it; its stdin ends when we do.
  const child = execa(pythonTool('python'), command, {
    cwd,
    detached: true,
    reject: false,
    stdin: 'pipe',
    buffer: { stdout: false, stderr: true },
    maxBuffer: 1_000_000,
    // Bytecode that is not kept costs seconds at every start.
    env: toolEnvironment({ PYTHONDONTWRITEBYTECODE: '', PYTHONHASHSEED: '0', PYTHONIOENCODING: 'utf-8' }),
  })
  let interrupted = false
  const stop = () => {
    interrupted = true
    killGroup(child)
  }
  signal?.addEventListener('abort', stop, { once: true })
  for (const name of ['SIGINT', 'SIGTERM', 'exit']) process.once(name, stop)
  let error: Failure['error']
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const event = parsed(line)
      if (event?.event === 'error') error = { kind: String(event.kind), message: String(event.message) }
      else if (event) onEvent(event)
    }
    const { exitCode, signal: killedBy, stderr } = await child
    if (exitCode === 0) return null
    return { exitCode, signal: killedBy, stderr, interrupted, ...(error ? { error } : {}) }
  } finally {
    signal?.removeEventListener('abort', stop)
    for (const name of ['SIGINT', 'SIGTERM', 'exit']) process.removeListener(name, stop)
  }
}

function killGroup(child: ResultPromise): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** An event of the driver; anything else on its stdout is none. */
function parsed(line: string): DriverEvent | null {
  try {
    const value = JSON.parse(line) as DriverEvent | null
    return value && typeof value.event === 'string' ? value : null
  } catch {
    return null
  }
}
