import { expect, test } from 'vitest'
import { powerCurve } from '../../../src/core/compare/power.ts'
import { decideDifference } from '../../../src/core/judge/decide.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const [z95, z99] = [1.6448536269514722, 2.3263478740408408]
const boundsAt = (value: number, se: number) => ({ lower95: value - z95 * se, upper99: value + z99 * se })
const comparison = (se: number, units: number) => ({
  units,
  overall: { className: 'all', baseline: 0.6, candidate: 0.6, difference: { value: 0 }, bounds: boundsAt(0, se) },
})

test('the curve is what the gate does to 20,000 drawn differences', () => {
  const random = seededRandom('power')
  const se = 0.011
  const curve = powerCurve(comparison(se, 400))
  expect(curve?.standardError).toBeCloseTo(se, 12)
  const share = (truth: number, margin: number, verdict: string) => {
    let count = 0
    for (let i = 0; i < 20_000; i++) {
      const value = random.normal(truth, se)
      const question = { measure: 'map', unit: 'AP', limit: -margin, direction: 'at least' as const }
      if (decideDifference(value, boundsAt(value, se), question).verdict === verdict) count++
    }
    return count / 20_000
  }
  for (const row of curve?.rows ?? []) {
    expect(Math.abs(row.equalPass - share(0, row.margin, 'pass'))).toBeLessThan(0.015)
    expect(Math.abs(row.twiceWorseFails - share(-2 * row.margin, row.margin, 'fail'))).toBeLessThan(0.015)
    expect(share(0, row.margin, 'fail')).toBeLessThanOrEqual(0.0125)
  }
})

test('four times the scenes resolve half the margin', () => {
  expect(powerCurve(comparison(0.02, 100))?.resolved).toBeCloseTo(0.0497, 4)
  const [row] = powerCurve(comparison(0.02, 100))?.rows.filter(({ margin }) => margin === 0.02) ?? []
  expect(row?.unitsFor80).toBe(619)
  expect(powerCurve(comparison(0.01, 400))?.resolved).toBeCloseTo(0.0249, 4)
})

test('a comparison without bounds has no curve', () => {
  expect(
    powerCurve({ units: 1, overall: { className: 'all', baseline: 0, candidate: 0, difference: { value: 0 } } }),
  ).toBeNull()
})
