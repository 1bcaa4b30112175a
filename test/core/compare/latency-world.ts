import {
  compareLatency,
  type LatencyRun,
  secondLook,
  slowdownOf,
  usualLooks,
} from '../../../src/core/compare/latency.ts'
import { runsToFind } from '../../../src/core/compare/latency-plan.ts'
import { boundsOf, logRatios } from '../../../src/core/compare/latency-ratio.ts'
import type { LatencyBody } from '../../../src/core/documents/operational.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

/** A host: spread between processes and within one, drift over the whole experiment, share of images that double. */
export type Host = { between: number; within: number; drift: number; spikes: number }

/** What hosted machines show at rest. */
export const hosted: Host = { between: 0.0266, within: 0.04, drift: 0.02, spikes: 0.01 }

/** One process of 40 images on a host. */
export function drawRun(random: Random, ms: number, { between, within, spikes }: Host): LatencyRun {
  const luck = Math.exp(random.normal(0, between))
  const inferenceMs = Array.from(
    { length: 40 },
    () => ms * luck * (1 + random.normal(0, within)) * (random.next() < spikes ? 2 : 1),
  )
  const zeros = inferenceMs.map(() => 0)
  return { decodeMs: zeros, preprocessMs: zeros, inferenceMs, postprocessMs: zeros, peakMemoryMiB: 100 }
}

/** Arms of `pairs` runs each in the order A B B A, the machine slowing down all the while. */
export function drawArms(random: Random, ratio: number, pairs: number, host: Host): [LatencyRun[], LatencyRun[]] {
  const arms: [LatencyRun[], LatencyRun[]] = [[], []]
  let slot = 0
  for (let pair = 0; pair < pairs; pair++) {
    for (const arm of pair % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const drift = 1 + host.drift * (slot++ / (2 * pairs - 1))
      arms[arm].push(drawRun(random, 5 * drift * (arm === 1 ? ratio : 1), host))
    }
  }
  return arms
}

export function compared([a, b]: [LatencyRun[], LatencyRun[]], runs = a.length): LatencyBody {
  const protocol = { order: 'ABBA', runsPerArm: runs, imagesPerRun: 40, warmUp: 5, threads: 1, looks: 2 }
  return compareLatency(
    'simulated',
    protocol,
    { name: 'a', runs: a.slice(0, runs) },
    { name: 'b', runs: b.slice(0, runs) },
    1,
  )
}

/** How a whole protocol ends, once ten runs an arm and, where that is open, as many as their spread asks for are looked at. */
export function outcomes(ratio: number, count: number, host: Host, of: 'p50' | 'p95' = 'p50', limit = 1.05) {
  const random = seededRandom(`latency ${ratio} ${host.between} ${of}`)
  const tally = { slower: 0, 'not slower': 0, open: 0, extended: 0, runs: 0 }
  for (let i = 0; i < count; i++) {
    const arms = drawArms(random, ratio, 80, host)
    const look = (runs: number) => lookAt(arms, runs, of, limit)
    const first = look(10)
    if (first.found !== 'open') {
      tally[first.found]++
      continue
    }
    const runs = secondLook([first.needs])
    tally.extended++
    tally.runs += runs
    tally[look(runs).found]++
  }
  return { ...tally, runs: tally.runs / tally.extended }
}

/** What decides of a comparison, without the interval that is only shown and takes most of its time. */
export function lookAt([a, b]: [LatencyRun[], LatencyRun[]], runs: number, of: 'p50' | 'p95', limit: number) {
  const logs = logRatios(a.slice(0, runs), b.slice(0, runs), of === 'p50' ? 0.5 : 0.95, 'wall')
  const bounds = boundsOf(logs, usualLooks)
  return { bounds, found: slowdownOf(bounds, limit), needs: runsToFind(logs, usualLooks) }
}
