import { expect, test } from 'vitest'
import { compareLatency, secondLook, slowdownOf, throughputOf } from '../../../src/core/compare/latency.ts'
import { runsToFind } from '../../../src/core/compare/latency-plan.ts'
import { latency } from '../../../src/core/documents/operational.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { compared, drawArms, drawRun, hosted, lookAt, outcomes } from './latency-world.ts'

const protocol = { order: 'ABBA', runsPerArm: 10, imagesPerRun: 40, warmUp: 5, threads: 1 }
const experiment = (random: Random, ratio: number) => compared(drawArms(random, ratio, 10, hosted))

test('what the simulations look at is what a comparison says', () => {
  const arms = drawArms(seededRandom('looks'), 1.05, 20, hosted)
  for (const of of ['p50', 'p95'] as const) {
    const body = compared(arms, 20)
    const { bounds, needs } = lookAt(arms, 20, of, 1.05)
    expect([body.bounds?.[of], body.runsToFind?.[of]]).toEqual([bounds, needs])
  }
})

test('one model twice is called slower in at most 1 % of measurements, both looks together', () => {
  const found = outcomes(1, 400, hosted)
  expect(found.extended).toBeGreaterThan(0)
  expect(found.slower).toBeLessThanOrEqual(4)
  expect(found['not slower']).toBeGreaterThan(380)
})

test('one model twice is called slower in at most 1 % on a host five times as noisy too', () => {
  const found = outcomes(1, 120, { ...hosted, between: 0.13 })
  // Of 120 at 1 %, five or more have a chance below 1 %.
  expect(found.slower).toBeLessThanOrEqual(4)
  expect(found.open).toBeGreaterThan(20)
})

test('a true slowdown of 5 % is found with a power of 0.9, at the median and in the tail, which asks for more runs', () => {
  const median = outcomes(1.05, 100, hosted)
  const tail = outcomes(1.05, 200, hosted, 'p95')
  expect(median.slower).toBeGreaterThanOrEqual(90)
  expect(tail.slower).toBeGreaterThanOrEqual(180)
  expect(tail.runs).toBeGreaterThan(median.runs + 5)
})

test('one model twice is called slower in the tail in at most 1 %, though its spread chose the number of runs', () => {
  const found = outcomes(1, 400, hosted, 'p95')
  expect(found.extended).toBeGreaterThan(20)
  expect(found.slower).toBeLessThanOrEqual(4)
})

test('the second look grows with the spread of the first, from forty runs an arm to eighty', () => {
  const alternating = (by: number) => Array.from({ length: 10 }, (_, i) => (i % 2 ? by : -by))
  expect([0.02, 0.04].map((by) => runsToFind(alternating(by), 2))).toEqual([11, 42])
  expect(runsToFind([0, 0.1, 0.2], 2)).toBeNull()
  expect([secondLook([12, 55]), secondLook([12, null]), secondLook([500]), secondLook([500], 4)]).toEqual([
    55, 40, 80, 32,
  ])
})

test('runs that find a slowdown fall to the known sample size where the spread is known', () => {
  // Many pairs: (z.995 + z.9)² σ² / δ² for a mean, π / 3 times as many for ranks.
  const random = seededRandom('plan')
  const logs = Array.from({ length: 4000 }, () => random.normal(0, 0.04))
  const known = ((2.5758 + 1.2816) * (0.04 / Math.log(1.05 / 1.02))) ** 2 * (Math.PI / 3)
  expect(Math.abs((runsToFind(logs, 2) ?? 0) / known - 1)).toBeLessThan(0.05)
})

test('the interval that is shown holds the true ratio at its level', () => {
  const random = seededRandom('latency coverage')
  const held = Array.from({ length: 100 }, () => {
    const { low = 0, high = 0 } = experiment(random, 1.1).ratioP50
    return low <= 1.1 && 1.1 <= high
  })
  expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(88)
})

test('says slower above the margin, not slower below the limit, else open; too few runs leave it open', () => {
  expect(slowdownOf({ lower99: 1.021, upper95: 1.04 }, 1.05)).toBe('slower')
  expect(slowdownOf({ lower99: 1.02, upper95: 1.05 }, 1.05)).toBe('open')
  expect(slowdownOf({ lower99: 0.99, upper95: 1.049 }, 1.05)).toBe('not slower')
  expect(slowdownOf({ lower99: null, upper95: null }, 1.05)).toBe('open')
  const few = compared(drawArms(seededRandom(2), 1, 5, hosted))
  expect(few.bounds?.p50).toEqual({ lower99: null, upper95: null })
})

test('runs of two targets have no ratio', () => {
  const [a, b] = drawArms(seededRandom(3), 1, 10, hosted)
  const there = b.map((run) => ({ ...run, target: 'there' }))
  expect(() => compared([a.map((run) => ({ ...run, target: 'here' })), there])).toThrow(
    /different targets.*here and there/,
  )
  expect(compared([a, there]).bounds).toBeDefined()
})

test('what the host did is told, and named where it is unusual', () => {
  const [a, b] = drawArms(seededRandom(5), 1, 10, hosted)
  const quiet = { stealShare: 0, load: 1, clockMHz: 3000, throttledShare: 0 }
  const on = (of: object) =>
    compared([a.map((run) => ({ ...run, host: quiet })), b.map((run) => ({ ...run, host: { ...quiet, ...of } }))])
  expect(on({}).noise).toMatchObject({ stealShare: 0, clockMHz: { least: 3000, most: 3000 }, signs: [] })
  const signs = on({ stealShare: 0.1, load: 7, clockMHz: 2000, throttledShare: 0.2 }).noise.signs?.join('\n')
  expect(signs).toMatch(/other guests of the host took 5\.0 %/)
  expect(signs).toMatch(/load average reached 7\.0/)
  expect(signs).toMatch(/clock went from 2000 to 3000 MHz/)
  expect(signs).toMatch(/quota kept the process from running for 10\.0 %/)
})

test('images a second of several processes count only while all of them work', () => {
  const at = (...doneAt: number[]) => ({ ...drawRun(seededRandom(1), 5, hosted), doneAt })
  // Both work from 100 to 300 ms: three images of one, two of the other.
  expect(throughputOf([at(0, 50, 100, 200, 250, 300), at(100, 200, 300, 400)])).toBe(25)
  expect(throughputOf([at(0, 10), at(20, 30)])).toBeNull()
})

test('an arm tells its parts, its way from file to boxes, and what one process says of its quantiles', () => {
  const [a, b] = drawArms(seededRandom(6), 1, 10, hosted)
  const rich = a.map((run) => ({ ...run, decodeMs: run.inferenceMs.map(() => 3), loadMs: 200, artifactBytes: 77 }))
  const [arm] = compared([rich, b]).arms
  expect(arm).toMatchObject({ loadMs: 200, artifactBytes: 77, partsMs: { decode: 3, preprocess: 0 } })
  expect(arm?.endToEndMs).toBeCloseTo((arm?.p50Ms ?? 0) + 3, 1)
  expect(arm?.withinRun?.p50.low).toBeLessThan(arm?.withinRun?.p50.high ?? 0)
  // Forty images bound no 95th percentile from above.
  expect(arm?.withinRun?.p95.high).toBeNull()
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
  const wild = () => Array.from({ length: 10 }, () => drawRun(random, 5 * random.uniform(0.7, 1.4), hosted))
  const body = compareLatency('simulated', protocol, { name: 'a', runs: wild() }, { name: 'b', runs: wild() }, 1)
  expect(body.noise.noisy).toBe(true)
  expect(body.noise.betweenRunsCv).toBeGreaterThan(0.1)
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
