import { expect, test } from 'vitest'
import { findSuspicious } from '../../../src/core/compare/suspicious.ts'
import { issueThresholds, labelQuality, softMinimum } from '../../../src/core/compare/suspicious-scores.ts'

const box = (x1: number, y1: number, x2: number, y2: number, classId: number, score = 1) => ({
  x1,
  y1,
  x2,
  y2,
  classId,
  score,
})
const labels = [box(0, 0, 10, 10, 0)]
// Reference numbers: cleanlab's object_detection module, run on these four images.
const images = [
  { labels, predictions: [box(0, 0, 10, 10, 0, 0.99)] },
  { labels, predictions: [box(0, 0, 10, 10, 0, 0.99), box(30, 40, 40, 50, 0, 0.97)] },
  { labels, predictions: [box(0, 0, 10, 10, 1, 0.98)] },
  { labels, predictions: [box(5, 0, 15, 10, 0, 0.9)] },
]

test('label quality equals the reference', () => {
  const [clean, extra, swap, moved] = labelQuality(images)
  expect(clean?.image).toBeCloseTo(1, 12)
  expect(extra?.overlooked[0]).toBeNaN()
  expect(extra?.overlooked[1]).toBeCloseTo(0.0006737947, 9)
  expect(extra?.image).toBeCloseTo(0.08766829, 8)
  expect(swap?.swapped).toEqual([expect.closeTo(0.0006737947, 9)])
  expect(swap?.image).toBeCloseTo(0.08766829, 8)
  expect(moved?.badlyLocated).toEqual([expect.closeTo(0.36065307, 8)])
  expect(moved?.image).toBeCloseTo(0.71180857, 8)
})

test('thresholds by class are 0.8 of a quarter of the reference AP, 0 for a class that is never labelled', () => {
  expect(issueThresholds(images, 2)).toEqual([expect.closeTo(0.8 * 0.125, 12), 0])
})

test('issues are those of the reference: an overlooked box and a swapped one', () => {
  const quality = labelQuality(images)
  const limit = issueThresholds(images, 2)[0] as number
  const flagged = quality.map(({ overlooked, badlyLocated, swapped }) =>
    [...overlooked, ...badlyLocated, ...swapped].some((score) => score <= limit),
  )
  expect(flagged).toEqual([false, true, true, false])
})

test('the soft minimum is that of the reference, 1 of nothing', () => {
  expect(softMinimum([0.2, 0.9])).toBeCloseTo(0.20063774, 8)
  expect(softMinimum([Number.NaN])).toBe(1)
})

test('two labels of different classes on one place are a swap even when nothing is predicted', () => {
  const [quality] = labelQuality([{ labels: [box(0, 0, 10, 10, 0), box(0, 0, 10, 10, 1)], predictions: [] }])
  expect(quality?.swapped.every((score) => score === 1)).toBe(true)
  const [seen] = labelQuality([
    { labels: [box(0, 0, 10, 10, 0), box(0, 0, 10, 10, 1)], predictions: [box(100, 0, 110, 10, 0, 0.9)] },
  ])
  expect(seen?.swapped.every((score) => score < 0.01)).toBe(true)
})

const named = (name: string, predictions: ReturnType<typeof box>[]) => ({
  name,
  width: 100,
  height: 100,
  labels: [box(10, 10, 50, 50, 0)],
  predictions,
})

test.each([
  ['a confident other class on the box is a swap', [box(11, 10, 50, 50, 1, 0.6)], 'swapped'],
  ['the same class beside the box is a bad place', [box(25, 10, 65, 50, 0, 0.6)], 'badly-located'],
  ['the same class on the box is no issue', [box(11, 10, 50, 50, 0, 0.6)], undefined],
  [
    'another class too, where the right one is found, is no issue',
    [box(10, 10, 50, 50, 0, 0.5), box(10, 10, 50, 50, 1, 0.9)],
    undefined,
  ],
  ['a prediction at 0.25 says nothing', [box(10, 10, 50, 50, 1, 0.25)], undefined],
])('%s', (_, predictions, issue) => {
  const { items, flagged } = findSuspicious([named('a', predictions)], ['person', 'helmet'])
  expect(flagged).toBe(issue ? 1 : 0)
  expect(items[0]?.issue).toBe(issue)
})

test('a box of another class that has a label of its own contradicts nobody', () => {
  const nested = {
    ...named('a', [box(10, 10, 50, 45, 1, 0.9)]),
    labels: [box(10, 10, 50, 50, 0), box(10, 10, 50, 44, 1)],
  }
  expect(findSuspicious([nested], ['person', 'vest']).items.filter((item) => item.issue === 'swapped')).toEqual([])
})
