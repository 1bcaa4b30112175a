import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { pythonTool } from '../../../src/adapters/tools.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { logWealthAbove, logWealthBelow, sequentialBounds, type Tallied } from '../../../src/core/stats/sequential.ts'

/** A sequence as counts by value. */
function tally(sequence: number[]): Tallied {
  const counts = new Map<number, number>()
  for (const value of sequence) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => ({ value, count }))
}

test('wealth and bounds equal those of a gambler who plays the sequence one by one (NumPy)', async () => {
  const random = seededRandom(11)
  const cases = [0, 3, 40, 200].flatMap((n) =>
    [0.02, 0.3, 0.9].map((mean) => ({
      sequence: Array.from({ length: n }, () => (random.next() < mean ? random.pick([1, 0.5]) : 0)),
      limit: random.uniform(0.05, 0.95),
      alpha: random.pick([0.05, 0.01]),
    })),
  )
  const oracle = fileURLToPath(new URL('./sequential-oracle.py', import.meta.url))
  const { stdout } = await execa(pythonTool('python'), [oracle], { input: JSON.stringify(cases) })
  const answers = JSON.parse(stdout) as { above: number; below: number; low: number; high: number }[]
  for (const [i, { sequence, limit, alpha }] of cases.entries()) {
    const answer = answers[i]!
    expect(logWealthAbove(tally(sequence), limit)).toBeCloseTo(answer.above, 9)
    expect(logWealthBelow(tally(sequence), limit)).toBeCloseTo(answer.below, 9)
    const { low, high } = sequentialBounds(tally(sequence), { low: alpha, high: alpha })
    expect(Math.abs(low - Math.max(0, answer.low))).toBeLessThan(0.001)
    expect(Math.abs(high - answer.high)).toBeLessThan(0.001)
  }
})

test('one stake on coin throws is the likelihood ratio: n heads at limit 1/2 and stake 1/2 multiply by 3/2 each', () => {
  // With a single outcome the mixture lies between its least and its greatest stake, and tends to the greatest.
  const heads = logWealthAbove([{ value: 1, count: 400 }], 0.5)
  const greatest = 1 / (1 + Math.exp(-4.5))
  expect(heads).toBeLessThan(400 * Math.log1p(greatest))
  expect(heads).toBeGreaterThan(400 * Math.log1p(greatest) - Math.log(33) - 1e-9)
})

test('the expected wealth of a fair bet is one: summed over every sequence of ten throws', () => {
  for (const p of [0.1, 0.35, 0.5, 0.8]) {
    let sum = 0
    for (let heads = 0, ways = 1; heads <= 10; ways = (ways * (10 - heads)) / (heads + 1), heads++) {
      const probability = ways * p ** heads * (1 - p) ** (10 - heads)
      sum +=
        probability *
        Math.exp(
          logWealthAbove(
            [
              { value: 1, count: heads },
              { value: 0, count: 10 - heads },
            ],
            p,
          ),
        )
    }
    expect(sum).toBeCloseTo(1, 10)
  }
})

/** Share of runs in which the lower bound ever passes `limit`, looking after every observation. */
function everAbove(draw: () => number, limit: number, runs: number, length: number, alpha: number) {
  let alarms = 0
  const stops: number[] = []
  for (let run = 0; run < runs; run++) {
    const counts = new Map<number, number>()
    for (let i = 1; i <= length; i++) {
      const value = draw()
      counts.set(value, (counts.get(value) ?? 0) + 1)
      if (
        logWealthAbove(
          [...counts].map(([value, count]) => ({ value, count })),
          limit,
        ) < Math.log(1 / alpha)
      )
        continue
      alarms++
      stops.push(i)
      break
    }
  }
  stops.sort((a, b) => a - b)
  return { share: alarms / runs, medianStop: stops[Math.floor(stops.length / 2)] ?? null }
}

test('raises a false alarm in at most alpha of 1,500 runs that are looked at after every observation', () => {
  const random = seededRandom('a/a')
  const alpha = 0.05
  const shares = [0, 0.5, 1]
  const cases: [limit: number, draw: () => number][] = [
    [0.05, () => (random.next() < 0.05 ? 1 : 0)],
    [0.5, () => random.pick(shares)],
    [0.2, () => (random.next() < 0.4 ? 0.5 : 0)],
  ]
  for (const [limit, draw] of cases) {
    const { share } = everAbove(draw, limit, 500, 400, alpha)
    expect(share).toBeLessThanOrEqual(alpha)
  }
})

test('a z-test on the same coin, looked at as often, cries wolf in far more than alpha of the runs', () => {
  const random = seededRandom('z')
  let alarms = 0
  for (let run = 0; run < 500; run++) {
    let sum = 0
    for (let n = 1; n <= 400; n++) {
      sum += random.next() < 0.5 ? 1 : 0
      if (n < 10 || (sum / n - 0.5) / Math.sqrt(0.25 / n) < 1.645) continue
      alarms++
      break
    }
  }
  expect(alarms / 500).toBeGreaterThan(0.2)
})

test('finds a planted difference: 15 % where 5 % is the limit, and twice the share of lost boxes', () => {
  const random = seededRandom('power')
  const rare = everAbove(() => (random.next() < 0.15 ? 1 : 0), 0.05, 200, 400, 0.05)
  expect(rare.share).toBeGreaterThan(0.95)
  const gross = everAbove(() => (random.next() < 0.8 ? 0.5 : 0), 0.2, 200, 400, 0.05)
  expect(gross.share).toBe(1)
  expect(gross.medianStop).toBeLessThan(100)
})

test('both bounds hold the true mean at every look in at least 1 - 2 alpha of the runs', () => {
  const random = seededRandom('cover')
  let left = 0
  for (let run = 0; run < 200; run++) {
    let ones = 0
    for (let n = 1; n <= 200; n++) {
      if (random.next() < 0.3) ones++
      if (n % 20 > 0) continue
      const { low, high } = sequentialBounds(
        [
          { value: 1, count: ones },
          { value: 0, count: n - ones },
        ],
        { low: 0.05, high: 0.05 },
      )
      if (low <= 0.3 && high >= 0.3) continue
      left++
      break
    }
  }
  expect(left / 200).toBeLessThanOrEqual(0.1)
})

test('knows nothing without data, and refuses what is no share', () => {
  expect(sequentialBounds([], { low: 0.05, high: 0.05 })).toEqual({ n: 0, mean: 0, low: 0, high: 1 })
  expect(() => sequentialBounds([{ value: 1.5, count: 1 }], { low: 0.05, high: 0.05 })).toThrow(RangeError)
  expect(() => logWealthAbove([], 0)).toThrow(RangeError)
})
