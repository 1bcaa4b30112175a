import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { diffDatasets } from '../../src/core/compare/dataset-diff.ts'
import { findSuspicious, type NamedImage } from '../../src/core/compare/suspicious.ts'
import { limitsFrom } from '../../src/core/compare/suspicious-limits.ts'
import { boxColumnsOf } from '../../src/core/dataset/columns.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import { suspicious as document } from '../../src/core/documents/operational.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { suspicious, suspiciousOfProposal } from '../../src/steps/suspicious.ts'
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

test('finds the swapped, the moved and the missing label, and says what the champion sees instead', async () => {
  const { body } = await look()
  expect(problemsOf(document, body)).toEqual([])
  expect(
    body.items.map(({ image, issue, className, predictedClass }) => [image, issue, className, predictedClass]),
  ).toEqual([
    ['picture1', 'swapped', 'dog', 'cat'],
    ['picture3', 'overlooked', 'dog', 'dog'],
    ['picture2', 'badly-located', 'dog', 'dog'],
  ])
  expect(body.items[0]?.box).toEqual([0.75, 0.625, 0.25, 0.5])
  expect(body.items[0]?.predicted).toEqual([0.75, 0.625, 0.25, 0.5])
  expect(body.items[0]?.confidence).toBeCloseTo(0.75, 6)
  expect([body.images, body.boxes, body.flagged]).toEqual([4, 7, 3])
})

test('looks only at the images that it is told to', async () => {
  const { body } = await look(['picture0', 'picture2'])
  expect(body.items.map(({ image }) => image)).toEqual(['picture2'])
  await expect(look(['picture9'])).rejects.toThrow(/no image "picture9"/)
})

/** Images of people whose labels a model of 85 % recall and a pixel or two of error has seen; some labels are spoiled. */
type Spoil = 'none' | 'swap' | 'shift' | 'drop'
function world(spoil: Spoil, trusted: NamedImage[] = []) {
  const random = seededRandom(`suspicious ${spoil} ${trusted.length}`)
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
      if (!bad || spoil !== 'drop')
        image.labels.push({ ...label, classId: bad && spoil === 'swap' ? (classId + 1) % 3 : classId })
      if (bad) spoiled.add(keyOf(image.name, [(label.x1 + label.x2) / 320, (label.y1 + label.y2) / 320]))
    }
    return image
  })
  const { items } = findSuspicious(images, ['a', 'b', 'c'], { trusted })
  const overlooked = (image: string, predicted: number[]) =>
    spoil === 'drop' && [...spoiled].some((key) => isNear(key, image, predicted))
  const hits = items.filter(
    ({ image, box, predicted }) => spoiled.has(keyOf(image, box)) || overlooked(image, predicted),
  ).length
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

/** Whether a prediction lies within four pixels of a label that was left out. */
function isNear(key: string, image: string, [cx = 0, cy = 0]: number[]): boolean {
  const [name, x, y] = key.split(' ')
  return name === image && Math.hypot(Number(x) - cx, Number(y) - cy) < 4 / 160
}

test('flags nearly nothing where labels and predictions agree', () => {
  const { flagged, images } = world('none')
  expect(flagged).toBeLessThan(0.01 * images.length * 4)
})

test.each<[Spoil, number, number]>([
  ['swap', 0.95, 0.75],
  ['shift', 0.95, 0.75],
  ['drop', 0.95, 0.75],
])('finds planted %s errors with precision and recall, once trusted labels taught it how the model errs', (...row) => {
  const [spoil, precision, recall] = row
  const found = world(spoil, world('none').images)
  expect(found.spoiled).toBeGreaterThan(60)
  expect(found.precision).toBeGreaterThan(precision)
  expect(found.recall).toBeGreaterThan(recall)
})

test('trusted labels lower the limits of a model that errs little, and never raise them', () => {
  const clean = world('none').images
  const precise = limitsFrom(clean, 3)
  const untaught = limitsFrom([], 3)
  expect(precise.boxes).toBe(480)
  for (const issue of ['swapped', 'badly-located', 'overlooked'] as const)
    expect(precise.of(issue, 1)).toBeLessThan(untaught.of(issue, 1))
  const poor = limitsFrom(world('shift').images, 3)
  expect(poor.of('badly-located', 1)).toBe(untaught.of('badly-located', 1))
  expect(limitsFrom(clean.slice(0, 5), 3).of('swapped', 0)).toBe(untaught.of('swapped', 0))
})

describe('of a proposal', () => {
  const ask = (before: Dataset, after: Dataset) =>
    suspiciousOfProposal(ports, {
      artifact: modelFile(root, 'champion.onnx', found),
      base: before,
      head: after,
      diff: diffDatasets(before, after),
      serving: { ...serving, confidence: 0.05 },
      threads: 1,
    })
  const part = (names: string[], split: 'train' | 'val'): Dataset => {
    const all = readDataset(root, { md5: true })
    const kept = all.images.map((image, i) => ({ image, i })).filter(({ image }) => names.includes(image.name))
    const rows = Array.from({ length: all.boxes.count }, (_, row) => row).flatMap((row) => {
      const { boxes } = all
      const image = kept.findIndex(({ i }) => i === boxes.image[row])
      const [cx = 0, cy = 0, w = 0, h = 0] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]]
      return image < 0 ? [] : [{ image, classId: boxes.classId[row] ?? 0, cx, cy, w, h, line: boxes.line[row] ?? 0 }]
    })
    return { ...all, images: kept.map(({ image }) => ({ ...image, split })), boxes: boxColumnsOf(rows) }
  }

  test('looks at added images only, and takes unchanged validation labels for trusted', async () => {
    const before = part(['picture0'], 'val')
    const { body } = await ask(before, part(['picture0', 'picture1'], 'val'))
    expect([body.images, body.flagged]).toEqual([1, 1])
    expect(body.items[0]).toMatchObject({ image: 'picture1', issue: 'swapped' })
    expect(body.method).toContain('that on 2 trusted boxes')
  })

  test('leaves relabelled training images out, since the champion may know them by heart', async () => {
    const before = part(['picture0', 'picture1'], 'train')
    const after = { ...before, boxes: { ...before.boxes, classId: before.boxes.classId.map(() => 1) } }
    const { body } = await ask(before, after)
    expect([body.images, body.flagged]).toEqual([0, 0])
    expect(body.method).toContain('relabelled training images left out: 2')
  })
})
