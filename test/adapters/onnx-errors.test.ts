import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import type { Serving } from '../../src/ports.ts'
import { type ConstantModel, constantModel, rawHead } from './onnx-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-onnx-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const runtime = createOnnxRuntime()
const serving: Serving = {
  imageSize: 32,
  channels: 'RGB',
  confidence: 0.25,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}
const picture = { width: 64, height: 32, rgb: new Uint8Array(64 * 32 * 3) }
const oneBox = rawHead(2, 21, [{ cx: 16, cy: 16, w: 8, h: 4, classId: 1, score: 0.5 }])
const names = { names: "{0: 'dog', 1: \"driver's seat\"}", stride: '32', args: "{'nms': False}", end2end: 'False' }

let written = 0
function file(content: Uint8Array | ConstantModel): string {
  const path = join(folder, `model${written++}.onnx`)
  writeFileSync(path, content instanceof Uint8Array ? content : constantModel(content))
  return path
}
const input = (type: number, shape: (number | string)[]) => [{ name: 'images', type, shape }]

test('gives a box in pixels of the picture, with the class names of the file', async () => {
  const detector = await runtime.load(file({ ...oneBox, metadata: names }), serving, 1)
  const found = await detector.predict(picture)
  await detector.release()
  expect(detector.classNames).toEqual(['dog', "driver's seat"])
  expect(detector.classCount).toBe(2)
  // 64 × 32 lies on the square at half size, 8 pixels below its top.
  expect([found.count, found.classId[0], found.score[0]]).toEqual([1, 1, 0.5])
  expect([found.x[0], found.y[0], found.w[0], found.h[0]]).toEqual([24, 12, 16, 8])
})

test('reads float16 outputs and feeds float16 inputs', async () => {
  const detector = await runtime.load(file({ ...oneBox, half: true, inputs: input(10, [1, 3, 32, 32]) }), serving, 1)
  const found = await detector.predict(picture)
  await detector.release()
  expect([found.x[0], found.y[0], found.w[0], found.h[0], found.score[0]]).toEqual([24, 12, 16, 8, 0.5])
})

test('takes an input with dynamic sides at the size asked for', async () => {
  const path = file({ ...oneBox, inputs: input(1, ['batch', 3, 'height', 'width']) })
  const detector = await runtime.load(path, serving, 1)
  expect((await detector.predict(picture)).count).toBe(1)
  await detector.release()
})

test('takes an end-to-end head as it is, without suppressing and with padding rows left out', async () => {
  const values = new Float32Array(300 * 6)
  values.set([8, 12, 16, 20, 0.9, 1, 8, 12, 16, 20, 0.8, 1, 0, 8, 4, 12, 0.2, 0])
  const detector = await runtime.load(file({ dims: [1, 300, 6], values, metadata: { end2end: 'True' } }), serving, 1)
  const found = await detector.predict(picture)
  await detector.release()
  expect([...found.score].map((score) => Math.fround(score))).toEqual([Math.fround(0.9), Math.fround(0.8)])
  expect([found.x[0], found.y[0], found.w[0], found.h[0]]).toEqual([16, 8, 16, 16])
})

test('takes [1, 6, anchors] of a two-class model for a raw head, not for an end-to-end one', async () => {
  const head = rawHead(2, 6, [{ cx: 16, cy: 16, w: 8, h: 4, classId: 0, score: 0.5 }])
  const detector = await runtime.load(file({ ...head, metadata: names }), serving, 1)
  expect((await detector.predict(picture)).count).toBe(1)
  await detector.release()
})

const whole = constantModel(oneBox)
const wrong: [string, () => string, RegExp][] = [
  ['a missing file', () => join(folder, 'none.onnx'), /there is no such model/],
  ['a folder', () => folder, /this is a folder/],
  ['an empty file', () => file(new Uint8Array()), /the file is empty/],
  ['a text file', () => file(new TextEncoder().encode('not a model, but words\n')), /not an ONNX model/],
  ['a file cut in half', () => file(whole.subarray(0, whole.length / 2)), /not an ONNX model/],
  ['random bytes', () => file(Uint8Array.from({ length: 500 }, (_, i) => (i * 193 + 71) % 256)), /not an ONNX model/],
  ['an operator that nobody knows', () => file({ ...oneBox, operator: 'EvilOp' }), /EvilOp/],
  [
    'two inputs',
    () => file({ ...oneBox, inputs: [...input(1, [1, 3, 32, 32]), { name: 'size', type: 1, shape: [2] }] }),
    /2 inputs \(images, size\)/,
  ],
  ['an 8-bit input', () => file({ ...oneBox, inputs: input(2, [1, 3, 32, 32]) }), /"images" is uint8/],
  [
    'channels last',
    () => file({ ...oneBox, inputs: input(1, [1, 32, 32, 3]) }),
    /\[1, 32, 32, 3\], expected \[1, 3, 32, 32\]/,
  ],
  ['another size than asked for', () => file({ ...oneBox, inputs: input(1, [1, 3, 64, 64]) }), /served at 32/],
  ['more classes than it names', () => file({ ...rawHead(5, 21, []), metadata: names }), /not 4 \+ 2 classes/],
  ['an output of another rank', () => file({ dims: [1, 8], values: new Float32Array(8) }), /the output is \[1, 8\]/],
]
test.each(wrong)('refuses %s as bad input that names the file', async (_, make, message) => {
  const path = make()
  await expect(runtime.load(path, serving, 1)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(message),
    where: path,
  })
})

test('refuses a model that answers with NaN instead of serving nothing', async () => {
  const values = oneBox.values.slice()
  values[4 * 21] = -1
  const detector = await runtime.load(file({ dims: oneBox.dims, values, operator: 'Sqrt' }), serving, 1)
  await expect(detector.predict(picture)).rejects.toThrow(/not numbers \(NaN\)/)
  await detector.release()
})

test('refuses thresholds and threads that mean nothing', async () => {
  const path = file(oneBox)
  await expect(runtime.load(path, { ...serving, confidence: 1.5 }, 1)).rejects.toThrow(/confidence 1.5/)
  await expect(runtime.load(path, { ...serving, iou: Number.NaN }, 1)).rejects.toThrow(/IoU NaN/)
  await expect(runtime.load(path, { ...serving, imageSize: 0 }, 1)).rejects.toThrow(/image size 0/)
  await expect(runtime.load(path, { ...serving, maxDetections: 0 }, 1)).rejects.toThrow(/0 is no number of detections/)
  await expect(runtime.load(path, serving, 0)).rejects.toThrow(/0 is no number of threads/)
})
