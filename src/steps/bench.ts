import { compareLatency, type LatencyRun } from '../core/compare/latency.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { type DocumentOf, type Subject, sha256 } from '../core/documents/define.ts'
import { latency } from '../core/documents/operational.ts'
import { UsageError } from '../core/errors.ts'
import type { Progress, Serving, Storage } from '../ports.ts'

export type LatencyJob = {
  artifact: string
  /** Absolute paths; a run takes them in turn. */
  images: string[]
  timedImages: number
  warmUp: number
  threads: number
  serving: Serving
}

/** Measures one run in a fresh process. */
export type MeasureLatency = (job: LatencyJob, signal?: AbortSignal) => Promise<LatencyRun>

export type BenchInput = {
  baseline: { name: string; artifact: string }
  candidate: { name: string; artifact: string }
  images: string[]
  serving: Serving
  threads: number
  /** What it was measured on, e.g. "linux x64, 2 cores, ONNX Runtime CPU". */
  target: string
  /** Fresh processes an arm; at least 10 for an interval worth its name. */
  runs?: number
  imagesPerRun?: number
  warmUp?: number
  seed?: number
  subject?: Subject
  progress?: Progress
  signal?: AbortSignal
}

/** Latency of two models, interleaved A B B A in fresh processes on the same pictures; returns Latency evidence. */
export async function bench(
  { measure, storage }: { measure: MeasureLatency; storage: Pick<Storage, 'read'> },
  input: BenchInput,
): Promise<DocumentOf<typeof latency>> {
  const { runs = 10, imagesPerRun = 40, warmUp = 5, seed = 0, serving, threads, progress } = input
  if (!(Number.isInteger(runs) && runs >= 2)) {
    throw new UsageError(`${runs} runs an arm give no interval`, { mend: 'give at least 2, better 10' })
  }
  if (input.images.length === 0)
    throw new UsageError('there are no images to time', { mend: 'name a folder of pictures' })
  const arms = [input.baseline, distinct(input.candidate, input.baseline)] as const
  const measured: [LatencyRun[], LatencyRun[]] = [[], []]
  for (let pair = 0; pair < runs; pair++) {
    const images = turned(input.images, pair * imagesPerRun)
    // A B, then B A: a machine that slowly warms up or slows down favours neither.
    for (const arm of pair % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const { artifact } = arms[arm]
      measured[arm].push(
        await measure({ artifact, images, timedImages: imagesPerRun, warmUp, threads, serving }, input.signal),
      )
      progress?.update(measured[0].length + measured[1].length, 2 * runs, arms[arm].name)
    }
  }
  const protocol = {
    order: 'ABBA, a fresh process a run; time from picture in memory to boxes',
    runsPerArm: runs,
    imagesPerRun,
    warmUp,
    threads,
  }
  const body = compareLatency(
    input.target,
    protocol,
    { name: arms[0].name, runs: measured[0] },
    { name: arms[1].name, runs: measured[1] },
    seed,
  )
  const digests = { champion: input.baseline.artifact, artifact: input.candidate.artifact }
  const subject = input.subject ?? {
    champion: sha256(storage.read(digests.champion)),
    artifact: sha256(storage.read(digests.artifact)),
  }
  return latency.make({ ...subject, serving: servingDigest(serving) }, body)
}

function distinct(candidate: { name: string; artifact: string }, baseline: { name: string }) {
  return candidate.name === baseline.name ? { ...candidate, name: `${candidate.name} (candidate)` } : candidate
}

function turned(images: string[], by: number): string[] {
  const start = by % images.length
  return [...images.slice(start), ...images.slice(0, start)]
}
