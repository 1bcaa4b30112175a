import { expect, test } from 'vitest'
import { compareFrame } from '../../../src/core/rollout/agreement.ts'
import { countPair, emptyPairs, since, slowerThan } from '../../../src/core/rollout/tally.ts'
import { boxes } from './scripted.ts'

test('a frame agrees with itself: nothing lost, nothing gained, no shift', () => {
  const frame = boxes([
    [0, 0.9, 0, 0, 10],
    [1, 0.6, 20, 20, 10],
    [0, 0.3, 50, 50, 10],
  ])
  expect(compareFrame(frame, frame)).toEqual({
    championConfident: 2,
    lost: 0,
    challengerConfident: 2,
    gained: 0,
    kept: 2,
    confidenceShift: 0,
    overlap: 2,
  })
})

test('another class, a box that slid away and a box below 0.25 are lost; one that slipped to 0.3 is kept', () => {
  const champion = boxes([
    [0, 0.9, 0, 0, 10],
    [0, 0.9, 30, 0, 10],
    [0, 0.9, 60, 0, 10],
    [0, 0.9, 90, 0, 10],
  ])
  const challenger = boxes([
    [1, 0.9, 0, 0, 10],
    [0, 0.9, 36, 0, 10],
    [0, 0.2, 60, 0, 10],
    [0, 0.3, 90, 0, 10],
  ])
  const frame = compareFrame(champion, challenger)
  expect(frame).toMatchObject({ championConfident: 4, lost: 3, kept: 1, challengerConfident: 2, gained: 2 })
  expect(frame.confidenceShift).toBeCloseTo(-0.6, 12)
})

test('overlap of exactly a half matches: 12 × 12 boxes shifted by 4', () => {
  const champion = boxes([[0, 0.9, 0, 0, 12]])
  expect(compareFrame(champion, boxes([[0, 0.9, 4, 0, 12]]))).toMatchObject({ lost: 0, kept: 1 })
  expect(compareFrame(champion, boxes([[0, 0.9, 4.01, 0, 12]]))).toMatchObject({ lost: 1, kept: 0 })
})

test('one box cannot stand for two', () => {
  const two = boxes([
    [0, 0.9, 0, 0, 10],
    [0, 0.8, 1, 0, 10],
  ])
  expect(compareFrame(two, boxes([[0, 0.9, 0, 0, 10]]))).toMatchObject({ championConfident: 2, lost: 1 })
})

test('what only the challenger finds is gain, never loss', () => {
  const found = boxes([
    [0, 0.9, 0, 0, 10],
    [0, 0.9, 30, 0, 10],
  ])
  expect(compareFrame(boxes([]), found)).toMatchObject({ championConfident: 0, lost: 0, gained: 2 })
})

test('pairs are counted by fate, share and ratio of time', () => {
  const pairs = emptyPairs()
  const frame = compareFrame(
    boxes([
      [0, 0.9, 0, 0, 10],
      [0, 0.9, 30, 0, 10],
    ]),
    boxes([[0, 0.9, 0, 0, 10]]),
  )
  countPair(pairs, 5, 5, frame)
  countPair(pairs, 5, 10, frame)
  countPair(pairs, 5, null, null)
  countPair(pairs, null, 5, null)
  countPair(pairs, null, null, null)
  expect(pairs).toMatchObject({ pairs: 5, championFailed: 1, challengerFailed: 1, sameFate: 3, calm: 2, flooded: 0 })
  expect(pairs.lostShare[30]).toBe(2)
  expect(slowerThan(pairs, 1.5)).toEqual({ slower: 1, not: 1 })
  expect(slowerThan(pairs, 2)).toEqual({ slower: 1, not: 1 })
  expect(slowerThan(pairs, 2.1)).toEqual({ slower: 0, not: 2 })
})

test('the difference of counters is null when they went backwards', () => {
  const early = emptyPairs()
  const later = structuredClone(early)
  countPair(later, 5, 5, compareFrame(boxes([[0, 0.9, 0, 0, 10]]), boxes([])))
  expect(since(later, early)).toEqual(later)
  expect(since(early, later)).toBeNull()
})
