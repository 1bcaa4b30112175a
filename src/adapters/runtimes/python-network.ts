import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { NotRunnableError, ToolError, UsageError } from '../../core/errors.ts'
import type { Network } from '../detector.ts'
import { toolEnvironment } from '../tools.ts'

const runner = fileURLToPath(new URL('runner.py', import.meta.url))

export type PythonRuntime = 'openvino' | 'tflite' | 'pytorch'
type Answer = { event: string; kind?: string; message?: string; dims?: number[] } & {
  version?: string
  names?: string[] | null
  endToEnd?: boolean | null
}

/** What to install where a package is not importable. */
const packages: Record<PythonRuntime, string> = {
  openvino: 'openvino',
  tflite: 'ai-edge-litert',
  pytorch: 'ultralytics',
}

/** An artefact loaded in a Python process that answers until it is released; its stdin ends when we do. */
export async function openPythonNetwork(
  python: string,
  job: { runtime: PythonRuntime; artifact: string; imageSize: number; threads: number },
): Promise<Network> {
  const work = mkdtempSync(join(tmpdir(), 'sluice-run-'))
  const files = { job: join(work, 'job.json'), input: join(work, 'input.bin'), output: join(work, 'output.bin') }
  writeFileSync(files.job, JSON.stringify({ ...job, input: files.input, output: files.output }))
  const child = execa(python, [runner, files.job], {
    cwd: work,
    reject: false,
    buffer: { stdout: false, stderr: true },
    maxBuffer: 1_000_000,
    env: toolEnvironment({ PYTHONIOENCODING: 'utf-8' }),
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const command = `${python} runner.py (${job.runtime})`
  const release = async () => {
    child.stdin.end()
    await child
    rmSync(work, { recursive: true, force: true })
  }
  const next = async (): Promise<Answer> => {
    const line = await lines.next()
    const answer = line.done ? null : (JSON.parse(line.value) as Answer)
    if (answer && answer.event !== 'error') return answer
    const { stderr, exitCode, signal } = await child
    rmSync(work, { recursive: true, force: true })
    throw failureOf(job, answer, {
      command,
      stderr,
      end: signal ? `was killed by ${signal}` : `ended with ${exitCode}`,
    })
  }
  const ready = await next()
  return {
    path: job.artifact,
    names: ready.names ?? null,
    endToEnd: ready.endToEnd ?? null,
    infer: async (pixels) => {
      writeFileSync(files.input, pixels)
      child.stdin.write('\n')
      const { dims = [] } = await next()
      const bytes = readFileSync(files.output)
      return { data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), dims }
    },
    release,
  }
}

function failureOf(
  { runtime, artifact }: { runtime: PythonRuntime; artifact: string },
  answer: Answer | null,
  { command, stderr, end }: { command: string; stderr: string; end: string },
): Error {
  const tail = stderr.split('\n').slice(-12).join('\n')
  if (answer?.kind === 'missing-tool') {
    return new NotRunnableError(`the Python package ${packages[runtime]} is not installed`, {
      command,
      mend: `pip install ${packages[runtime]} in an environment that SLUICE_RUNTIMES names`,
    })
  }
  if (answer?.kind === 'bad-model') {
    return new UsageError(`${runtime} does not run the model: ${answer.message}`, {
      where: artifact,
      mend: 'export it again, for the image size that is asked for',
    })
  }
  if (answer?.kind === 'out-of-memory') {
    return new ToolError('there was not enough memory', { command, tail, mend: 'take a machine with more memory' })
  }
  return new ToolError(`the runner ${end} without an answer`, { command, tail, mend: 'run it again' })
}
