import type { LatencyBody } from '../documents/operational.ts'
import { quantileInterval } from '../stats/order-interval.ts'
import { quantile } from '../stats/quantiles.ts'
import { type Clock, imageMs, type LatencyRun, median, perRun, rounded } from './latency-run.ts'

type ArmBody = LatencyBody['arms'][number]

/** One model's numbers: medians over runs of each run's quantile, so that no single process decides them. */
export function armOf({ name, runs }: { name: string; runs: readonly LatencyRun[] }, clock: Clock): ArmBody {
  const all = runs.flatMap((run) => imageMs(run, clock))
  const loads = runs.flatMap(({ loadMs }) => loadMs ?? [])
  const bytes = runs[0]?.artifactBytes
  return {
    name,
    p50Ms: rounded(median(perRun(runs, 0.5, clock))),
    p95Ms: rounded(median(perRun(runs, 0.95, clock))),
    p99Ms: rounded(quantile(all, 0.99)),
    imagesPerSecond: rounded((1000 * all.length) / all.reduce((sum, ms) => sum + ms, 0)),
    peakMemoryMiB: rounded(Math.max(...runs.map((run) => run.peakMemoryMiB))),
    runs: runs.length,
    partsMs: partsOf(runs),
    endToEndMs: rounded(median(runs.map((run) => median(wayOf(run))))),
    ...(loads.length === 0 ? {} : { loadMs: rounded(median(loads)) }),
    ...(bytes === undefined ? {} : { artifactBytes: bytes }),
    withinRun: withinRun(runs, clock),
  }
}

/** Milliseconds at the median over all images, by the wall clock. */
export function partsOf(runs: readonly LatencyRun[]): LatencyBody['partsMs'] {
  const part = (key: 'decodeMs' | 'preprocessMs' | 'inferenceMs' | 'postprocessMs') =>
    rounded(median(runs.flatMap((run) => run[key])))
  return {
    decode: part('decodeMs'),
    preprocess: part('preprocessMs'),
    inference: part('inferenceMs'),
    postprocess: part('postprocessMs'),
  }
}

function wayOf(run: LatencyRun): number[] {
  return imageMs(run, 'wall').map((ms, i) => ms + (run.decodeMs[i] as number))
}

/** Intervals over the images of the run whose median is the middle one: they speak of that process alone. */
function withinRun(runs: readonly LatencyRun[], clock: Clock): ArmBody['withinRun'] {
  const medians = perRun(runs, 0.5, clock)
  const order = medians.map((_, i) => i).sort((a, b) => (medians[a] as number) - (medians[b] as number))
  const middle = imageMs(runs[order[(order.length - 1) >> 1] as number] as LatencyRun, clock)
  const of = (q: number) => {
    const { value, low, high } = quantileInterval(middle, q)
    return { value: rounded(value), low: low && rounded(low), high: high && rounded(high) }
  }
  return { p50: of(0.5), p95: of(0.95), p99: of(0.99) }
}

/** Images a second of processes that ran at once, counted only while all of them worked; null where they never did. */
export function throughputOf(runs: readonly LatencyRun[]): number | null {
  const done = runs.map(({ doneAt = [] }) => doneAt)
  const start = Math.max(...done.map((times) => times[0] ?? Number.POSITIVE_INFINITY))
  const end = Math.min(...done.map((times) => times.at(-1) ?? Number.NEGATIVE_INFINITY))
  if (!(end > start)) return null
  const images = done.flat().filter((time) => time > start && time <= end).length
  return rounded((1000 * images) / (end - start))
}
