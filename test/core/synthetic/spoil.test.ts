import { expect, test } from 'vitest'
import { spoilLabels } from '../../../src/core/synthetic/spoil.ts'

const rows = [
  { classId: 1, cx: 0.5, cy: 0.5, w: 0.25, h: 0.125, note: 'a' },
  { classId: 2, cx: 0.9, cy: 0.95, w: 0.16, h: 0.08, note: 'b' },
  { classId: 0, cx: 0.1, cy: 0.5, w: 0.2, h: 1, note: 'c' },
]

test('shift moves each box by a quarter of its size and keeps it inside the image', () => {
  const [a, b, c] = spoilLabels(rows, { kind: 'shift' })
  expect(a).toEqual({ classId: 1, cx: 0.5625, cy: 0.53125, w: 0.25, h: 0.125, note: 'a' })
  expect(b).toEqual({ classId: 2, cx: 0.92, cy: 0.96, w: 0.16, h: 0.08, note: 'b' })
  expect(c?.cx).toBeCloseTo(0.15, 12)
  expect(c?.cy).toBe(0.5)
})

test('swap exchanges two classes, leaves the third, and is its own inverse', () => {
  const swapped = spoilLabels(rows, { kind: 'swap', classes: [1, 2] })
  expect(swapped.map(({ classId }) => classId)).toEqual([2, 1, 0])
  expect(spoilLabels(swapped, { kind: 'swap', classes: [2, 1] })).toEqual(rows)
})

test('relabel changes one class only', () => {
  expect(spoilLabels(rows, { kind: 'relabel', from: 2, to: 1 }).map(({ classId }) => classId)).toEqual([1, 1, 0])
})

test('drop leaves out the share that is asked for, of one class when one is named', () => {
  const many = Array.from({ length: 4000 }, (_, i) => ({ classId: i % 2, cx: 0.5, cy: 0.5, w: 0.1, h: 0.1 }))
  const left = spoilLabels(many, { kind: 'drop', share: 0.3, classId: 1, seed: 5 })
  expect(left.filter(({ classId }) => classId === 0)).toHaveLength(2000)
  expect(left.filter(({ classId }) => classId === 1).length / 2000).toBeCloseTo(0.7, 1)
  expect(spoilLabels(rows, { kind: 'drop', share: 1 })).toEqual([])
})

test('a share of none changes nothing, and the same seed spoils the same rows', () => {
  expect(spoilLabels(rows, { kind: 'shift', share: 0 })).toEqual(rows)
  const many = Array.from({ length: 500 }, () => rows[0]!)
  const spoil = { kind: 'shift', share: 0.5, seed: 1 } as const
  expect(spoilLabels(many, spoil)).toEqual(spoilLabels(many, spoil))
  expect(spoilLabels(many, { ...spoil, seed: 2 })).not.toEqual(spoilLabels(many, spoil))
})

test('the rows that were given stay as they were', () => {
  const before = structuredClone(rows)
  spoilLabels(rows, { kind: 'shift' })
  expect(rows).toEqual(before)
})
