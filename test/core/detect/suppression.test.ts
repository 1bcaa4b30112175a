import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fuseBoxes } from '../../../src/core/detect/fuse.ts'
import type { Candidates } from '../../../src/core/detect/nms.ts'
import { type Suppression, suppressBy, suppressions } from '../../../src/core/detect/suppression.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const all = { limit: 0.5, least: 0.001, maxDetections: 300 }

function candidates(rows: [x1: number, y1: number, x2: number, y2: number, score: number, classId?: number][]) {
  const found: Candidates = {
    count: rows.length,
    corners: new Float32Array(rows.flatMap((row) => row.slice(0, 4) as number[])),
    score: new Float32Array(rows.map((row) => row[4])),
    classId: new Int32Array(rows.map((row) => row[5] ?? 0)),
  }
  return found
}

const scoresOf = (method: Suppression, boxes: Candidates, settings = all) => {
  const { rows, scores } = suppressBy(method, boxes, settings)
  return Object.fromEntries([...rows].map((row, i) => [row, scores[i] as number]))
}

describe('suppression', () => {
  // Two boxes of 10 x 10 px, one pixel apart: IoU 9 / 11.
  const shifted = candidates([
    [0, 0, 10, 10, 0.9],
    [1, 0, 11, 10, 0.8],
  ])

  test('soft, linear: a score falls by 1 - IoU', () => {
    expect(scoresOf('soft-linear', shifted)[1]).toBeCloseTo(0.1454545, 6)
  })

  test('soft, Gaussian: a score falls by exp(-IoU² / 0.5)', () => {
    expect(scoresOf('soft-gaussian', shifted)[1]).toBeCloseTo(0.209719, 6)
  })

  test('soft takes away what falls to the least score, with the decayed scores', () => {
    expect(scoresOf('soft-linear', shifted, { ...all, least: 0.2 })).toEqual({ 0: expect.closeTo(0.9, 6) })
  })

  test('greedy keeps the ends of a chain, where the middle overlaps both', () => {
    const chain = candidates([
      [0, 0, 10, 10, 0.9],
      [3, 0, 13, 10, 0.8],
      [6, 0, 16, 10, 0.7],
    ])
    expect(Object.keys(scoresOf('greedy', chain))).toEqual(['0', '2'])
  })

  test('greedy leaves other classes alone, agnostic does not', () => {
    const twoClasses = candidates([
      [0, 0, 10, 10, 0.9, 0],
      [1, 0, 11, 10, 0.8, 1],
    ])
    expect(Object.keys(scoresOf('greedy', twoClasses))).toEqual(['0', '1'])
    expect(Object.keys(scoresOf('agnostic', twoClasses))).toEqual(['0'])
  })

  test('by distance, boxes with centres apart compete less than their overlap says', () => {
    // IoU 1/2 with centres 10 px apart in an enclosing box of 30 x 10: 0.5 - 100 / 1000 = 0.4.
    const apart = candidates([
      [0, 0, 20, 10, 0.9],
      [10, 0, 20, 10, 0.8],
    ])
    const sameCentre = candidates([
      [0, 0, 20, 10, 0.9],
      [5, 0, 15, 10, 0.8],
    ])
    const settings = { ...all, limit: 0.46 }
    expect(Object.keys(scoresOf('diou', apart, settings))).toEqual(['0', '1'])
    expect(Object.keys(scoresOf('diou', sameCentre, settings))).toEqual(['0'])
  })

  test('matrix: each box by its worst better neighbour, discounted by that one’s own overlap', () => {
    const rows: [number, number, number, number, number][] = [
      [0, 0, 10, 10, 0.9],
      [1, 0, 11, 10, 0.8],
      [3, 0, 13, 10, 0.7],
    ]
    const iou = (a: number, b: number) => (10 - Math.abs(a - b)) / (10 + Math.abs(a - b))
    const f = (x: number) => Math.exp(-2 * x * x)
    const second = f(iou(0, 1)) / f(0)
    const third = Math.min(f(iou(0, 3)) / f(0), f(iou(1, 3)) / f(iou(0, 1)), 1)
    const scores = scoresOf('matrix', candidates(rows))
    expect(scores[1]).toBeCloseTo(0.8 * second, 6)
    expect(scores[2]).toBeCloseTo(0.7 * third, 6)
  })

  test.each(suppressions)('%s never gives more boxes, worse order or higher scores than it got', (method) => {
    const random = seededRandom(method)
    for (let round = 0; round < 30; round++) {
      const boxes = candidates(
        Array.from({ length: random.int(60) }, () => {
          const [x, y] = [random.uniform(0, 300), random.uniform(0, 300)]
          return [x, y, x + random.uniform(5, 90), y + random.uniform(5, 90), random.next(), random.int(3)]
        }),
      )
      const { rows, scores } = suppressBy(method, boxes, { ...all, maxDetections: 20 })
      expect(rows.length).toBeLessThanOrEqual(20)
      expect(new Set(rows).size).toBe(rows.length)
      for (const [i, row] of rows.entries()) {
        expect(scores[i]).toBeLessThanOrEqual(boxes.score[row] as number)
        if (i > 0) expect(scores[i]).toBeLessThanOrEqual(scores[i - 1] as number)
      }
    }
  })
})

type Fusion = { models: number[][][]; weights: number[]; fused: number[][] }
const known = JSON.parse(readFileSync(new URL('fusion-values.json', import.meta.url), 'utf8')) as Fusion[]

describe('weighted box fusion', () => {
  test.each(known.map((one, i) => [i, one] as const))(
    'equals the published code (ensemble-boxes 1.0.9) on case %i',
    (_, one) => {
      const models = one.models.map((rows) => ({
        corners: rows.flatMap((row) => row.slice(0, 4)),
        classId: rows.map((row) => row[4] as number),
        score: rows.map((row) => row[5] as number),
      }))
      const fused = fuseBoxes(models, { weights: one.weights })
      const keyed = (rows: number[][]) => rows.map((row) => row.map((v) => Number(v.toFixed(5)))).sort()
      const close = (rows: number[][]) => keyed(rows).flat()
      const ours = close(fused.map(({ x1, y1, x2, y2, classId, score }) => [x1, y1, x2, y2, classId, score]))
      const theirs = close(one.fused)
      expect(ours.length).toBe(theirs.length)
      for (const [i, value] of ours.entries()) expect(Math.abs(value - (theirs[i] as number))).toBeLessThan(2e-5)
    },
  )

  test('counts what one of two models sees half', () => {
    const one = { corners: [0, 0, 0.5, 0.5], score: [0.9], classId: [0] }
    const two = { corners: [0.05, 0, 0.55, 0.5], score: [0.6], classId: [0] }
    expect(fuseBoxes([one, two])).toEqual([
      { x1: expect.closeTo(0.02, 9), y1: 0, x2: expect.closeTo(0.52, 9), y2: 0.5, classId: 0, score: 0.75 },
    ])
    expect(fuseBoxes([one, { corners: [], score: [], classId: [] }])[0]?.score).toBeCloseTo(0.45, 9)
  })
})
