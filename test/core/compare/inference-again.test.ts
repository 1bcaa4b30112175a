import { expect, test } from 'vitest'
import { boxesWithoutPartner, fewEnough, otherTruth } from '../../../src/core/compare/inference-again.ts'
import type { DetectionColumns } from '../../../src/core/metrics/columns.ts'
import { emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import type { PredictionSet } from '../../../src/core/metrics/predictions-file.ts'

type Box = { image?: number; classId?: number; score: number; x: number }
const columns = (boxes: Box[]): DetectionColumns => ({
  count: boxes.length,
  image: Int32Array.from(boxes, ({ image = 0 }) => image),
  classId: Int32Array.from(boxes, ({ classId = 0 }) => classId),
  score: Float64Array.from(boxes, ({ score }) => score),
  x: Float64Array.from(boxes, ({ x }) => x),
  y: new Float64Array(boxes.length),
  w: new Float64Array(boxes.length).fill(20),
  h: new Float64Array(boxes.length).fill(20),
})
const count = (stated: Box[], again: Box[]) => boxesWithoutPartner(columns(stated), columns(again), 2, 0.1)

test('boxes that moved as another processor moves them are the same; further, of another class or picture they are not', () => {
  const box = { score: 0.9, x: 10 }
  expect(count([box], [{ score: 0.8901, x: 10.01 }])).toEqual({ asked: 1, stated: 0, again: 0 })
  const others: Box[] = [
    { ...box, x: 11 },
    { ...box, score: 0.87 },
    { ...box, classId: 1 },
    { ...box, image: 1 },
  ]
  for (const other of others) expect(count([box], [other])).toEqual({ asked: 1, stated: 1, again: 1 })
  expect(count([box], [])).toEqual({ asked: 1, stated: 1, again: 0 })
})

test('one box is nobody’s partner twice', () => {
  const box = { score: 0.9, x: 10 }
  expect(count([box, box], [box])).toEqual({ asked: 2, stated: 1, again: 0 })
})

test('a box near the lowest score may be there or not, one above may not', () => {
  expect(count([{ score: 0.109, x: 0 }], [])).toEqual({ asked: 0, stated: 0, again: 0 })
  expect(count([], [{ score: 0.111, x: 0 }])).toEqual({ asked: 0, stated: 0, again: 1 })
})

test('few boxes in a large set may lack a partner, none in a small one', () => {
  expect(fewEnough({ asked: 199, stated: 1, again: 0 })).toBe(false)
  expect(fewEnough({ asked: 200, stated: 1, again: 1 })).toBe(true)
  expect(fewEnough({ asked: 200, stated: 1, again: 2 })).toBe(false)
})

test('pictures, scenes, classes, groups and labels must be the same', () => {
  const truth = { ...emptyTruth(1, 1, 1), w: Float64Array.of(3) }
  const set: PredictionSet = { images: ['a'], scenes: ['a'], classes: ['c'], truth, detections: columns([]) }
  expect(otherTruth(set, structuredClone(set))).toBeNull()
  expect(otherTruth(set, { ...set, images: ['b'] })).toBe('images')
  expect(otherTruth(set, { ...set, scenes: ['b'] })).toBe('scenes')
  expect(otherTruth(set, { ...set, groups: [{ slice: 'camera', values: ['1'] }] })).toBe('groups of images')
  expect(otherTruth(set, { ...set, truth: { ...truth, w: Float64Array.of(4) } })).toBe('ground truth')
})
