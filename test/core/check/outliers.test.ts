import { expect, test } from 'vitest'
import { logOutliers } from '../../../src/core/check/outliers.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { kthSmallest, middlePair } from '../../../src/core/stats/select.ts'

const exponentials = (values: number[]) => Float64Array.from(values, Math.exp)

test('the score of logarithms 1, 2, 3, 4, 100 is that of Iglewicz and Hoaglin: 65.4265 for the last', () => {
  const [outlier, ...more] = logOutliers(exponentials([1, 2, 3, 4, 100]), 3.5, 1.5)
  expect(more).toEqual([])
  expect(outlier?.at).toBe(4)
  expect(outlier?.z).toBeCloseTo(65.4265, 6)
  expect(outlier?.times).toBeCloseTo(Math.exp(97), -30)
})

test('scores of random values are those of the definition, taken from logarithms', () => {
  const random = seededRandom('outliers')
  for (let round = 0; round < 50; round++) {
    const logs = Array.from(
      { length: 20 + random.int(60) },
      () => random.normal(0, 0.4) * (random.next() < 0.1 ? 9 : 1),
    )
    const median = (list: number[]) => {
      const sorted = [...list].sort((a, b) => a - b)
      return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
    }
    const middle = median(logs)
    const mad = median(logs.map((x) => Math.abs(x - middle)))
    const expected = logs
      .map((x, at) => ({ at, z: (0.6745 * (x - middle)) / mad }))
      .filter(({ z }) => Math.abs(z) > 3.5)
    const found = logOutliers(exponentials(logs), 3.5, 1)
    expect(found.map(({ at }) => at)).toEqual(expected.map(({ at }) => at))
    for (const [i, { z }] of found.entries()) expect(z).toBeCloseTo(expected[i]?.z as number, 9)
  }
})

test('where most values are equal the mean deviation takes the place of their spread', () => {
  const logs = [...Array.from({ length: 29 }, () => 0), 3]
  const [found] = logOutliers(exponentials(logs), 3.5, 1.5)
  expect(found?.z).toBeCloseTo(3 / (1.2533 * 0.1), 9)
  expect(logOutliers(exponentials(logs.map(() => 1)), 3.5, 1.5)).toEqual([])
})

test('selecting gives what sorting gives, ties and all', () => {
  const random = seededRandom('select')
  for (let round = 0; round < 200; round++) {
    const values = Float64Array.from({ length: 1 + random.int(80) }, () => random.int(round % 2 === 0 ? 5 : 1e6))
    const sorted = values.toSorted()
    const k = random.int(values.length)
    expect(kthSmallest(values.slice(), k)).toBe(sorted[k])
    const middle = [sorted[(values.length - 1) >> 1], sorted[values.length >> 1]]
    expect(middlePair(values.slice())).toEqual(middle)
  }
})
