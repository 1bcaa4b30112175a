import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import type { Provenance } from '../../src/core/dataset/model.ts'
import { servingDigest } from '../../src/core/detect/serving-digest.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { evaluation } from '../../src/core/documents/evaluation.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { decodePredictions } from '../../src/core/metrics/predictions-file.ts'
import { evaluateModel } from '../../src/steps/evaluate-model.ts'
import { dataFolder, found, modelFile, rowsOf, serving } from './model-world.ts'

const ports = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }
let root = ''
beforeAll(async () => {
  // Three pictures are labelled as the model sees them; the last has a cat elsewhere.
  root = await dataFolder([
    rowsOf(found),
    rowsOf(found),
    rowsOf(found),
    rowsOf([
      { cx: 8, cy: 8, w: 10, h: 10, classId: 0 },
      { cx: 8, cy: 26, w: 8, h: 8, classId: 1 },
    ]),
  ])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const evaluate = (extra: object = {}) =>
  evaluateModel(ports, {
    artifact: modelFile(root, 'model.onnx', found),
    dataset: readDataset(root),
    split: 'val',
    serving,
    threads: 1,
    subject: { artifact: 'a'.repeat(64) },
    ...extra,
  })

test('scores what the model serves against the labels, by class and by camera', async () => {
  const { evaluation: document } = await evaluate()
  const { body } = document
  expect(problemsOf(evaluation, body)).toEqual([])
  expect(body.perClass.map(({ className, boxes }) => [className, boxes])).toEqual([
    ['dog', 4],
    ['cat', 4],
  ])
  expect(body.perClass[0]?.ap).toBeCloseTo(1, 9)
  expect(body.perClass[1]?.recall).toBeCloseTo(0.75, 9)
  expect(body.slices.map(({ value, images, boxes, scenes, tooFew }) => [value, images, boxes, scenes, tooFew])).toEqual(
    [
      ['hall', 2, 4, 2, true],
      ['yard', 2, 4, 2, true],
    ],
  )
  expect(body.slices.find(({ value }) => value === 'yard')?.map).toBeCloseTo(1, 9)
  expect([body.images, body.scenes]).toEqual([4, 2])
  expect(document.subject).toEqual({ artifact: 'a'.repeat(64), serving: servingDigest(serving) })
})

test('groups images by any further text of their provenance, and never by what is no field of theirs', async () => {
  const dataset = readDataset(root)
  const weather = (i: number): Provenance => ({
    image: `${i}`,
    own: i < 2 ? { weather: 'fog', constructor: 'a' } : { weather: 'sun' },
  })
  const images = dataset.images.map((image, i) => ({ ...image, provenance: weather(i) }))
  const { evaluation: document } = await evaluate({ dataset: { ...dataset, images } })
  expect(document.body.slices.map(({ slice, value, images }) => [slice, value, images])).toEqual([
    ['weather', 'fog', 2],
    ['weather', 'sun', 2],
  ])
})

test('a scene of ten images has a score of its own, marked where its boxes are few', async () => {
  const folder = await dataFolder(Array.from({ length: 21 }, () => rowsOf(found)))
  try {
    const dataset = readDataset(folder)
    const images = dataset.images.map((image, i) => ({
      ...image,
      provenance: { image: `${i}`, scene: i < 10 ? 'yard' : i < 20 ? 'hall' : 'roof' },
    }))
    const { evaluation: document } = await evaluate({ dataset: { ...dataset, images } })
    expect(
      document.body.slices.map(({ slice, value, images, boxes, tooFew }) => [slice, value, images, boxes, tooFew]),
    ).toEqual([
      ['scene', 'hall', 10, 20, true],
      ['scene', 'yard', 10, 20, true],
    ])
    expect(problemsOf(evaluation, document.body)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('hands out the predictions that were scored, under the digest that the document carries', async () => {
  const { evaluation: document, predictions, predictionsJson } = await evaluate({ predictionsFile: 'p.json' })
  expect(document.body.predictions).toEqual({ file: 'p.json', sha256: sha256(predictionsJson) })
  expect(decodePredictions(predictionsJson, 'p.json')).toEqual(predictions)
  expect(predictions.scenes).toEqual(['scene0', 'scene0', 'scene1', 'scene1'])
  // 64 pixels are seen as 32, so a box of 10 is 20 wide in the picture.
  expect([predictions.detections.x[0], predictions.detections.w[0]]).toEqual([6, 20])
})

test('the same model and data give the same document', async () => {
  expect((await evaluate()).evaluation).toEqual((await evaluate()).evaluation)
})

test('labels that do not say who drew them are of unknown source', async () => {
  expect((await evaluate()).evaluation.body.labelSource).toBe('unknown')
})

test('refuses a model of other classes, and one whose classes stand in another order', async () => {
  const swapped = modelFile(root, 'swapped.onnx', found, "{0: 'cat', 1: 'dog'}")
  await expect(evaluate({ artifact: swapped })).rejects.toThrow(/the same names in another order/)
  const dataset = { ...readDataset(root), classes: ['dog', 'cat', 'bird'] }
  await expect(evaluate({ dataset })).rejects.toThrow(/the model has 2 classes, the data set 3/)
})

test('compares by position, and says so, when the model names its classes otherwise', async () => {
  const renamed = modelFile(root, 'renamed.onnx', found, "{0: 'hound', 1: 'cat'}")
  const { body } = (await evaluate({ artifact: renamed })).evaluation
  expect(body.notes?.[0]).toMatch(/hound, cat.*dog, cat; compared by position/)
})

test('refuses a split without images, and a picture that is gone', async () => {
  await expect(evaluate({ split: 'test' })).rejects.toThrow(/no images in split test; it has val/)
  const dataset = readDataset(root)
  rmSync(join(root, 'images/picture2.png'))
  await expect(evaluate({ dataset })).rejects.toMatchObject({ name: 'UsageError' })
})
