import { expect, test } from 'vitest'
import { datasetDigests } from '../../../src/core/dataset/digest.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { type PlainDataset, randomDataset, toDataset } from '../compare/random-dataset.ts'

const random = seededRandom('digest')
const base = randomDataset(random, 20)
const of = (dataset: PlainDataset) => datasetDigests(toDataset(dataset))
const alter = (split: string, change: (image: PlainDataset['images'][number]) => void): PlainDataset => {
  const copy = structuredClone(base)
  change(copy.images.find((image) => image.split === split && image.boxes.length > 0) as PlainDataset['images'][number])
  return copy
}

test('neither the order of images, rows and class ids nor the formatting of numbers counts', () => {
  const same: PlainDataset = {
    classes: base.classes.toReversed(),
    images: random.shuffle(base.images).map((image) => ({ ...image, boxes: random.shuffle(image.boxes) })),
  }
  expect(of(same)).toEqual(of(base))
})

test('a relabelled training box changes labels and training set, and leaves validation and images alone', () => {
  const changed = of(alter('train', ({ boxes }) => boxes.push({ className: 'vest', box: [0.5, 0.5, 0.1, 0.1] })))
  const before = of(base)
  expect(changed.labels).not.toBe(before.labels)
  expect(changed.trainSet).not.toBe(before.trainSet)
  expect(changed.validationSet).toBe(before.validationSet)
  expect(changed.images).toBe(before.images)
})

test('other pixels in validation change the images and the validation set', () => {
  const changed = of(
    alter('val', (image) => {
      image.content = 'brighter'
    }),
  )
  const before = of(base)
  expect([changed.labels, changed.trainSet]).toEqual([before.labels, before.trainSet])
  expect(changed.images).not.toBe(before.images)
  expect(changed.validationSet).not.toBe(before.validationSet)
})

test('where images were not hashed no digest of them is claimed', () => {
  expect(datasetDigests(toDataset(base, false)).images).toBeUndefined()
})

test('a class that only validation has leaves the training set as it was', () => {
  const changed = of(alter('val', ({ boxes }) => boxes.push({ className: 'aardvark', box: [0.5, 0.5, 0.1, 0.1] })))
  expect(changed.trainSet).toBe(of(base).trainSet)
  expect(changed.validationSet).not.toBe(of(base).validationSet)
})

test('many rows of one image in another order are the same labels', () => {
  const boxes = Array.from({ length: 60 }, () => ({
    className: random.pick(['person', 'vest']),
    box: [random.next(), random.next(), 0.1, 0.1] as [number, number, number, number],
  }))
  const image = { ...(base.images[0] as PlainDataset['images'][number]), boxes }
  const first = of({ classes: ['person', 'vest'], images: [image] })
  expect(of({ classes: ['vest', 'person'], images: [{ ...image, boxes: random.shuffle(boxes) }] })).toEqual(first)
})
