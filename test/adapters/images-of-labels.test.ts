import { expect, test } from 'vitest'
import { imagesOfLabels } from '../../src/adapters/dataset/images-of-labels.ts'
import { knownPlaces } from '../../src/core/dataset/known-labels.ts'
import { imageNameOf } from '../../src/core/dataset/paths.ts'

const stems = ['train/a', 'train/a-b', 'train/images/c', 'val/Images/d', 'val/ä', 'val/a\u0308', 'e.f', 'test/g']
const files = [...stems.map((stem) => `labels/${stem}.txt`), 'data.yaml', 'labels/classes.json'].sort()

test('label files without images stand for images: sorted by path, named as the image would be', () => {
  const images = imagesOfLabels({ files }, new Map())
  expect(images.map(({ file }) => file)).toEqual(stems.map((stem) => `images/${stem}`).sort())
  for (const { name, file, labelFile } of images) {
    expect(name).toBe(imageNameOf(`${file}.jpg`))
    expect(labelFile).toBe(`labels/${file.slice('images/'.length)}.txt`)
  }
  expect(images.find(({ file }) => file === 'images/val/ä')?.split).toBe('val')
})

test('size and provenance come from the line of the same name', () => {
  const line = { image: 'train/a', width: 640, height: 480 }
  const [image] = imagesOfLabels({ files: ['labels/train/a.txt'] }, new Map([['train/a', line]]))
  expect(image).toMatchObject({ width: 640, height: 480, provenance: line })
})

test.each([
  ['sorted', ['a', 'b', 'c', 'e']],
  ['in another order', ['e', 'a', 'c', 'b']],
])('a known file is found by name and content, where names are %s', (_, names) => {
  const none = new Uint32Array(0)
  const boxes = { count: 0, image: none, line: none, classId: new Int32Array(0) }
  const numbers = { cx: new Float64Array(0), cy: new Float64Array(0), w: new Float64Array(0), h: new Float64Array(0) }
  const known = {
    ...{ grammar: { classCount: 0, names: [], keypoints: null }, files: names, ids: names.map((name) => `id ${name}`) },
    ...{ images: names, flagged: new Uint8Array(4), start: new Uint32Array(5), boxes: { ...boxes, ...numbers } },
    ...{ defects: [], polygons: new Uint32Array(4) },
  }
  const asked = ['a', 'aa', 'b', 'c', 'd', 'e', 'zz']
  const ids = asked.map((name) => (name === 'c' ? 'another' : `id ${name}`))
  expect([...knownPlaces(known, asked, ids)]).toEqual(asked.map((name) => (name === 'c' ? -1 : names.indexOf(name))))
})
