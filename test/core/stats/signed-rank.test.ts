import { expect, test } from 'vitest'
import { quantile } from '../../../src/core/stats/quantiles.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { hodgesLehmann, lowerCentre, resampledCentres, walshAverages } from '../../../src/core/stats/signed-rank.ts'

test('the centre is the median of pairwise means', () => {
  expect(Array.from(walshAverages([1, 2, 10]))).toEqual([1, 1.5, 2, 5.5, 6, 10])
  expect(hodgesLehmann([1, 2, 10])).toBe((2 + 5.5) / 2)
  expect(hodgesLehmann([3])).toBe(3)
})

test('the bound lies where tables of the signed rank statistic put it', () => {
  // Published one-sided critical values: n 8 at 0.01: 1, n 10 at 0.005: 3, at 0.025: 8, n 20 at 0.01: 43, n 30 at 0.025: 137.
  for (const [n, alpha, critical] of [
    [8, 0.01, 1],
    [10, 0.005, 3],
    [10, 0.025, 8],
    [20, 0.01, 43],
    [30, 0.025, 137],
  ] as const) {
    const values = Array.from({ length: n }, (_, i) => 2 ** (i / 4) + i)
    expect([n, lowerCentre(values, alpha)]).toEqual([n, walshAverages(values)[critical]])
  }
  expect(lowerCentre([1, 2, 3, 4, 5, 6, 7], 0.005)).toBeNull()
  expect(lowerCentre([1, 2, 3, 4, 5, 6, 7, 8], 0.005)).toBe(1)
})

test('the bound is above the centre of symmetric noise no more often than it says, however heavy its tails', () => {
  const random = seededRandom('heavy tails')
  const above = Array.from({ length: 4000 }, () => {
    const values = Array.from({ length: 12 }, () => Math.tan(Math.PI * (random.next() - 0.5)))
    return (lowerCentre(values, 0.05) ?? 0) > 0
  }).filter(Boolean).length
  expect(above).toBeLessThanOrEqual(240)
  expect(above).toBeGreaterThan(120)
})

test('centres of resamples are those of resamples written out', () => {
  const values = [3, -1, 4, 1.5, 9, 2.5]
  const random = seededRandom('written out')
  const expected = Array.from({ length: 200 }, () => {
    const drawn = values.map(() => values[random.int(values.length)] as number)
    return quantile(walshAverages(drawn), 0.5)
  })
  const centres = resampledCentres(values, 200, 'written out')
  expected.forEach((value, i) => {
    expect(centres[i]).toBeCloseTo(value, 12)
  })
})
