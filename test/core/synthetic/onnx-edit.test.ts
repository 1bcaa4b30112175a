import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOnnxRuntime } from '../../../src/adapters/onnx/runtime.ts'
import { pythonTool } from '../../../src/adapters/tools.ts'
import { UsageError } from '../../../src/core/errors.ts'
import type { ModelFacts } from '../../../src/core/synthetic/model-mutant.ts'
import { modelMutants } from '../../../src/core/synthetic/model-mutants.ts'
import { behindOutput, editWeights, outputOf } from '../../../src/core/synthetic/onnx-edit.ts'
import { constantModel, rawHead } from '../../adapters/onnx-writer.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-onnx-edit-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const boxes = [
  { cx: 8, cy: 8, w: 10, h: 10, classId: 0, score: 0.9 },
  { cx: 24, cy: 20, w: 8, h: 16, classId: 1, score: 0.75 },
  { cx: 10, cy: 24, w: 8, h: 8, classId: 2, score: 0.5 },
]
const names = "{0: 'a', 1: 'b', 2: 'c'}"
const serving = {
  imageSize: 32,
  channels: 'RGB' as const,
  confidence: 0.1,
  iou: 0.7,
  maxDetections: 10,
  multiLabel: false,
}

const rawModel = constantModel({ ...rawHead(3, 21, boxes), metadata: { names, end2end: 'False' } })
const rows = boxes.flatMap(({ cx, cy, w, h, classId, score }) => [
  cx - w / 2,
  cy - h / 2,
  cx + w / 2,
  cy + h / 2,
  score,
  classId,
])
const endToEnd = constantModel({ dims: [1, 3, 6], values: rows, metadata: { names, end2end: 'True' } })

const factsOf = (bytes: Uint8Array, kind: 'raw' | 'end-to-end'): ModelFacts => ({
  bytes,
  output: outputOf(bytes),
  head: { kind, classes: 3 },
  stride: 8,
})

async function found(bytes: Uint8Array) {
  const path = join(folder, 'model.onnx')
  writeFileSync(path, bytes)
  const checked = `import onnx, sys; m = onnx.load(sys.argv[1]); onnx.checker.check_model(m, full_check=True)`
  await execa(pythonTool('python'), ['-c', checked, path])
  const detector = await createOnnxRuntime().load(path, serving, 1)
  const out = await detector.predict({ width: 32, height: 32, rgb: new Uint8Array(32 * 32 * 3) })
  await detector.release()
  return [...out.classId].map((classId, i) => [classId, Number(out.score[i]?.toFixed(3)), out.x[i], out.y[i]])
}

const clean = [
  [0, 0.9, 3, 3],
  [1, 0.75, 20, 12],
  [2, 0.5, 6, 20],
]

test.each([
  ['raw', rawModel],
  ['end-to-end', endToEnd],
] as const)('mutants of a %s head do what they say and are sound ONNX', async (kind, model) => {
  const made = (id: string) => {
    const bytes = modelMutants.find((mutant) => mutant.id === id)?.bytes?.(factsOf(model, kind))
    expect(bytes).toBeInstanceOf(Uint8Array)
    return bytes as Uint8Array
  }
  expect(await found(model)).toEqual(clean)
  expect(await found(made('exported-again'))).toEqual(clean)
  // A score of class 0 answers for class 2 where rows are gathered, for class 1 where ids are counted up.
  const by = kind === 'raw' ? 2 : 1
  expect(await found(made('classes-rotated'))).toEqual(clean.map(([c = 0, ...rest]) => [(c + by) % 3, ...rest]))
  expect(await found(made('class-dropped'))).toEqual(clean.slice(1))
  expect(await found(made('half-a-stride'))).toEqual(clean.map(([c, s, x = 0, y = 0]) => [c, s, x + 4, y + 4]))
})

test('the output of a model is read by name, type and dimensions', () => {
  expect(outputOf(rawModel)).toEqual({ name: 'output0', type: 1, dims: [1, 7, 21] })
})

test('weights are edited in a copy, and only those of the wanted length', () => {
  const before = Uint8Array.from(rawModel)
  const shared = Buffer.from(rawModel)
  const { model, tensors } = editWeights(shared, 6, (values) => values.fill(0))
  expect(tensors).toBe(1)
  expect(model).toHaveLength(before.length)
  expect([...model]).not.toEqual([...before])
  expect(new Uint8Array(shared)).toEqual(before)
  expect(editWeights(rawModel, 1000, (values) => values.fill(0))).toEqual({ model: before, tensors: 0 })
})

test('bytes that are no whole model are refused at whatever place they end', () => {
  for (let length = 0; length < rawModel.length; length += 7) {
    const cut = rawModel.slice(0, length)
    for (const attempt of [() => outputOf(cut), () => behindOutput(cut, [], [])]) {
      try {
        attempt()
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError)
      }
    }
  }
})
