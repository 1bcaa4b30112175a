import { expect, test } from 'vitest'
import { centre, compareLatency, type LatencyRun } from '../../../src/core/compare/latency.ts'
import { latency } from '../../../src/core/documents/operational.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

const protocol = { order: 'ABBA', runsPerArm: 10, imagesPerRun: 40, warmUp: 5, threads: 1 }

/** One process on a machine with 2.7 % between runs, 4 % within, one spike in a hundred, and drift. */
function run(random: Random, ms: number): LatencyRun {
  const luck = 1 + random.normal(0, 0.0266)
  const inferenceMs = Array.from(
    { length: 40 },
    () => ms * luck * (1 + random.normal(0, 0.04)) * (random.next() < 0.01 ? 2 : 1),
  )
  const zeros = inferenceMs.map(() => 0)
  return { decodeMs: zeros, preprocessMs: zeros, inferenceMs, postprocessMs: zeros, peakMemoryMiB: 100 }
}

function experiment(random: Random, ratio: number) {
  const arms: [LatencyRun[], LatencyRun[]] = [[], []]
  let slot = 0
  for (let pair = 0; pair < 10; pair++) {
    for (const arm of pair % 2 === 0 ? [0, 1] : [1, 0]) {
      const drift = 1 + 0.02 * (slot++ / 19)
      arms[arm as 0 | 1].push(run(random, 5 * drift * (arm === 1 ? ratio : 1)))
    }
  }
  return compareLatency('simulated', protocol, { name: 'a', runs: arms[0] }, { name: 'b', runs: arms[1] }, 1)
}

function many(ratio: number, count: number) {
  const random = seededRandom(`latency ${ratio}`)
  return Array.from(
    { length: count },
    () => experiment(random, ratio).ratioP50 as { value: number; low: number; high: number },
  )
}

test('the same model twice shows no difference: the interval holds 1 at its level and never clears 1.02', () => {
  const found = many(1, 80)
  // 80 experiments at 5 % give at most 9 with probability 0.99.
  expect(found.filter(({ low, high }) => low > 1 || high < 1).length).toBeLessThanOrEqual(9)
  expect(found.filter(({ low }) => low > 1.02)).toEqual([])
})

test('a model that is a tenth slower is found slower than 1.02 nearly always and than 1.05 mostly', () => {
  const found = many(1.1, 60)
  expect(found.filter(({ low }) => low > 1.02).length).toBeGreaterThanOrEqual(57)
  expect(found.filter(({ low }) => low > 1.05).length).toBeGreaterThanOrEqual(45)
  expect(found.every(({ low, high }) => low <= high)).toBe(true)
})

test('gives a document that its schema accepts, with every sample kept and the same numbers for the same seed', () => {
  const body = experiment(seededRandom(1), 1.2)
  expect(problemsOf(latency, body)).toEqual([])
  expect(experiment(seededRandom(1), 1.2)).toEqual(body)
  expect(body.samples.a).toHaveLength(400)
  expect(body.arms.map(({ name, runs }) => [name, runs])).toEqual([
    ['a', 10],
    ['b', 10],
  ])
  expect(body.arms[1]?.p50Ms).toBeCloseTo((body.arms[0]?.p50Ms ?? 0) * body.ratioP50.value, 0)
})

test('says noisy when the interval is too wide to tell 5 %', () => {
  const random = seededRandom(4)
  const wild = () => Array.from({ length: 10 }, () => run(random, 5 * random.uniform(0.7, 1.4)))
  const body = compareLatency('simulated', protocol, { name: 'a', runs: wild() }, { name: 'b', runs: wild() }, 1)
  expect(body.noise.noisy).toBe(true)
  expect(body.noise.betweenRunsCv).toBeGreaterThan(0.1)
})

test('the centre is the median of pairwise means', () => {
  expect(centre([1, 2, 10])).toBe((2 + 5.5) / 2)
  expect(centre([3])).toBe(3)
})

test('on a noisy host with one thread processor time is judged, and the document says so', () => {
  const random = seededRandom('noisy-host')
  const runOf = (scale: number) => {
    const disturbed = random.uniform(1, 3)
    const ms = Array.from({ length: 20 }, () => scale * random.uniform(0.99, 1.01))
    return {
      decodeMs: ms.map(() => 1),
      preprocessMs: ms.map(() => 0),
      inferenceMs: ms.map((value) => value * disturbed),
      postprocessMs: ms.map(() => 0),
      processorMs: ms,
      peakMemoryMiB: 100,
    }
  }
  const arm = (name: string, scale: number) => ({ name, runs: Array.from({ length: 10 }, () => runOf(scale)) })
  const protocol = { order: 'ABBA', runsPerArm: 10, imagesPerRun: 20, warmUp: 0, threads: 1 }
  const noisy = compareLatency('a noisy host', protocol, arm('champion', 10), arm('candidate', 12), 0)
  expect(noisy.clock).toBe('processor')
  expect(noisy.noise.noisy).toBe(true)
  expect(noisy.ratioP50.low).toBeGreaterThan(1.15)
  expect(noisy.ratioP50.high).toBeLessThan(1.25)
  const threaded = compareLatency(
    'a noisy host',
    { ...protocol, threads: 2 },
    arm('champion', 10),
    arm('candidate', 12),
    0,
  )
  expect(threaded.clock).toBe('wall')
})
