import {
  compareLatency,
  firstRuns,
  type LatencyRun,
  secondLook,
  slowdownOf,
  throughputOf,
  usualLooks,
} from '../core/compare/latency.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { type DocumentOf, type Subject, sha256 } from '../core/documents/define.ts'
import { type LatencyBody, latency } from '../core/documents/operational.ts'
import { UsageError } from '../core/errors.ts'
import type { Progress, Serving, Storage } from '../ports.ts'

type Arm = LatencyBody['arms'][number]

export type LatencyJob = {
  artifact: string
  /** Absolute paths; a run takes them in turn. */
  images: string[]
  timedImages: number
  warmUp: number
  threads: number
  serving: Serving
  /** What runs the model; the processor unless another is named. */
  provider?: 'cpu' | 'cuda' | 'tensorrt'
  /** Times as long as it takes, by keeping the processor busy: proves that a measurement finds a slowdown. */
  slowdown?: number
}

/** Measures one run in a fresh process. */
export type MeasureLatency = (job: LatencyJob, signal?: AbortSignal) => Promise<LatencyRun>

type Limits = { p50?: number; p95?: number }

export type BenchInput = {
  baseline: { name: string; artifact: string }
  candidate: { name: string; artifact: string }
  images: string[]
  serving: Serving
  threads: number
  /** What it was measured on, e.g. "linux x64, 2 cores, ONNX Runtime CPU". */
  target: string
  provider?: LatencyJob['provider']
  /** Fresh processes an arm; at least 10 for an interval worth its name. */
  runs?: number
  /** Ratios that a gate allows. Where `runs` leave one open, it goes on once, to as many as their spread asks for. */
  settle?: Limits
  /** Processes at once whose images a second are counted too; none unless given. */
  streams?: number
  /** Times as long as the candidate really takes. */
  slowdown?: number
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
  const { runs = firstRuns, imagesPerRun = 40, warmUp = 5, seed = 0, streams = 0, serving, threads, progress } = input
  if (!(Number.isInteger(runs) && runs >= 2)) {
    throw new UsageError(`${runs} runs an arm give no interval`, { mend: 'give at least 2, better 10' })
  }
  if (input.images.length === 0)
    throw new UsageError('there are no images to time', { mend: 'name a folder of pictures' })
  const arms = [input.baseline, distinct(input.candidate, input.baseline)] as const
  const measured: [LatencyRun[], LatencyRun[]] = [[], []]
  const lookedAfter: number[] = []
  const goOn = async (until: number) => {
    for (let pair = measured[0].length; pair < until; pair++) {
      const images = turned(input.images, pair * imagesPerRun)
      const job = { images, timedImages: imagesPerRun, warmUp, threads, serving, provider: input.provider }
      // A B, then B A: a machine that slowly warms up or slows down favours neither.
      for (const arm of pair % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const { artifact } = arms[arm]
        const slowdown = arm === 1 ? input.slowdown : undefined
        measured[arm].push(await measure({ ...job, artifact, slowdown }, input.signal))
        progress?.update(measured[0].length + measured[1].length, 2 * until, arms[arm].name)
      }
    }
    lookedAfter.push(until)
    return summary(input, { imagesPerRun, warmUp, lookedAfter }, arms, measured, seed)
  }
  let body = await goOn(runs)
  const { settle } = input
  // The second look is planned: the bounds of both share their error.
  const needs = settle ? openNeeds(body, settle) : []
  if (needs.length > 0) body = await goOn(secondLook(needs, runs))
  if (streams > 0) {
    // Long enough that all of them are up while they are counted, though they start apart.
    const timedImages = 5 * imagesPerRun
    const job = { images: input.images, timedImages, warmUp, threads, serving, provider: input.provider }
    for (const [i, { artifact }] of arms.entries()) {
      const together = Array.from({ length: streams }, () => measure({ ...job, artifact }, input.signal))
      const imagesPerSecond = throughputOf(await Promise.all(together))
      if (imagesPerSecond !== null) (body.arms[i] as Arm).streams = { count: streams, imagesPerSecond }
    }
  }
  const digests = { champion: input.baseline.artifact, artifact: input.candidate.artifact }
  const subject = input.subject ?? {
    champion: sha256(storage.read(digests.champion)),
    artifact: sha256(storage.read(digests.artifact)),
  }
  return latency.make({ ...subject, serving: servingDigest(serving) }, body)
}

function summary(
  { target, threads }: BenchInput,
  { lookedAfter, ...taken }: { imagesPerRun: number; warmUp: number; lookedAfter: number[] },
  [baseline, candidate]: readonly [{ name: string }, { name: string }],
  [below, above]: readonly [LatencyRun[], LatencyRun[]],
  seed: number,
): LatencyBody {
  const order = 'ABBA, a fresh process a run; time from picture in memory to boxes'
  const looks = { looks: usualLooks, lookedAfter: [...lookedAfter] }
  const protocol = { order, runsPerArm: below.length, ...taken, threads, ...looks }
  const arms = [
    { name: baseline.name, runs: below },
    { name: candidate.name, runs: above },
  ] as const
  return compareLatency(target, protocol, ...arms, seed)
}

/** Runs that each measure asks for which is neither slower for certain nor below its limit; none where one is slower. */
function openNeeds({ bounds, runsToFind }: LatencyBody, limits: Limits): (number | null)[] {
  const asked = (['p50', 'p95'] as const).flatMap((of) => {
    const limit = limits[of]
    return limit === undefined || !bounds ? [] : [{ of, found: slowdownOf(bounds[of], limit) }]
  })
  if (asked.some(({ found }) => found === 'slower')) return []
  return asked.filter(({ found }) => found === 'open').map(({ of }) => runsToFind?.[of] ?? null)
}

function distinct(candidate: { name: string; artifact: string }, baseline: { name: string }) {
  return candidate.name === baseline.name ? { ...candidate, name: `${candidate.name} (candidate)` } : candidate
}

function turned(images: string[], by: number): string[] {
  const start = by % images.length
  return [...images.slice(start), ...images.slice(0, start)]
}
