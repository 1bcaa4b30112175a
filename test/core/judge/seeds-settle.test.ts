import { expect, test } from 'vitest'
import type { ComparisonBody } from '../../../src/core/documents/evaluation.ts'
import { overallLine } from '../../../src/core/judge/comparison-lines.ts'

const difference = { value: -0.005, low: -0.03, high: 0.02, level: 0.95, n: 50 }
const open: ComparisonBody = {
  ...{ baseline: 'champion', candidate: 'candidate', metric: 'map', unit: 'scene', units: 50, images: 100 },
  ...{ resamples: 100, seed: 0, seeds: { baseline: 3, candidate: 3 }, perClass: [], notes: [] },
  overall: {
    ...{ className: 'all', baseline: 0.5, candidate: 0.495, difference },
    bounds: { lower95: -0.026, upper99: 0.024 },
  },
  flips: { fixed: [], broken: [] },
}
const settle = (variance: ComparisonBody['variance']) =>
  overallLine({ ...open, ...(variance ? { variance } : {}) }, -0.02, {} as Parameters<typeof overallLine>[2]).settle

test('where seeds are the larger source of error an open line asks for seeds, and says how many', () => {
  expect(settle({ units: 1e-5, seeds: 3e-5 })).toContain(
    '75 % of the variance comes from training seeds: more seeds help most (with 9 an arm the two are even)',
  )
})

test('where images are, it asks for them', () => {
  expect(settle({ units: 3e-5, seeds: 1e-5 })).toContain('25 % of the variance comes from training seeds: more scenes')
})

test('with one seed it speaks of images alone', () => {
  expect(settle(undefined)).not.toContain('seed')
})
