import { expect, test } from 'vitest'
import { drawCounts, percentileInterval, smallSampleFactor } from '../../../src/core/stats/bootstrap.ts'
import { quantile } from '../../../src/core/stats/quantiles.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

test('draws are multinomial: as many as there are places, mean one, variance 1 − 1/n', () => {
  const random = seededRandom('draws')
  const counts = new Uint32Array(20)
  let squares = 0
  let most = 0
  const draws = 4000
  for (let i = 0; i < draws; i++) {
    drawCounts(random, counts)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20)
    squares += counts.reduce((sum, count) => sum + (count - 1) ** 2, 0) / 20
    most = Math.max(most, ...counts)
  }
  expect(squares / draws).toBeGreaterThan(0.93)
  expect(squares / draws).toBeLessThan(0.97)
  expect(most).toBeGreaterThan(4)
})

// 999 resampled values 0.001 … 0.999: the k-th is the quantile k / 1000.
const evenly = Float64Array.from({ length: 999 }, (_, i) => (i + 1) / 1000)

test('with many units an interval is the percentile interval of B + 1 spaces', () => {
  const interval = percentileInterval(0.5, evenly, 0.95, 100_000)
  expect(interval?.low).toBeCloseTo(0.025, 4)
  expect(interval?.high).toBeCloseTo(0.975, 4)
})

test('with few its reach grows by √(n/(n−1))·t/z', () => {
  expect(smallSampleFactor(6, 0.95)).toBeCloseTo((Math.sqrt(6 / 5) * 2.570581835636314) / 1.959963984540054, 8)
  const interval = percentileInterval(0.5, evenly, 0.95, 6)
  expect(interval?.low).toBeCloseTo(0.5 - 0.475 * smallSampleFactor(6, 0.95), 12)
  expect(interval?.high).toBeCloseTo(0.5 + 0.475 * smallSampleFactor(6, 0.95), 12)
})

test('resampled values that lie on one side of the estimate still leave it inside', () => {
  const interval = percentileInterval(2, evenly, 0.95, 40)
  expect(interval?.high).toBe(2)
})

test('one unit or one resample gives no interval', () => {
  expect(percentileInterval(0.5, [0.4, 0.6], 0.95, 1)).toBeNull()
  expect(percentileInterval(0.5, [0.4], 0.95, 40)).toBeNull()
})

test('with six units the corrected interval covers a mean about as often as it says, the plain one far less', () => {
  const random = seededRandom('coverage')
  const experiments = 400
  const counts = new Uint32Array(6)
  let corrected = 0
  let plain = 0
  for (let i = 0; i < experiments; i++) {
    const values = Array.from({ length: 6 }, () => random.normal())
    const mean = values.reduce((sum, value) => sum + value, 0) / 6
    const resampled = Float64Array.from({ length: 400 }, () => {
      drawCounts(random, counts)
      return values.reduce((sum, value, k) => sum + value * counts[k]!, 0) / 6
    })
    const interval = percentileInterval(mean, resampled, 0.95, 6)
    if (interval && interval.low <= 0 && interval.high >= 0) corrected++
    if (quantile(resampled, 0.025) <= 0 && quantile(resampled, 0.975) >= 0) plain++
  }
  expect(corrected / experiments).toBeGreaterThan(0.915)
  expect(corrected / experiments).toBeLessThan(0.985)
  expect(plain / experiments).toBeLessThan(0.89)
})
