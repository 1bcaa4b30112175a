import { expect, test } from 'vitest'
import { evaluation } from '../../src/core/documents/evaluation.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { readCocoDetections, readCocoTruth } from '../../src/core/metrics/coco-json.ts'
import { emptyDetections, emptyTruth } from '../../src/core/metrics/make-columns.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { numberScenes } from '../../src/steps/compare-models.ts'
import { evaluateDetections } from '../../src/steps/evaluate-detections.ts'
import { randomCocoCase } from '../core/metrics/coco-cases.ts'

const served = { confidence: 0.001, iou: 0.7, maxDetections: 300, multiLabel: false }

function evaluated(classes = 4) {
  const { gt, dt } = randomCocoCase(seededRandom(1), { images: 12, classes, truths: 80, detections: 200 })
  const coco = readCocoTruth(gt, 'gt')
  const { detections } = readCocoDetections(dt, 'dt', coco)
  const cameras = Array.from({ length: 12 }, (_, i) => (i < 6 ? 'gate' : 'yard'))
  return evaluateDetections({
    truth: coco.truth,
    detections,
    classNames: coco.categoryNames,
    scenes: cameras,
    slices: [{ slice: 'camera', values: cameras }],
    served,
    labelSource: 'human',
  })
}

test('the body is one that a reader of evidence accepts', () => {
  expect(problemsOf(evaluation, evaluated())).toEqual([])
})

test('every part speaks of the same classes, in the same numbers', () => {
  const body = evaluated()
  expect(body.scenes).toBe(2)
  expect(body.slices.map(({ value, images }) => [value, images])).toEqual([
    ['gate', 6],
    ['yard', 6],
  ])
  expect(body.perClass.filter(({ ap }) => ap >= 0)).toHaveLength(3)
  for (const [c, row] of body.perClass.entries()) {
    expect(row.ap).toBe(body.coco.perClass[String(c)])
    const { precision } = body.curves[c] ?? { precision: [] }
    expect(precision).toHaveLength(row.ap < 0 ? 0 : 101)
    if (row.ap < 0) continue
    expect(precision.reduce((sum, value) => sum + value, 0) / 101).toBeCloseTo(row.ap50, 12)
    const truths = (body.confusion[c] ?? []).reduce((sum, value) => sum + value, 0)
    expect(truths).toBe(row.boxes)
    expect((body.confusion[c]?.[c] ?? 0) / truths).toBeCloseTo(row.recall, 12)
  }
})

test('a set without boxes and detections is scored as nothing, not as perfect', () => {
  const body = evaluateDetections({
    truth: emptyTruth(0, 3, 2),
    detections: emptyDetections(0),
    classNames: ['a', 'b'],
    scenes: ['x', 'y', 'z'],
    slices: [],
    served,
    labelSource: 'unknown',
  })
  expect(new Set(body.coco.stats)).toEqual(new Set([-1]))
  expect(body.ultralytics.map).toBe(0)
  expect(body.perClass.map(({ ap, recall }) => [ap, recall])).toEqual([
    [-1, -1],
    [-1, -1],
  ])
  expect(problemsOf(evaluation, body)).toEqual([])
})

test('scenes are numbered by first appearance, whatever they are called', () => {
  expect([...numberScenes(['b', '__proto__', 'b', 'a'])]).toEqual([0, 1, 0, 2])
})
