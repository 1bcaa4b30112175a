import { expect, test } from 'vitest'
import {
  betaCdf,
  logGamma,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from '../../../src/core/stats/distributions.ts'
import { nearestRank, quantile } from '../../../src/core/stats/quantiles.ts'

// Reference values computed with scipy 1.17.
test.each([
  [-1.96, 0.024997895148220435],
  [2.5, 0.9937903346742238],
  [0, 0.5],
  [-8, 6.220960574271784e-16],
])('the normal distribution function at %f is %f', (x, p) => {
  expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(1e-12)
})

test.each([
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.025, -1.959963984540054],
])('the normal quantile at %f is %f', (p, x) => {
  expect(normalQuantile(p)).toBeCloseTo(x, 10)
})

test.each([
  [1, 12.706204736432095],
  [2, 4.302652729911275],
  [4, 2.7764451051977987],
  [9, 2.2621571627409915],
  [30, 2.0422724563012373],
])("Student's t with %i degrees of freedom has its upper quantile for 95 percent at %f", (freedom, t) => {
  expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 8)
  expect(studentCdf(t, freedom)).toBeCloseTo(0.975, 10)
  expect(studentCdf(-t, freedom)).toBeCloseTo(0.025, 10)
})

test('the incomplete beta function has its reference value, and is symmetric', () => {
  expect(betaCdf(0.3, 2, 5)).toBeCloseTo(0.579825, 12)
  expect(betaCdf(0.7, 5, 2)).toBeCloseTo(1 - 0.579825, 12)
  expect(betaCdf(0.11283491, 6, 95)).toBeCloseTo(0.975, 6)
  expect([betaCdf(-1, 2, 2), betaCdf(2, 2, 2)]).toEqual([0, 1])
})

test('the gamma function is the factorial, and √π at one half', () => {
  expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 10)
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12)
})

test('quantiles are linear between order statistics, and nearest rank names a value that occurred', () => {
  const values = [100, 20, 30, 40, 50, 60, 70, 80, 90, 10]
  expect(quantile(values, 0.95)).toBeCloseTo(95.5, 12)
  expect(quantile(values, 0.99)).toBeCloseTo(99.1, 12)
  expect([quantile(values, 0), quantile(values, 1)]).toEqual([10, 100])
  expect([nearestRank(values, 0.95), nearestRank(values, 0.5), nearestRank(values, 0)]).toEqual([100, 50, 10])
  expect(quantile([], 0.5)).toBeNaN()
})
