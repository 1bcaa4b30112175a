import { expect, test } from 'vitest'
import { quantileInterval, quantileRanks } from '../../../src/core/stats/order-interval.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

test.each([
  [100, 0.5, 40, 61],
  [200, 0.95, 184, 197],
  [1000, 0.95, 936, 964],
  [1000, 0.99, 983, 997],
  [2000, 0.99, 1971, 1989],
])('of %i values the quantile %d lies between ranks %i and %i', (n, q, low, high) => {
  expect(quantileRanks(n, q)).toEqual({ low, high })
})

test('an end outside the sample is none', () => {
  expect(quantileRanks(71, 0.95).high).toBeNull()
  expect(quantileRanks(72, 0.95).high).toBe(72)
  expect(quantileRanks(367, 0.99).high).toBeNull()
  expect(quantileInterval([7], 0.5)).toEqual({ value: 7, low: null, high: null })
})

test('the interval holds the true quantile in 95 % of samples', () => {
  const random = seededRandom('order')
  const held = Array.from({ length: 2000 }, () => {
    const { low, high } = quantileInterval(Float64Array.from({ length: 200 }, random.next), 0.95)
    return (low ?? 0) <= 0.95 && 0.95 <= (high ?? 1)
  }).filter(Boolean).length
  expect(held).toBeGreaterThanOrEqual(1880)
  expect(held).toBeLessThan(1990)
})
