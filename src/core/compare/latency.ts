import type { LatencyBody } from '../documents/operational.ts'
import { BugError } from '../errors.ts'
import { percentileInterval } from '../stats/bootstrap.ts'
import { quantile } from '../stats/quantiles.ts'
import { seededRandom } from '../stats/random.ts'

/** Milliseconds of each timed image of one fresh process, part by part, and its peak memory. */
export type LatencyRun = {
  decodeMs: number[]
  preprocessMs: number[]
  inferenceMs: number[]
  postprocessMs: number[]
  /** Processor time from picture in memory to boxes, all threads of the process; absent where it was not taken. */
  processorMs?: number[]
  peakMemoryMiB: number
}
type Clock = NonNullable<LatencyBody['clock']>

export type LatencyProtocol = LatencyBody['protocol']
type Arm = { name: string; runs: readonly LatencyRun[] }

const resamples = 2000
const level = 0.95
/** An interval wider than this cannot tell a 5 % change from none. */
const widestQuiet = 0.06

/**
 * Latency of candidate over baseline from paired fresh processes. The run is the unit: images of one run share its
 * luck, so each run gives one median (and one p95), each pair one ratio, and pairs are resampled. The wall clock counts
 * unless the host was too noisy for it to tell anything; then processor time does, which with one thread is the latency
 * that a quiet host would show, and the document says so. The choice looks at the width of the interval, never at the ratio.
 */
export function compareLatency(
  target: string,
  protocol: LatencyProtocol,
  baseline: Arm,
  candidate: Arm,
  seed: number,
): LatencyBody {
  const ratio = (q: number, by: Clock) => ratioOfPairs(baseline.runs, candidate.runs, q, seed, by)
  const onTheWall = ratio(0.5, 'wall')
  const noisy = onTheWall.high - onTheWall.low > widestQuiet
  const timed = [...baseline.runs, ...candidate.runs].every((run) => run.processorMs !== undefined)
  const clock = noisy && timed && protocol.threads === 1 ? 'processor' : 'wall'
  const ratioP50 = clock === 'wall' ? onTheWall : ratio(0.5, clock)
  const betweenRunsCv = Math.max(...[baseline, candidate].map(({ runs }) => variation(perRun(runs, 0.5, 'wall'))))
  const parts = (key: 'decodeMs' | 'preprocessMs' | 'inferenceMs' | 'postprocessMs') =>
    rounded(median(candidate.runs.flatMap((run) => run[key])))
  return {
    target,
    protocol,
    clock,
    arms: [armOf(baseline, clock), armOf(candidate, clock)],
    ratioP50,
    ratioP95: ratio(0.95, clock),
    partsMs: {
      decode: parts('decodeMs'),
      preprocess: parts('preprocessMs'),
      inference: parts('inferenceMs'),
      postprocess: parts('postprocessMs'),
    },
    noise: { betweenRunsCv: rounded(betweenRunsCv), noisy },
    samples: { [baseline.name]: pooled(baseline.runs, clock), [candidate.name]: pooled(candidate.runs, clock) },
  }
}

/** From picture in memory to boxes: what a model changes. Decoding the file is the same for all and stands apart. */
function imageMs(run: LatencyRun, clock: Clock): number[] {
  if (clock === 'processor') return run.processorMs ?? []
  return run.inferenceMs.map((ms, i) => ms + (run.preprocessMs[i] as number) + (run.postprocessMs[i] as number))
}

function pooled(runs: readonly LatencyRun[], clock: Clock): number[] {
  return runs.flatMap((run) => imageMs(run, clock)).map(rounded)
}

function perRun(runs: readonly LatencyRun[], q: number, clock: Clock): number[] {
  return runs.map((run) => quantile(imageMs(run, clock), q))
}

function armOf({ name, runs }: Arm, clock: Clock): LatencyBody['arms'][number] {
  const all = runs.flatMap((run) => imageMs(run, clock))
  return {
    name,
    p50Ms: rounded(median(perRun(runs, 0.5, clock))),
    p95Ms: rounded(median(perRun(runs, 0.95, clock))),
    p99Ms: rounded(quantile(all, 0.99)),
    imagesPerSecond: rounded((1000 * all.length) / all.reduce((sum, ms) => sum + ms, 0)),
    peakMemoryMiB: rounded(Math.max(...runs.map((run) => run.peakMemoryMiB))),
    runs: runs.length,
  }
}

function ratioOfPairs(
  baseline: readonly LatencyRun[],
  candidate: readonly LatencyRun[],
  q: number,
  seed: number,
  clock: Clock,
) {
  const below = perRun(baseline, q, clock)
  const logs = perRun(candidate, q, clock).map((ms, i) => Math.log(ms / (below[i] as number)))
  const value = centre(logs)
  const interval = intervalOfCentre(logs, seed)
  if (interval === null) throw new BugError(`${logs.length} pairs of runs give no interval`)
  const { low, high } = interval
  return {
    value: rounded(Math.exp(value)),
    low: rounded(Math.exp(low)),
    high: rounded(Math.exp(high)),
    level,
    method: `paired runs by ${clock === 'wall' ? 'the wall clock' : 'processor time'}, Hodges-Lehmann centre of log ratios, percentile bootstrap over pairs`,
    n: logs.length,
  }
}

/** Hodges-Lehmann: median of all pairwise means; a run that a neighbour disturbed moves it little. */
export function centre(values: readonly number[]): number {
  const means: number[] = []
  for (let i = 0; i < values.length; i++) {
    for (let j = i; j < values.length; j++) means.push(((values[i] as number) + (values[j] as number)) / 2)
  }
  return median(means)
}

/** 95 % percentile bootstrap interval of the centre over runs, widened as few runs need; null of one run. */
function intervalOfCentre(values: readonly number[], seed: number): { low: number; high: number } | null {
  const random = seededRandom(seed)
  const drawn = new Float64Array(resamples)
  const sample = new Array<number>(values.length)
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < sample.length; i++) sample[i] = values[random.int(values.length)] as number
    drawn[b] = centre(sample)
  }
  return percentileInterval(centre(values), drawn, level, values.length)
}

function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

function variation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) / mean : 0
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
