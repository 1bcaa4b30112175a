import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { NotRunnableError, ToolError, UsageError } from '../../core/errors.ts'
import type { Network, Output } from '../detector.ts'

type Facts = { names?: Record<string, string>; end2end?: boolean }

/** An engine behind trtexec: one process a picture, so that it is exact and slow. */
export async function openTensorRt(
  artifact: string,
  imageSize: number,
  build: { onnx: boolean; flags: string[] },
): Promise<Network> {
  if (!existsSync(artifact))
    throw new UsageError('there is no such engine', { where: artifact, mend: 'check the path' })
  const work = mkdtempSync(join(tmpdir(), 'sluice-trt-'))
  const files = { plan: join(work, 'model.plan'), input: join(work, 'input.bin'), output: join(work, 'output.json') }
  const release = async () => rmSync(work, { recursive: true, force: true })
  try {
    const { plan, facts } = build.onnx ? { plan: null, facts: {} } : splitEngine(readFileSync(artifact))
    if (plan) writeFileSync(files.plan, plan)
    else
      await trtexec([`--onnx=${artifact}`, `--saveEngine=${files.plan}`, '--skipInference', ...build.flags], artifact)
    const names = facts.names ? Object.values(facts.names) : null
    const infer = async (pixels: Float32Array): Promise<Output> => {
      writeFileSync(files.input, pixels)
      rmSync(files.output, { force: true })
      const once = ['--iterations=1', '--warmUp=0', '--duration=0']
      const io = [`--loadInputs=images:${files.input}`, `--exportOutput=${files.output}`]
      await trtexec([`--loadEngine=${files.plan}`, ...io, ...once], artifact)
      return readOutput(files.output)
    }
    return { path: artifact, names, endToEnd: facts.end2end ?? null, infer, release }
  } catch (error) {
    await release()
    throw error
  }

  function readOutput(file: string): Output {
    const told = { command: 'trtexec --exportOutput', mend: 'run it again, or build the engine again' }
    if (!existsSync(file)) throw new ToolError('trtexec passed and wrote no output', told)
    try {
      const [first] = JSON.parse(readFileSync(file, 'utf8')) as { dimensions: string; values: number[] }[]
      const dims = (first?.dimensions ?? '').split('x').map(Number)
      const data = Float32Array.from(first?.values ?? [])
      if (dims.reduce((all, side) => all * side, 1) === data.length && data.every(Number.isFinite))
        return { data, dims }
    } catch {
      // A number that is none, "nan", is no JSON either.
    }
    throw new ToolError(`the output of trtexec at ${imageSize} pixels is no tensor of finite numbers`, told)
  }
}

/** An Ultralytics engine is a length, JSON and the plan; trtexec knows the plan alone. */
function splitEngine(bytes: Buffer): { plan: Buffer; facts: Facts } {
  const length = bytes.length > 4 ? bytes.readInt32LE(0) : 0
  if (length > 1 && length < bytes.length - 4 && bytes[4] === 0x7b) {
    try {
      const facts = JSON.parse(bytes.toString('utf8', 4, 4 + length)) as Facts
      return { plan: bytes.subarray(4 + length), facts }
    } catch {
      // A plan whose first bytes look like a length.
    }
  }
  return { plan: bytes, facts: {} }
}

const elsewhere =
  /not compatible with this version of TensorRT|Version tag does not match|incompatible device|no CUDA-capable device|CUDA initialization failure|driver version is insufficient/i

async function trtexec(args: string[], artifact: string): Promise<void> {
  const result = await execa('trtexec', args, { reject: false, all: true, maxBuffer: 10_000_000 })
  const told = result.all ?? ''
  if (result.exitCode === 0 && /&&&& PASSED/.test(told)) return
  if (result.code === 'ENOENT') {
    throw new NotRunnableError('trtexec is not on the PATH', {
      command: 'trtexec',
      mend: 'install TensorRT on a machine with an NVIDIA GPU, and put trtexec on the PATH',
    })
  }
  const command = `trtexec ${args.join(' ')}`
  const tail = told.split('\n').slice(-12).join('\n')
  const why = told.split('\n').find((line) => elsewhere.test(line))
  if (why) {
    const mend = 'build the engine on this machine, with this TensorRT'
    throw new NotRunnableError(`TensorRT does not run it here: ${why.replace(/^.*\[E\]\s*/, '')}`, {
      command,
      tail,
      mend,
    })
  }
  if (/out ?of ?memory|cudaErrorMemoryAllocation/i.test(told)) {
    const mend = 'free memory of the GPU and run it again'
    throw new ToolError('TensorRT ran out of memory', { command, tail, mend })
  }
  if (/Unknown option/i.test(told)) {
    const mend = 'TensorRT 11 takes its precision from the graph: export that precision, and build without the flag'
    throw new UsageError('this trtexec has no such flag', { where: artifact, mend })
  }
  throw new ToolError('trtexec failed', { command, tail, mend: 'read what it said' })
}
