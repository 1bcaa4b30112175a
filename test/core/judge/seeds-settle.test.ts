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
    '75 % of the variance comes from training seeds: more seeds help most (about 9 seeds an arm would settle it, if the value stays)',
  )
})

test('that many seeds do settle it, one fewer does not', () => {
  // The bound is 3.32 standard errors away, as it was with three seeds.
  const lower = (seeds: number) => -0.005 - (0.021 / Math.sqrt(4e-5)) * Math.sqrt(1e-5 + (3e-5 * 3) / seeds)
  expect([lower(3), lower(8), lower(9)].map((low) => low > -0.02)).toEqual([false, false, true])
})

test('where images are, it asks for them', () => {
  expect(settle({ units: 3e-5, seeds: 1e-5 })).toContain(
    '25 % of the variance comes from training seeds: more scenes help most (no number of seeds settles it without more scenes)',
  )
})

test('with one seed it speaks of images alone', () => {
  expect(settle(undefined)).not.toContain('seed')
})
