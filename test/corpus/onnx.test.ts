import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { bytesField, type ConstantModel, constantModel, message, rawHead, textField } from '../adapters/onnx-writer.ts'
import { assertAnswer, casesOf, runCase } from './run-corpus.ts'

const head = rawHead(2, 21, [{ cx: 16, cy: 16, w: 8, h: 4, classId: 1, score: 0.5 }])
const whole = constantModel(head)
const external = (location: string, ...more: [string, string][]): Partial<ConstantModel> => ({
  tensorBytes: null,
  external: [['location', location], ...more],
})
const withNaN = { values: Float32Array.from(head.values, (value, i) => (i === 7 ? Number.NaN : value)) }

/** A graph that holds another in an attribute of its node, so many deep. */
function nested(depth: number): Uint8Array {
  let graph = message([textField(2, 'inner')])
  for (let i = 0; i < depth; i++) {
    const attribute = message([textField(1, 'body'), bytesField(6, graph)])
    graph = message([bytesField(1, message([textField(4, 'Loop'), bytesField(5, attribute)]))])
  }
  return graph
}

function manyNodes(count: number): Uint8Array {
  const node = bytesField(1, message([textField(4, 'Identity')]))
  return new Uint8Array(Buffer.concat(Array.from({ length: count }, () => node)))
}

/** The bytes of each case: models are built here, so that what is wrong with one can be read. */
const models: Record<string, Uint8Array | Partial<ConstantModel>> = {
  empty: new Uint8Array(),
  'cut-in-half': whole.subarray(0, whole.length / 2),
  'cut-by-one-byte': whole.subarray(0, whole.length - 1),
  'a-zip': Uint8Array.from([0x50, 0x4b, 3, 4, ...new Array<number>(200).fill(0)]),
  'a-pickle': Uint8Array.from([0x80, 2, 0x63, 0x6f, 0x73, 0x0a, 0x73, 0x79, 0x73, 0x74, 0x65, 0x6d, 0x0a]),
  'external-parent': external('../secret.bin'),
  'external-nested-parent': external('a/../../x'),
  'external-absolute': external('/etc/passwd'),
  'external-beside': external('weights.bin'),
  'external-offset': external('weights.bin', ['offset', '99999999999'], ['length', '4'], ['length', '8']),
  'operator-unknown': { operator: 'EvilOp' },
  'operator-domain': { domain: 'com.evil' },
  'opset-99': { opset: 99 },
  'ir-version-255': { irVersion: 255 },
  'tensor-giant': { tensorDims: [1_000_000, 1_000_000], tensorBytes: new Uint8Array(16) },
  'tensor-giant-without-bytes': { tensorDims: [1_000_000, 1_000_000], tensorBytes: null },
  'tensor-negative-side': { tensorDims: [1, -6, 21] },
  'tensor-bytes-short': { tensorBytes: new Uint8Array(20) },
  'weights-nan': withNaN,
  'weights-nan-half': { ...withNaN, half: true, inputs: [{ name: 'images', type: 10, shape: [1, 3, 32, 32] }] },
  'input-channels-last': { inputs: [{ name: 'images', type: 1, shape: [1, 32, 32, 3] }] },
  'input-batch-0': { inputs: [{ name: 'images', type: 1, shape: [0, 3, 32, 32] }] },
  'input-bytes': { inputs: [{ name: 'images', type: 2, shape: [1, 3, 32, 32] }] },
  'input-none': { inputs: [] },
  'output-none': { outputs: 0 },
  'output-other-classes': rawHead(80, 21, []),
  'output-names-other': { metadata: { names: "{0: 'x', 1: 'y', 2: 'z'}" } },
  'output-nan': { operator: 'Sqrt', values: Float32Array.from(head.values, (value, i) => (i === 84 ? -1 : value)) },
  'names-injected': { metadata: { names: '__import__("os").system("touch pwned")' } },
  'names-control': { metadata: { names: "{0: '\\u001b[31mred', 1: '::error::x'}" } },
  'graphs-nested': { inGraph: nested(100) },
  'graph-of-200000-nodes': { inGraph: manyNodes(200_000) },
  'two-models': new Uint8Array(Buffer.concat([whole, whole])),
  'bytes-behind': { behind: bytesField(99, new Uint8Array(64)) },
  good: { metadata: { names: "{0: 'dog', 1: 'cat'}" } },
  'good-infinity-in-weights': { values: Float32Array.from(head.values, (value, i) => (i === 125 ? -Infinity : value)) },
}

async function prepare(folder: string, name: string): Promise<void> {
  const model = models[name]
  if (model === undefined) throw new Error(`no model is built for ${name}`)
  writeFileSync(join(folder, 'model.onnx'), model instanceof Uint8Array ? model : constantModel({ ...head, ...model }))
  const picture = sharp({ create: { width: 64, height: 32, channels: 3, background: { r: 9, g: 99, b: 9 } } }).png()
  const bytes = await picture.toBuffer()
  for (const split of ['train', 'val']) {
    for (const kind of ['images', 'labels']) mkdirSync(join(folder, 'data', kind, split), { recursive: true })
    writeFileSync(join(folder, `data/images/${split}/a.png`), bytes)
    writeFileSync(join(folder, `data/labels/${split}/a.txt`), '1 0.5 0.5 0.25 0.25\n')
  }
  writeFileSync(join(folder, 'data/data.yaml'), 'train: images/train\nval: images/val\nnames: [dog, cat]\n')
}

describe('onnx: each bad model has its answer, and no good one is blamed', () => {
  const command = ['evaluate', '--model', './model.onnx', '--data', './data', '--image-size', '32']
  test('every case has a model, and every model a case', () => {
    expect(casesOf('onnx').map(({ name }) => name)).toEqual(Object.keys(models).sort())
  })
  test.each(casesOf('onnx').map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const expected = { command, ...one.expected }
    const answer = await runCase({ ...one, expected }, { prepare: (folder) => prepare(folder, name) })
    assertAnswer({ name, expected }, answer)
    expect(answer.milliseconds).toBeLessThan(20_000)
  })
})
