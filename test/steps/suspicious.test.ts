import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { findSuspicious, type NamedImage } from '../../src/core/compare/suspicious.ts'
import { suspicious as document } from '../../src/core/documents/operational.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { suspicious } from '../../src/steps/suspicious.ts'
import { dataFolder, found, modelFile, type PixelBox, rowsOf, serving } from './model-world.ts'

const ports = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }
const [dog, cat] = found as [PixelBox, PixelBox]
let root = ''
beforeAll(async () => {
  root = await dataFolder([
    rowsOf(found),
    rowsOf([dog, { ...cat, classId: 0 }]),
    rowsOf([{ ...dog, cx: dog.cx + 4 }, cat]),
    rowsOf([cat]),
  ])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const look = (images?: string[]) =>
  suspicious(ports, {
    artifact: modelFile(root, 'champion.onnx', found),
    dataset: readDataset(root),
    ...(images ? { images } : {}),
    serving: { ...serving, confidence: 0.05 },
    threads: 1,
  })

test('finds the swapped and the moved label, and says what the champion sees instead', async () => {
  const { body } = await look()
  expect(problemsOf(document, body)).toEqual([])
  expect(
    body.items.map(({ image, issue, className, predictedClass }) => [image, issue, className, predictedClass]),
  ).toEqual([
    ['picture1', 'swapped', 'dog', 'cat'],
    ['picture2', 'badly-located', 'dog', 'dog'],
  ])
  expect(body.items[0]?.box).toEqual([0.75, 0.625, 0.25, 0.5])
  expect(body.items[0]?.predicted).toEqual([0.75, 0.625, 0.25, 0.5])
  expect(body.items[0]?.confidence).toBeCloseTo(0.75, 6)
  expect([body.images, body.boxes, body.flagged]).toEqual([4, 7, 2])
})

test('looks only at the images that it is told to', async () => {
  const { body } = await look(['picture0', 'picture2'])
  expect(body.items.map(({ image }) => image)).toEqual(['picture2'])
  await expect(look(['picture9'])).rejects.toThrow(/no image "picture9"/)
})

/** Images of people whose labels a model of 85 % recall and a pixel or two of error has seen; some labels are spoiled. */
function world(spoil: 'none' | 'swap' | 'shift') {
  const random = seededRandom(`suspicious ${spoil}`)
  const spoiled = new Set<string>()
  const images = Array.from({ length: 120 }, (_, i): NamedImage => {
    const image: NamedImage = { name: `i${i}`, width: 160, height: 160, labels: [], predictions: [] }
    for (let slot = 0; slot < 4; slot++) {
      const [x1, y1, w, h] = [
        slot * 40 + random.uniform(0, 8),
        random.uniform(5, 80),
        random.uniform(20, 30),
        random.uniform(25, 60),
      ]
      const classId = random.int(3)
      const around = () => random.normal(0, 1)
      if (random.next() < 0.85) {
        const shown = { x1: x1 + around(), y1: y1 + around(), x2: x1 + w + around(), y2: y1 + h + around() }
        image.predictions.push({ ...shown, classId, score: random.uniform(0.3, 0.99) })
      }
      const bad = spoil !== 'none' && random.next() < 0.2
      const [dx, dy] = bad && spoil === 'shift' ? [w / 4, h / 4] : [0, 0]
      const label = { x1: x1 + dx, y1: y1 + dy, x2: x1 + w + dx, y2: y1 + h + dy }
      image.labels.push({ ...label, classId: bad && spoil === 'swap' ? (classId + 1) % 3 : classId })
      if (bad) spoiled.add(keyOf(image.name, [(label.x1 + label.x2) / 320, (label.y1 + label.y2) / 320]))
    }
    return image
  })
  const { items } = findSuspicious(images, ['a', 'b', 'c'])
  const hits = items.filter(({ image, box }) => box.length > 0 && spoiled.has(keyOf(image, box))).length
  return {
    flagged: items.length,
    precision: hits / items.length,
    recall: hits / spoiled.size,
    spoiled: spoiled.size,
    images,
  }
}

function keyOf(image: string, [cx = 0, cy = 0]: number[]): string {
  return `${image} ${cx.toFixed(4)} ${cy.toFixed(4)}`
}

test('flags nearly nothing where labels and predictions agree', () => {
  const { flagged, images } = world('none')
  expect(flagged).toBeLessThan(0.01 * images.length * 4)
})

test.each([
  ['swap', 0.95, 0.75],
  ['shift', 0.95, 0.75],
] as const)('finds planted %s errors with precision and recall', (spoil, precision, recall) => {
  const found = world(spoil)
  expect(found.spoiled).toBeGreaterThan(60)
  expect(found.precision).toBeGreaterThan(precision)
  expect(found.recall).toBeGreaterThan(recall)
})
