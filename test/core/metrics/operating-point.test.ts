import { expect, test } from 'vitest'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import type { DetectionColumns, TruthColumns } from '../../../src/core/metrics/columns.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { countAtPoint, ratesOf } from '../../../src/core/metrics/operating-point.ts'
import { scoreSlices } from '../../../src/core/metrics/slices.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from './coco-cases.ts'
import { replicated } from './copied-set.ts'

const point = { confidence: 0.25, iou: 0.5 }
type Row = [image: number, classId: number, x: number, extra?: number]

/** Boxes of 100 × 100 at (x, 0); the extra is crowd for truth and score for detections. */
function scene(images: number, classes: number, truths: Row[], found: Row[]) {
  const truth: TruthColumns = emptyTruth(truths.length, images, classes)
  const detections: DetectionColumns = emptyDetections(found.length)
  const fill = (columns: TruthColumns | DetectionColumns, rows: Row[]) =>
    rows.forEach(([image, classId, x], i) => {
      columns.image[i] = image
      columns.classId[i] = classId
      columns.x[i] = x
      columns.w[i] = 100
      columns.h[i] = 100
    })
  fill(truth, truths)
  fill(detections, found)
  truths.forEach(([, , , crowd = 0], i) => {
    truth.crowd[i] = crowd
    truth.area[i] = 1e4
  })
  found.forEach(([, , , score = 0.9], i) => {
    detections.score[i] = score
  })
  return { truth, detections }
}

test('the confusion matrix has truth in rows and predictions in columns, background and missed last', () => {
  const { truth, detections } = scene(
    2,
    2,
    [
      [0, 0, 0],
      [0, 1, 300],
      [1, 0, 0],
      [1, 1, 600],
    ],
    [
      [0, 0, 0],
      [0, 0, 310],
      [1, 0, 900],
    ],
  )
  const counts = countAtPoint(truth, detections, point)
  expect(counts.confusion).toEqual([
    [1, 0, 1],
    [1, 0, 1],
    [1, 0, 0],
  ])
  expect([...counts.hits, ...counts.falseAlarms, ...counts.misses]).toEqual([1, 0, 2, 0, 1, 2])
  expect([...counts.errorsByImage]).toEqual([2, 3])
  expect(ratesOf(counts, 0)).toEqual({ precision: 1 / 3, recall: 1 / 2, f1: 2 / 5 })
  expect(ratesOf(counts, 1)).toEqual({ precision: 0, recall: 0, f1: 0 })
})

test('a detection below the confidence is not there, one at it is', () => {
  const { truth, detections } = scene(1, 1, [[0, 0, 0]], [[0, 0, 0, 0.25]])
  expect(countAtPoint(truth, detections, point).hits[0]).toBe(1)
  expect(countAtPoint(truth, detections, { ...point, confidence: 0.2500001 }).hits[0]).toBe(0)
})

test('a box is found once: a second detection on it is a false alarm', () => {
  const { truth, detections } = scene(
    1,
    1,
    [[0, 0, 0]],
    [
      [0, 0, 5, 0.9],
      [0, 0, 0, 0.8],
    ],
  )
  const counts = countAtPoint(truth, detections, point)
  expect([counts.hits[0], counts.falseAlarms[0]]).toEqual([1, 1])
})

test('detections on a crowd of their class count for nothing, those of another class are false alarms', () => {
  const { truth, detections } = scene(
    1,
    2,
    [[0, 0, 0, 1]],
    [
      [0, 0, 10],
      [0, 0, 20],
      [0, 1, 10],
    ],
  )
  const counts = countAtPoint(truth, detections, point)
  expect([...counts.falseAlarms, ...counts.misses]).toEqual([0, 1, 0, 0])
})

test('a class without ground truth has no rates', () => {
  const { truth, detections } = scene(1, 2, [[0, 0, 0]], [[0, 1, 500]])
  expect(ratesOf(countAtPoint(truth, detections, point), 1)).toEqual({ precision: -1, recall: -1, f1: -1 })
})

function randomSet(seed: number) {
  const { gt, dt } = randomCocoCase(seededRandom(seed), { images: 20, truths: 120, detections: 300, crowd: 0.1 })
  const coco = readCocoTruth(gt, 'gt')
  return { truth: coco.truth, detections: readCocoDetections(dt, 'dt', coco).detections }
}

test('with every detection served, recall is that of COCO at IoU .5 and every box is accounted for once', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { truth, detections } = randomSet(seed)
    const counts = countAtPoint(truth, detections, { confidence: 0, iou: 0.5 })
    const coco = evaluateCoco(truth, detections)
    const [, , classes, areas, limits] = coco.curves.shape
    for (let c = 0; c < classes; c++) {
      expect(ratesOf(counts, c).recall).toBeCloseTo(coco.curves.recall[c * areas * limits + 2]!, 12)
      const row = counts.confusion[c]!.reduce((sum, value) => sum + value, 0)
      expect(row).toBe(counts.hits[c]! + counts.misses[c]!)
      expect(counts.confusion.reduce((sum, line) => sum + line[c]!, 0)).toBe(counts.hits[c]! + counts.falseAlarms[c]!)
    }
  }
})

test('a slice scores as its images would alone', () => {
  const { truth, detections } = randomSet(1)
  const values = Array.from({ length: 20 }, (_, i) => (i % 5 === 0 ? null : `camera ${i % 3}`))
  const { matching } = evaluateCoco(truth, detections)
  const scores = scoreSlices(truth, detections, matching, [{ slice: 'camera', values }], Array(20).fill('one'))
  expect(scores.map(({ value }) => value)).toEqual(['camera 0', 'camera 1', 'camera 2'])
  for (const { value, images, map, map50 } of scores) {
    const copies = values.map((other) => (other === value ? 1 : 0))
    const set = replicated(truth, detections, copies)
    const alone = evaluateCoco(set.truth, set.detections)
    expect(images).toBe(set.truth.imageCount)
    expect(map).toBeCloseTo(alone.stats[0]!, 12)
    expect(map50).toBeCloseTo(alone.stats[1]!, 12)
  }
})
