import { describe, expect, test } from 'vitest'
import { imbalanceRatio, normalisedEntropy } from '../../../src/core/check/balance.ts'
import {
  balanceNote,
  effectiveClasses,
  effectiveNumberWeights,
  giniSimpson,
} from '../../../src/core/check/imbalance.ts'
import { splitNote } from '../../../src/core/check/split-note.ts'
import { chiSquareStatistic } from '../../../src/core/stats/chi-square.ts'
import { jensenShannonBits } from '../../../src/core/stats/divergence.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { splitMeasures } from '../../../src/core/stats/split-measures.ts'
import { datasetOf, validDraft } from './valid-dataset.ts'

describe('balance of 900, 90 and 10 boxes', () => {
  const counts = [900, 90, 10]
  test('entropy, effective classes, ratio and Gini–Simpson are the published values', () => {
    expect(normalisedEntropy(counts)).toBeCloseTo(0.325494, 6)
    expect(effectiveClasses(counts)).toBeCloseTo(1.429881, 6)
    expect(imbalanceRatio(counts)).toBe(90)
    expect(giniSimpson(counts)).toBeCloseTo(0.1818, 10)
  })
  test.each([
    [0.99, [0.2284, 0.3836, 2.388]],
    [0.999, [0.0444, 0.3063, 2.6493]],
  ])('weights by effective number at %d', (beta, weights) => {
    for (const [i, weight] of effectiveNumberWeights(counts, beta).entries()) {
      expect(weight).toBeCloseTo(weights[i] as number, 4)
    }
  })
})

test('a class without boxes has no weight, and nothing at all has no balance', () => {
  expect(effectiveNumberWeights([5, 0, 5], 0.99)).toEqual([1, 0, 1])
  expect([effectiveClasses([0]), giniSimpson([0, 0]), effectiveClasses([7])]).toEqual([0, 0, 1])
})

// The examples of scipy's own manual, and their published statistics.
test.each([
  [
    [
      [10, 10, 20],
      [20, 20, 20],
    ],
    2.777777777777778,
  ],
  [
    [
      [10, 20, 30],
      [6, 9, 17],
    ],
    0.27157465150403504,
  ],
])('chi-square of %j is %d', (table, statistic) => {
  expect(chiSquareStatistic(table)).toBeCloseTo(statistic, 12)
  expect(chiSquareStatistic([...table, [0, 0, 0]])).toBeCloseTo(statistic, 12)
})

test('the divergence of (.5, .3, .2) and (.4, .4, .2) is .0091859 bits', () => {
  expect(jensenShannonBits([0.5, 0.3, 0.2], [0.4, 0.4, 0.2])).toBeCloseTo(0.0091859, 7)
})

describe('how evenly two splits share two labels', () => {
  const rows = [0b10, 0b10, 0b01, 0b01, 0b11, 0b00, 0b10, 0b01]
  const measure = (first: number[]) => {
    const halves = [first, [...rows.keys()].filter((i) => !first.includes(i))]
    const withLabel = [0b10, 0b01].map((label) =>
      halves.map((half) => half.filter((i) => (rows[i] as number) & label).length),
    )
    return splitMeasures(withLabel, [4, 4], [0.5, 0.5])
  }
  test('an even split measures 0', () => {
    expect(measure([0, 2, 4, 5])).toEqual({ labelDistribution: 0, capped: 0, exampleDistribution: 0 })
  })
  test('a split in which every image has a label is capped, and that is told', () => {
    const { labelDistribution, capped } = measure([0, 1, 4, 6])
    expect(capped).toBe(1)
    expect(labelDistribution).toBeGreaterThan(1)
    expect(Number.isFinite(labelDistribution)).toBe(true)
  })
  test('a label that every image has is shared evenly', () => {
    expect(splitMeasures([[6, 2]], [6, 2], [0.75, 0.25]).labelDistribution).toBe(0)
  })
  test('sizes are compared with the wanted shares', () => {
    expect(splitMeasures([], [6, 2], [0.5, 0.5]).exampleDistribution).toBe(2)
  })
})

test('notes for a report say the numbers', () => {
  const dataset = datasetOf(validDraft(seededRandom('notes')))
  expect(balanceNote(dataset)).toMatch(
    /^Balance of training boxes: entropy 1\.00 of 1, 3\.0 effective classes of 3, .*β/,
  )
  expect(splitNote(dataset, { val: 0.5 })).toMatch(
    /^Splits \(train 40, val 40 images\): label distribution .* 0\.0 images/,
  )
  const empty = { ...dataset, classes: [], images: [], boxes: { ...dataset.boxes, count: 0 } }
  expect([balanceNote(empty), splitNote(empty, null)]).toEqual([null, null])
})
