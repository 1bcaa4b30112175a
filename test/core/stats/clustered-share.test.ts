import { expect, test } from 'vitest'
import { percentileBounds } from '../../../src/core/stats/bootstrap.ts'
import { clusteredShareBounds } from '../../../src/core/stats/clustered-share.ts'
import { betaCdf, betaQuantile, normalQuantile, studentQuantile } from '../../../src/core/stats/distributions.ts'

// Reference values: scipy 1.17.1, stats.beta.ppf.
test.each([
  [0.05, 18, 3, 0.7173814751141391],
  [0.05, 20, 1, 0.8608916593317348],
  [0.99, 3, 18, 0.3583352626408869],
  [0.05, 0.7, 12.3, 0.0010004406086854278],
  [0.99, 950.5, 51.2, 0.9637295643795507],
  [0.05, 9000, 1001, 0.8949288834127698],
])('the quantile at %f of the beta distribution %f, %f is %f', (p, a, b, x) => {
  expect(betaQuantile(p, a, b)).toBeCloseTo(x, 10)
  expect(betaCdf(x, a, b)).toBeCloseTo(p, 9)
})

/** Resamples that spread as far as `n` independent things would, in so many groups that Student's t is normal. */
function asIndependent(part: number, n: number) {
  const value = part / n
  const far = Math.sqrt((value * (1 - value)) / n / 2)
  return { value, of: n, units: 1e7, resampled: [value - far, value + far] }
}

// scipy 1.17.1, stats.binomtest(k, n).proportion_ci(method='exact'): the lower end at 90 %, the upper one at 98 %.
test.each([
  [57, 60, 0.875812789522249, 0.9926358680459347],
  [180, 200, 0.8580107484091117, 0.9434473836161774],
])('%i of %i that spread as if independent have the exact binomial bounds', (k, n, low, high) => {
  const bounds = clusteredShareBounds(asIndependent(k, n))
  expect(bounds?.lower95).toBeCloseTo(low, 5)
  expect(bounds?.upper99).toBeCloseTo(high, 5)
})

test('nothing missed is no certainty: groups count as so many things, where percentiles would say one', () => {
  const whole = { value: 1, of: 100, units: 20, resampled: Array<number>(200).fill(1) }
  expect(percentileBounds(1, whole.resampled, 20)).toEqual({ lower95: 1, upper99: 1 })
  const worth = 20 * (normalQuantile(0.95) / studentQuantile(0.95, 19)) ** 2
  expect(clusteredShareBounds(whole)?.lower95).toBeCloseTo(0.05 ** (1 / worth), 9)
  expect(clusteredShareBounds(whole)?.upper99).toBe(1)
  const none = clusteredShareBounds({ ...whole, value: 0, resampled: whole.resampled.map(() => 0) })
  expect(none?.lower95).toBe(0)
  expect(none?.upper99).toBeGreaterThan(0.2)
})

test('things that vary less than by chance are not more than there are, and those that vary more are fewer', () => {
  const share = (far: number) => ({ value: 0.8, of: 50, units: 25, resampled: [0.8 - far, 0.8 + far] })
  const low = (far: number) => clusteredShareBounds(share(far))?.lower95 ?? Number.NaN
  expect(low(0.001)).toBe(low(0.002))
  expect(low(0.1)).toBeLessThan(low(0.05))
  expect(low(0.05)).toBeLessThan(low(0.001))
})

test('one group says nothing of its error', () => {
  expect(clusteredShareBounds({ value: 0.5, of: 10, units: 1, resampled: [0.5, 0.5] })).toBeNull()
  expect(clusteredShareBounds(null)).toBeNull()
})
