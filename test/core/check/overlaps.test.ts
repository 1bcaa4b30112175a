import { expect, test } from 'vitest'
import { eachOverlap } from '../../../src/core/check/overlaps.ts'
import type { PairView } from '../../../src/core/check/rule.ts'
import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import type { Dataset } from '../../../src/core/dataset/model.ts'
import { fromYolo, iou } from '../../../src/core/geometry/boxes.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

function datasetOf(rows: { classId: number; cx: number; cy: number; w: number; h: number }[]): Dataset {
  const boxes = boxColumnsOf(rows.map((row, i) => ({ image: 0, line: i + 1, ...row })))
  return { root: '', format: 'yolo', classes: [], images: [], boxes, defects: [] }
}

/** All pairs of a data set of one image whose overlap is at least so much. */
function pairsOf(dataset: Dataset, least: number): PairView[] {
  const pairs: PairView[] = []
  eachOverlap(dataset, 0, dataset.boxes.count, least, (pair) => pairs.push({ ...pair }) > 0)
  return pairs
}

test('finds the pairs that comparing every box with every other finds', () => {
  const random = seededRandom('overlaps')
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: 2 + random.int(60) }, () => ({
      classId: random.int(2),
      ...{
        cx: random.uniform(0.4, 0.6),
        cy: random.uniform(0.4, 0.6),
        w: random.uniform(0.1, 0.5),
        h: random.uniform(0.1, 0.5),
      },
    }))
    for (const classes of ['same', 'different'] as const) {
      const expected: string[] = []
      for (const [i, a] of rows.entries()) {
        for (const [j, b] of rows.entries()) {
          if (j <= i || (a.classId === b.classId) !== (classes === 'same')) continue
          const box = (row: typeof a) => fromYolo(row.cx, row.cy, row.w, row.h, 1, 1)
          if (iou(box(a), box(b)) >= 0.6) expected.push(`${i} ${j}`)
        }
      }
      const found = pairsOf(datasetOf(rows), 0.6).filter(
        ({ iou: overlap, sameClass }) => overlap >= 0.6 && sameClass === (classes === 'same'),
      )
      expect(found.map(({ earlier, later }) => `${earlier} ${later}`).sort()).toEqual(expected.sort())
    }
  }
})

test('a repeat is found among any number of pairs of other classes', () => {
  const many = Array.from({ length: 400 }, (_, classId) => ({ classId, cx: 0.5, cy: 0.5, w: 0.2, h: 0.2 }))
  const rows = [...many, { classId: 399, cx: 0.5, cy: 0.5, w: 0.2, h: 0.2 }]
  const same = pairsOf(datasetOf(rows), 0.95).filter(({ sameClass }) => sameClass)
  expect(same).toMatchObject([{ earlier: 399, later: 400 }])
})

test('equal boxes without area are the same box', () => {
  const row = { classId: 0, cx: 0.5, cy: 0.5, w: 0, h: 0 }
  expect(pairsOf(datasetOf([row, { ...row }, { ...row, cx: 0.6 }]), 0.95)).toHaveLength(1)
  const many = Array.from({ length: 30 }, (_, i) => ({ ...row, cx: 0.1 + i / 100 }))
  expect(pairsOf(datasetOf([...many, row, { ...row }]), 0.95)).toHaveLength(1)
})
