import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { flippedBoxes } from '../../src/core/compare/parity.ts'
import { compareTensors } from '../../src/core/compare/tensors.ts'
import { servingDigest } from '../../src/core/detect/serving-digest.ts'
import { parity as document } from '../../src/core/documents/operational.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { evaluateModel } from '../../src/steps/evaluate-model.ts'
import { parity } from '../../src/steps/parity.ts'
import { constantModel, rawHead } from '../adapters/onnx-writer.ts'
import { dataFolder, found, modelFile, type PixelBox, rowsOf, serving } from './model-world.ts'

const ports = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }
let root = ''
beforeAll(async () => {
  root = await dataFolder(Array.from({ length: 6 }, () => rowsOf(found)))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const against = async (boxes: PixelBox[]) => {
  const evidence = await parity(ports, {
    reference: { format: 'onnx', artifact: modelFile(root, 'reference.onnx', found) },
    artifact: { format: 'onnx-int8', artifact: modelFile(root, 'artifact.onnx', boxes) },
    dataset: readDataset(root),
    split: 'val',
    serving,
    threads: 1,
    resamples: 200,
  })
  expect(problemsOf(document, evidence.body)).toEqual([])
  return evidence.body
}
const [dog, cat] = found as [PixelBox, PixelBox]

test('the same model differs in nothing', async () => {
  const body = await against(found)
  expect(body.boxes).toEqual({ reference: 12, artifact: 12, matched: 12, flipped: 0, maxCornerPx: 0, maxScore: 0 })
  expect(body.map.difference).toMatchObject({ value: 0, low: 0, high: 0 })
  expect(body.state).toBe('measured')
})

test('a box that moves and a score that changes are told in pixels of the picture and in score', async () => {
  const body = await against([
    { ...dog, cx: dog.cx + 0.5 },
    { ...cat, score: 0.5 },
  ])
  expect(body.boxes).toMatchObject({ matched: 12, flipped: 0 })
  // Half a pixel of the square is one of the picture, which is twice as wide.
  expect(body.boxes.maxCornerPx).toBeCloseTo(1, 6)
  expect(body.boxes.maxScore).toBeCloseTo(0.25, 6)
})

test('a box that falls below the operating point counts once an image, a changed class twice', async () => {
  expect((await against([dog, { ...cat, score: 0.2 }])).boxes).toMatchObject({ artifact: 6, matched: 6, flipped: 6 })
  expect((await against([dog, { ...cat, classId: 0 }])).boxes).toMatchObject({ artifact: 12, matched: 6, flipped: 12 })
})

test('a loss of mAP is shown with its interval', async () => {
  const { map } = await against([dog])
  expect(map.reference).toBeCloseTo(1, 9)
  expect(map.artifact).toBeCloseTo(0.5, 9)
  expect(map.difference.value).toBeCloseTo(-0.5, 9)
  expect(map.difference.high).toBeLessThan(0)
})

test('takes predictions of the reference that are known, but not of other images', async () => {
  const artifact = modelFile(root, 'known.onnx', found)
  const dataset = readDataset(root)
  const input = { dataset, split: 'val' as const, serving, threads: 1, resamples: 10 }
  const { predictions } = await evaluateModel(ports, { ...input, artifact, subject: {} })
  const sides = { reference: { format: 'onnx', artifact }, artifact: { format: 'again', artifact } }
  const { body } = await parity(ports, { ...input, ...sides, referencePredictions: predictions })
  expect(body.boxes).toMatchObject({ matched: 12, flipped: 0 })
  const other = { ...predictions, images: predictions.images.map((name) => `${name}x`) }
  await expect(parity(ports, { ...input, ...sides, referencePredictions: other })).rejects.toThrow(/of other images/)
})

test('says which serving it is of, and which images an artefact was calibrated with', async () => {
  const calibrated = async (calibration: string) => {
    const names = "{0: 'dog', 1: 'cat'}"
    const metadata = { names, end2end: 'False', calibration }
    const artifact = join(root, 'calibrated.onnx')
    writeFileSync(artifact, constantModel({ ...rawHead(2, 21, found), metadata }))
    return parity(ports, {
      reference: { format: 'onnx', artifact: modelFile(root, 'reference.onnx', found) },
      artifact: { format: 'onnx-int8', artifact },
      dataset: readDataset(root),
      split: 'val',
      serving,
      threads: 1,
      resamples: 10,
      subject: { model: 'a'.repeat(64) },
    })
  }
  const evidence = await calibrated('c'.repeat(64))
  expect(problemsOf(document, evidence.body)).toEqual([])
  expect(evidence.body.artifact.calibration).toBe('c'.repeat(64))
  expect(evidence.subject).toEqual({ model: 'a'.repeat(64), serving: servingDigest(serving) })
  expect((await calibrated('anything')).body.artifact.calibration).toBeUndefined()
})

test('outputs are compared before anything is left out, and not at all where a head has suppressed its boxes', async () => {
  const input = { dataset: readDataset(root), split: 'val' as const, serving, threads: 1, resamples: 10, tensors: 2 }
  const reference = { format: 'onnx', artifact: modelFile(root, 'reference.onnx', found) }
  const moved = [
    { ...dog, cx: dog.cx + 0.5, score: 0.7 },
    { ...cat, score: 0.0005 },
  ]
  const artifact = { format: 'onnx-int8', artifact: modelFile(root, 'moved.onnx', moved) }
  const { tensors } = (await parity(ports, { ...input, reference, artifact })).body
  expect(tensors?.images).toBe(2)
  expect(tensors?.maxPx).toBeCloseTo(0.5, 6)
  expect(tensors?.maxScore).toBeCloseTo(0.7495, 6)
  // Of 21 anchors with four coordinates and two classes, one coordinate and two scores differ.
  expect(tensors?.meanPx).toBeCloseTo(0.5 / 84, 6)
  expect(tensors?.meanScore).toBeCloseTo((0.2 + 0.7495) / 42, 6)
  const head = { kind: 'end-to-end' as const, rows: 1 }
  expect(
    compareTensors([
      [
        { values: new Float32Array(6), head },
        { values: new Float32Array(6), head },
      ],
    ]),
  ).toBeNull()
  const raw = { kind: 'raw' as const, classes: 2, anchors: 1 }
  const none = { values: new Float32Array(6).fill(Number.NaN), head: raw }
  expect(compareTensors([[{ values: new Float32Array(6), head: raw }, none]])?.maxScore).toBeGreaterThan(1e300)
})

test('two boxes on one place are one that changed its class, and the others vanished or appeared', () => {
  const columns = (rows: [classId: number, x: number, score: number][]) => ({
    count: rows.length,
    image: Int32Array.from(rows, () => 0),
    classId: Int32Array.from(rows, ([classId]) => classId),
    score: Float64Array.from(rows, ([, , score]) => score),
    x: Float64Array.from(rows, ([, x]) => x),
    y: Float64Array.from(rows, () => 0),
    w: Float64Array.from(rows, () => 10),
    h: Float64Array.from(rows, () => 10),
  })
  const reference = columns([
    [0, 0, 0.9],
    [0, 40, 0.9],
    [1, 80, 0.9],
    [1, 200, 0.1],
  ])
  const artifact = columns([
    [0, 1, 0.8],
    [1, 41, 0.8],
    [1, 120, 0.8],
  ])
  expect(flippedBoxes(reference, artifact, 1, 0.25)).toEqual([
    { image: 0, kind: 'relabelled', reference: 1, artifact: 1 },
    { image: 0, kind: 'vanished', reference: 2, artifact: null },
    { image: 0, kind: 'appeared', reference: null, artifact: 2 },
  ])
})
