import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { LatencyRun } from '../../core/compare/latency.ts'
import type { LatencyJob } from '../../steps/bench.ts'
import { createImages } from '../images.ts'
import { createOnnxRuntime } from './runtime.ts'

// A process of its own for one run: reads a job on stdin, writes the milliseconds of each image to stdout.
const job = JSON.parse(await text(process.stdin)) as LatencyJob
const images = createImages()
const detector = await createOnnxRuntime().load(job.artifact, job.serving, job.threads)
const run: LatencyRun = { decodeMs: [], preprocessMs: [], inferenceMs: [], postprocessMs: [], peakMemoryMiB: 0 }
for (let i = -job.warmUp; i < job.timedImages; i++) {
  const bytes = readFileSync(job.images[Math.max(i, 0) % job.images.length] as string)
  const started = performance.now()
  const picture = await images.decode(bytes)
  const decodeMs = performance.now() - started
  const { partsMs } = await detector.predictTimed(picture)
  if (i < 0) continue
  run.decodeMs.push(decodeMs)
  run.preprocessMs.push(partsMs.preprocess)
  run.inferenceMs.push(partsMs.inference)
  run.postprocessMs.push(partsMs.postprocess)
}
run.peakMemoryMiB = process.resourceUsage().maxRSS / 1024
process.stdout.write(JSON.stringify(run))
