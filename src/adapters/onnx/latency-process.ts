import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { LatencyRun } from '../../core/compare/latency.ts'
import { UsageError } from '../../core/errors.ts'
import type { LatencyJob } from '../../steps/bench.ts'
import { createImages } from '../images.ts'
import type { LatencyAnswer } from './latency.ts'
import { createOnnxRuntime } from './runtime.ts'

// A process of its own for one run: reads a job on stdin, writes the milliseconds of each image to stdout.
const answer = await measure(JSON.parse(await text(process.stdin)) as LatencyJob).catch(refusal)
process.stdout.write(JSON.stringify(answer))

async function measure(job: LatencyJob): Promise<LatencyAnswer> {
  const images = createImages()
  const detector = await createOnnxRuntime().load(job.artifact, job.serving, job.threads)
  const processorMs: number[] = []
  const run: LatencyRun = {
    decodeMs: [],
    preprocessMs: [],
    inferenceMs: [],
    postprocessMs: [],
    processorMs,
    peakMemoryMiB: 0,
  }
  for (let i = -job.warmUp; i < job.timedImages; i++) {
    const bytes = readFileSync(job.images[Math.max(i, 0) % job.images.length] as string)
    const started = performance.now()
    const picture = await images.decode(bytes)
    const decodeMs = performance.now() - started
    const before = process.cpuUsage()
    const { partsMs } = await detector.predictTimed(picture)
    const { user, system } = process.cpuUsage(before)
    if (i < 0) continue
    run.decodeMs.push(decodeMs)
    run.preprocessMs.push(partsMs.preprocess)
    run.inferenceMs.push(partsMs.inference)
    run.postprocessMs.push(partsMs.postprocess)
    processorMs.push((user + system) / 1000)
  }
  run.peakMemoryMiB = process.resourceUsage().maxRSS / 1024
  return { run }
}

/** What is wrong with the input is the caller's to say; anything else ends this process with its stack. */
function refusal(error: unknown): LatencyAnswer {
  if (!(error instanceof UsageError)) throw error
  return { refused: { message: error.message, where: error.where, mend: error.mend } }
}
