import { expect, test } from 'vitest'
import { boxColumnsOf } from '../../src/core/dataset/columns.ts'
import type { Dataset, Split } from '../../src/core/dataset/model.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { planOwn } from '../../src/journeys/own-plan.ts'
import { checkDataset } from '../../src/steps/check.ts'

type Sketch = { name: string; split?: Split; scene?: string; video?: string; bytes?: string; rows?: number[][] }

/** A data set from sketches; an image has one sound box of class 0 unless its rows are given. */
function datasetOf(sketches: readonly Sketch[], classes = ['cell', 'plate', 'ring']): Dataset {
  const images = sketches.map(({ name, split = 'none', scene, video, bytes = name }) => ({
    ...{ name, file: `images/${name}.jpg`, labelFile: `labels/${name}.txt`, split, width: 100, height: 100 },
    md5: sha256(bytes).slice(0, 32),
    provenance: scene || video ? { image: name, ...(scene ? { scene } : {}), ...(video ? { video } : {}) } : null,
  }))
  const boxes = sketches.flatMap(({ rows = [[0, 0.5, 0.5, 0.2, 0.2]] }, image) =>
    rows.map(([classId = 0, cx = 0, cy = 0, w = 0, h = 0], at) => ({ image, classId, cx, cy, w, h, line: at + 1 })),
  )
  return { root: 'data', format: 'yolo', classes, images, boxes: boxColumnsOf(boxes), defects: [] }
}

const plan = (dataset: Dataset) =>
  planOwn(dataset, (head, base) =>
    checkDataset(head, { base, today: '2026-01-01' }).body.findings.filter(
      ({ severity, status }) => severity === 'error' && status === 'new',
    ),
  )
const many = (count: number, more: (i: number) => Partial<Sketch> = () => ({})): Sketch[] =>
  Array.from({ length: count }, (_, i) => ({ name: `img-${String(i).padStart(5, '0')}`, ...more(i) }))
const zero = [[0, 0.5, 0.5, 0, 0.2]]

test('keeps scenes, videos and equal bytes on one side of validation', () => {
  const dataset = datasetOf(
    many(200, (i) => ({
      scene: `scene-${i >> 2}`,
      ...(i < 40 ? { video: 'film' } : {}),
      ...(i % 50 === 3 ? { bytes: 'the same' } : {}),
    })),
  )
  const { val, first, rest, facts } = plan(dataset)
  const side = new Map([
    ...val.map(({ index }) => [index, 'val'] as const),
    ...[...first, ...rest].map(({ index }) => [index, 'train'] as const),
  ])
  expect(side.size).toBe(200)
  for (const key of ['scene', 'video'] as const) {
    const sides = new Map<string, Set<string | undefined>>()
    for (const [i, { provenance }] of dataset.images.entries()) {
      const group = provenance?.[key]
      if (group) sides.set(group, (sides.get(group) ?? new Set()).add(side.get(i)))
    }
    for (const [group, found] of sides) expect(found.size, group).toBe(1)
  }
  expect(new Set([3, 53, 103, 153].map((i) => side.get(i))).size).toBe(1)
  expect(facts.grouped).toBe(true)
  expect(val.length).toBeGreaterThanOrEqual(20)
  expect(val.length).toBeLessThanOrEqual(80)
})

test('augmented copies of one original are one group', () => {
  const sketches = many(120).flatMap(({ name }) =>
    ['0123456789abcdef', 'fedcba9876543210'].map((copy) => ({ name: `${name}_jpg.rf.${copy}` })),
  )
  const { val } = plan(datasetOf(sketches))
  const originals = val.map(({ index }) => index >> 1)
  expect(originals.length).toBe(2 * new Set(originals).size)
})

test('every class of which two images are there stands in validation and in version 1', () => {
  const random = seededRandom('rare')
  for (let round = 0; round < 20; round++) {
    const rare = new Set([random.int(100), random.int(100), random.int(100), random.int(100), random.int(100)])
    const rows = (i: number) => (rare.has(i) ? [[2, 0.5, 0.5, 0.2, 0.2]] : [[i % 2, 0.3, 0.3, 0.2, 0.2]])
    const dataset = datasetOf(many(100, (i) => ({ name: `r${round}-${i}`, rows: rows(i) })))
    const { val, first } = plan(dataset)
    if (rare.size < 3) continue
    for (const part of [val, first])
      expect(
        part.some(({ index }) => rare.has(index)),
        `${round}`,
      ).toBe(true)
  }
})

test('images with errors are never in version 1, and those of them that can be mended are in the mended rest', () => {
  const split = (i: number): Split => (i < 20 ? 'val' : i < 30 ? 'test' : 'train')
  const dataset = datasetOf(
    many(120, (i) => ({ split: split(i), ...(i % 10 === 5 ? { rows: [...zero, [1, 0.5, 0.5, 0.3, 0.3]] } : {}) })),
  )
  const { val, first, rest, mended, says, facts } = plan(dataset)
  expect(first.every(({ index }) => index % 10 !== 5)).toBe(true)
  expect(
    rest
      .filter(({ index }) => index % 10 === 5)
      .map(({ index }) => index)
      .sort((a, b) => a - b),
  ).toEqual([35, 45, 55, 65, 75, 85, 95, 105, 115])
  expect(mended.filter(({ drop }) => drop.size === 1)).toHaveLength(9)
  expect(says.rest).toHaveLength(9)
  expect(says.val).toHaveLength(2)
  expect(val.map(({ index }) => index).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(facts).toMatchObject({ ownSplits: true, pool: 90, val: 20, sealed: 10, tooMany: 0 })
  for (const { index } of [...first, ...rest]) expect(index).toBeGreaterThanOrEqual(30)
})

test('a picture that also stands in validation is proposed as it is, and left out of the mended rest', () => {
  const dataset = datasetOf(
    many(80, (i) => ({ split: i < 20 ? 'val' : 'train', ...(i === 3 || i === 50 ? { bytes: 'twin' } : {}) })),
  )
  const { first, rest, mended, says } = plan(dataset)
  expect(first.some(({ index }) => index === 50)).toBe(false)
  expect(rest.some(({ index }) => index === 50)).toBe(true)
  expect(mended.some(({ index }) => index === 50)).toBe(false)
  expect(says.rest).toEqual([expect.stringContaining('img-00050.jpg: the same bytes')])
})

test('of very much data a stable part is told, and the images with errors are in it', () => {
  const dataset = datasetOf(many(3000, (i) => (i % 100 === 7 ? { rows: zero } : {})))
  const { val, first, rest, facts } = plan(dataset)
  expect(first.length + rest.length).toBe(600)
  expect(val.length).toBeLessThanOrEqual(300)
  expect(facts.tooMany).toBe(3000 - 600 - 300)
  const faulty = rest.filter(({ index }) => index % 100 === 7).length
  expect(faulty).toBeGreaterThan(15)
})

test('one long video is dealt out image by image, with each mistake of it in the rest alone', () => {
  const dataset = datasetOf(
    many(200, (i) => ({
      split: i < 40 ? 'val' : 'train',
      video: i < 40 ? 'judged' : 'trained',
      ...(i === 90 ? { rows: zero } : {}),
    })),
  )
  const { first, rest } = plan(dataset)
  expect(first.length).toBeGreaterThan(60)
  expect(rest.length).toBeGreaterThan(30)
  expect(rest.some(({ index }) => index === 90)).toBe(true)
})

test('a box that reaches far out of its picture is cut at the edge, so that the trainer takes the image', () => {
  const dataset = datasetOf(
    many(60, (i) => ({ split: i < 15 ? 'val' : 'train', ...(i === 40 ? { rows: [[0, 0.55, 0.5, 1.1, 0.4]] } : {}) })),
  )
  const { mended, says } = plan(dataset)
  expect(mended.find(({ index }) => index === 40)?.clip.size).toBe(1)
  expect(says.rest).toEqual([expect.stringContaining('cut at the edge')])
})
