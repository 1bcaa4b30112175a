import { readFileSync, statSync } from 'node:fs'
import type { LatencyRun } from '../../core/compare/latency.ts'
import { UsageError } from '../../core/errors.ts'
import type { LatencyJob } from '../../steps/bench.ts'
import { createImages } from '../images.ts'
import type { LatencyAnswer } from './latency.ts'
import { watchHost } from './latency-host.ts'
import { latencyTarget, machineOf } from './latency-target.ts'
import { createOnnxRuntime } from './runtime.ts'

/** Times one model on the job's pictures in this process; what is wrong with the input is part of the answer. */
export async function answerTo(job: LatencyJob): Promise<LatencyAnswer> {
  try {
    return { run: await measure(job) }
  } catch (error) {
    // What is wrong with the input is the caller's to say; anything else ends this process with its stack.
    if (!(error instanceof UsageError)) throw error
    return { refused: { message: error.message, where: error.where, mend: error.mend } }
  }
}

async function measure(job: LatencyJob): Promise<LatencyRun> {
  const { provider = 'cpu' } = job
  const images = createImages()
  const loading = performance.now()
  const detector = await createOnnxRuntime(provider).load(job.artifact, job.serving, job.threads)
  const loadMs = performance.now() - loading
  const processorMs: number[] = []
  const doneAt: number[] = []
  const run: LatencyRun = {
    decodeMs: [],
    preprocessMs: [],
    inferenceMs: [],
    postprocessMs: [],
    processorMs,
    doneAt,
    peakMemoryMiB: 0,
    loadMs,
    artifactBytes: statSync(job.artifact).size,
    target: latencyTarget(provider, job.threads),
    machine: machineOf(provider, job.threads),
  }
  let host = watchHost()
  for (let i = -job.warmUp; i < job.timedImages; i++) {
    if (i === 0) host = watchHost()
    const bytes = readFileSync(job.images[Math.max(i, 0) % job.images.length] as string)
    const started = performance.now()
    const picture = await images.decode(bytes)
    const decodeMs = performance.now() - started
    const cpuBefore = process.cpuUsage()
    const { partsMs } = await detector.predictTimed(picture)
    const processor = processorMsSince(cpuBefore)
    const added = waste((((job.slowdown ?? 1) - 1) * processor) / job.threads)
    if (i < 0) continue
    run.decodeMs.push(decodeMs)
    run.preprocessMs.push(partsMs.preprocess)
    run.inferenceMs.push(partsMs.inference + added.wall)
    run.postprocessMs.push(partsMs.postprocess)
    processorMs.push(processor + added.processor)
    doneAt.push(performance.timeOrigin + performance.now())
  }
  run.host = host()
  // Node gives the peak in KiB on every system.
  run.peakMemoryMiB = process.resourceUsage().maxRSS / 1024
  return run
}

/** Keeps the processor busy until it has worked as long; a neighbour that interrupts adds to the wall clock alone. */
function waste(ms: number): { wall: number; processor: number } {
  const started = performance.now()
  const before = process.cpuUsage()
  if (!(ms > 0)) return { wall: 0, processor: 0 }
  while (processorMsSince(before) < ms);
  return { wall: performance.now() - started, processor: processorMsSince(before) }
}

function processorMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
