import { expect, test } from 'vitest'
import type { Dataset, DatasetImage } from '../../../src/core/dataset/model.ts'
import { derangement, smokeHandful } from '../../../src/core/select/smoke-handful.ts'

function datasetOf(images: (Partial<DatasetImage> & { boxes: number[] })[], defects: string[] = []): Dataset {
  const rows = images.flatMap(({ boxes }, image) => boxes.map((classId) => ({ image, classId })))
  const column = () => new Float64Array(rows.length).fill(0.5)
  return {
    root: '/set',
    format: 'yolo',
    classes: ['a', 'b', 'c'],
    images: images.map(({ boxes: _, ...image }, index) => ({
      name: `i${String(index).padStart(3, '0')}`,
      file: `images/i${index}.png`,
      labelFile: `labels/i${index}.txt`,
      split: 'train',
      width: 64,
      height: 64,
      md5: null,
      provenance: null,
      ...image,
    })),
    boxes: {
      count: rows.length,
      image: Uint32Array.from(rows, ({ image }) => image),
      classId: Int32Array.from(rows, ({ classId }) => classId),
      cx: column(),
      cy: column(),
      w: column(),
      h: column(),
      line: new Uint32Array(rows.length).fill(1),
    },
    defects: defects.map((image) => ({ code: 'x', file: 'f', line: 1, column: 0, message: 'm', image })),
  }
}

test('takes only clean, labelled training images', () => {
  const dataset = datasetOf(
    [
      { boxes: [0] },
      { boxes: [] },
      { boxes: [0], split: 'val' },
      { boxes: [1] },
      { boxes: [2] },
      { boxes: [1], split: 'test' },
    ],
    ['i004'],
  )
  expect(smokeHandful(dataset, 12, 0)).toEqual([0, 3])
})

test('a class in two of a hundred images is in the handful twice', () => {
  const dataset = datasetOf(
    Array.from({ length: 100 }, (_, index) => ({ boxes: index === 41 || index === 97 ? [0, 2] : [0, 1] })),
  )
  const chosen = smokeHandful(dataset, 6, 0)
  expect(chosen).toHaveLength(6)
  expect(chosen).toEqual(expect.arrayContaining([41, 97]))
})

test('takes every camera', () => {
  const cameras = Array.from({ length: 60 }, (_, index) => (index === 7 ? 'night' : index === 30 ? 'gate' : 'yard'))
  const dataset = datasetOf(
    cameras.map((camera, index) => ({ boxes: [0], provenance: { image: `i${index}`, camera } })),
  )
  expect(smokeHandful(dataset, 3, 5)).toEqual(expect.arrayContaining([7, 30]))
})

test('same data and seed, same handful, whatever order the images come in; another seed, another', () => {
  const images = Array.from({ length: 50 }, (_, index) => ({ boxes: [index % 3], name: `n${index}` }))
  const names = (dataset: Dataset, seed: number) => smokeHandful(dataset, 6, seed).map((i) => dataset.images[i]?.name)
  const chosen = names(datasetOf(images), 1)
  expect(names(datasetOf(images), 1)).toEqual(chosen)
  expect(names(datasetOf(images.toReversed()), 1)).toEqual(chosen)
  expect(names(datasetOf(images), 2)).not.toEqual(chosen)
})

test('a derangement leaves nothing in its place and loses nothing', () => {
  for (const n of [2, 3, 12, 40]) {
    for (let seed = 0; seed < 20; seed++) {
      const order = derangement(n, seed)
      expect(order.filter((value, index) => value === index)).toEqual([])
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, index) => index))
    }
  }
})
