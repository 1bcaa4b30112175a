import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bcaInterval, bcaShares } from '../../../src/core/stats/bca.ts'
import { percentileInterval, smallSampleFactor } from '../../../src/core/stats/bootstrap.ts'
import { quantile } from '../../../src/core/stats/quantiles.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

type Case = { name: string; level: number; estimate: number; jackknife: number[]; resampled: number[] }
// scipy stats.bootstrap(…, paired=True, method='BCa'): its resamples, and the ends that it gives.
const cases = JSON.parse(readFileSync(new URL('bca-values.json', import.meta.url), 'utf8')) as (Case & {
  low: number
  high: number
})[]

test.each(cases)('the ends are those of scipy: $name', ({ estimate, resampled, jackknife, level, low, high }) => {
  const shares = bcaShares(estimate, resampled, jackknife, level)!
  expect(Math.abs(quantile(resampled, shares.low) - low)).toBeLessThan(1e-9)
  expect(Math.abs(quantile(resampled, shares.high) - high)).toBeLessThan(1e-9)
})

// 999 resampled values 0.001 … 0.999: the k-th is the quantile k / 1000.
const evenly = Float64Array.from({ length: 999 }, (_, i) => (i + 1) / 1000)

test('without bias and skewness it is the percentile interval', () => {
  const bca = bcaInterval(0.5, evenly, [1, 2, 3], 0.95, 40)
  const percentile = percentileInterval(0.5, evenly, 0.95, 40)
  expect(bca?.low).toBeCloseTo(percentile!.low, 9)
  expect(bca?.high).toBeCloseTo(percentile!.high, 9)
})

test('few units widen it as they widen the percentile interval', () => {
  const bca = bcaInterval(0.5, evenly, [1, 1, 1], 0.95, 6)
  expect(bca?.low).toBeCloseTo(0.5 - 0.475 * smallSampleFactor(6, 0.95), 9)
})

test('an estimate beyond all resamples, or one unit, gives none', () => {
  expect(bcaInterval(2, evenly, [1, 2, 3], 0.95, 40)).toBeNull()
  expect(bcaInterval(0, evenly, [1, 2, 3], 0.95, 40)).toBeNull()
  expect(bcaInterval(0.5, evenly, [1, 2, 3], 0.95, 1)).toBeNull()
})

test('of a skewed ratio it misses on both sides about alike, where the percentile interval errs on one', () => {
  const random = seededRandom('bca')
  const missed = { bca: [0, 0], percentile: [0, 0] }
  const [experiments, n] = [400, 40]
  for (let e = 0; e < experiments; e++) {
    const values = Float64Array.from({ length: n }, () => -Math.log(1 - random.next()))
    const spread = (of: Float64Array) => {
      const mean = of.reduce((sum, value) => sum + value, 0) / of.length
      return of.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (of.length - 1)
    }
    const resampled = Float64Array.from({ length: 399 }, () => spread(values.map(() => values[random.int(n)]!)))
    const jackknife = Float64Array.from(values, (_, i) => spread(values.filter((_, other) => other !== i)))
    const ends = {
      bca: bcaInterval(spread(values), resampled, jackknife, 0.9, n)!,
      percentile: percentileInterval(spread(values), resampled, 0.9, n)!,
    }
    for (const method of ['bca', 'percentile'] as const) {
      if (ends[method].high < 1) missed[method][0]!++
      if (ends[method].low > 1) missed[method][1]!++
    }
  }
  expect(missed.bca[0]! + missed.bca[1]!).toBeLessThan(missed.percentile[0]! + missed.percentile[1]!)
  expect(missed.bca[0]!).toBeLessThan(missed.percentile[0]!)
})
