import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readModelFile } from '../../src/adapters/onnx/model-file.ts'
import { home, pythonTool } from '../../src/adapters/tools.ts'
import { createUltralyticsTrainer, tensorDigest } from '../../src/adapters/ultralytics/trainer.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import type { ExportResult } from '../../src/ports.ts'
import { hashOf, silent, tinySet } from './tiny-set.ts'

const trainer = createUltralyticsTrainer()
const slow = 300_000
let set: Awaited<ReturnType<typeof tinySet>>
let output: string
let weights: string
let tensors: string
let artifacts: ExportResult

beforeAll(async () => {
  set = await tinySet(6)
  output = `${set.root}-out`
  const trained = await trainer.train(
    {
      role: 'champion',
      pipeline: 'tiny',
      model: join(home, 'pipelines/models/worksite.yaml'),
      train: set.images,
      val: [],
      classes: ['red', 'it’s "blue"'],
      imageSize: 64,
      epochs: 2,
      seed: 0,
      threads: 1,
      arguments: { batch: 2, nbs: 2, optimizer: 'AdamW', lr0: 0.001, device: 'cpu', amp: false, mosaic: 0 },
      output,
    },
    silent,
  )
  ;({ last: weights, tensors } = trained)
  artifacts = await trainer.export(
    {
      weights,
      imageSize: 64,
      output: join(output, 'artifacts'),
      formats: ['onnx', 'onnx-fp16', 'onnx-int8', 'onnx-int8-all'],
      calibration: set.images.slice(0, 3),
      calibrationDigest: 'd'.repeat(64),
      threads: 1,
    },
    silent,
  )
}, slow)
afterAll(() => {
  rmSync(set.root, { recursive: true, force: true })
  rmSync(output, { recursive: true, force: true })
})

test('only quantised artefacts name the images that they were calibrated with', () => {
  const said = artifacts.map(({ format, path }) => [format, readModelFile(path).metadata.raw.calibration])
  expect(said).toEqual([
    ['onnx', undefined],
    ['onnx-fp16', undefined],
    ['onnx-int8', 'd'.repeat(64)],
    ['onnx-int8-all', 'd'.repeat(64)],
  ])
})

// Independent of the driver: torch’s own forward pass, and the graphs as the onnx package reads them. A node counts as
// quantised when its result is rounded to eight bits.
const oracle = `
import json, re, sys, numpy, onnx, onnxruntime, torch
weights, *paths = sys.argv[1:]
model = torch.load(weights, weights_only=False)["model"].float().eval()
picture = numpy.random.default_rng(0).random((1, 3, 64, 64), dtype=numpy.float32)
with torch.no_grad():
    said = model(torch.from_numpy(picture))
want = (said[0] if isinstance(said, (tuple, list)) else said).numpy()
found = {}
for path in paths:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    graph = onnx.load(path)
    got = session.run(None, {"images": picture})[0]
    outputs = {o: n for n in graph.graph.node for o in n.output}
    quantised = [outputs[n.input[0]].name for n in graph.graph.node if n.op_type == "QuantizeLinear" and n.input[0] in outputs]
    found[path] = {
        "difference": float(numpy.abs(got - want).max()), "shape": list(got.shape), "type": str(got.dtype),
        "opset": graph.opset_import[0].version, "metadata": {p.key: p.value for p in graph.metadata_props},
        "inHead": [n for n in quantised if "/model.14/" in n], "quantised": len(quantised),
    }
print(json.dumps(found))
`
type Facts = {
  difference: number
  shape: number[]
  type: string
  opset: number
  metadata: Record<string, string>
  inHead: string[]
  quantised: number
}

test(
  'ONNX says what torch says, INT8 leaves the tail of the head out, and metadata is in every file',
  async () => {
    const paths = artifacts.map(({ path }) => path)
    const names = ['last.onnx', 'last.fp16.onnx', 'last.int8.onnx', 'last.int8-all.onnx']
    expect(paths.map((path) => path.split('/').at(-1))).toEqual(names)
    const { stdout } = await execa(pythonTool('python'), ['-c', oracle, weights, ...paths])
    const found = JSON.parse(stdout) as Record<string, Facts>
    const [full, half, int8, all] = paths.map((path) => found[path] as Facts)
    expect(full!.difference).toBeLessThan(1e-3)
    expect(half!.difference).toBeLessThan(0.5)
    for (const facts of [full!, half!, int8!, all!]) {
      expect(facts).toMatchObject({ shape: [1, 6, 80], type: 'float32', opset: 17 })
      expect(facts.metadata).toMatchObject({ stride: '16', imgsz: '[64, 64]', task: 'detect' })
      expect(facts.metadata.names).toContain('red')
      expect(facts.metadata.names).toContain('blue')
      expect(facts.metadata).not.toHaveProperty('date')
      expect(JSON.stringify(facts.metadata)).not.toContain(set.root)
    }
    expect(full!.quantised).toBe(0)
    expect(int8!.inHead.length).toBeGreaterThan(0)
    expect(int8!.inHead.filter((name) => !/\/cv[23]\./.test(name))).toEqual([])
    expect(all!.inHead.filter((name) => !/\/cv[23]\./.test(name)).length).toBeGreaterThan(0)
  },
  slow,
)

test(
  'the same weights give the same bytes, the tensors keep their digest, the weights their bytes',
  async () => {
    const before = hashOf(set.root)
    const weightsBefore = sha256(readFileSync(weights))
    const [again] = await trainer.export(
      { weights, imageSize: 64, output: join(output, 'again'), formats: ['onnx'], calibration: [], threads: 1 },
      silent,
    )
    expect(sha256(readFileSync(again!.path))).toBe(sha256(readFileSync(artifacts[0]!.path)))
    expect(await tensorDigest(weights, join(output, 'digest'))).toBe(tensors)
    expect(sha256(readFileSync(weights))).toBe(weightsBefore)
    expect(hashOf(set.root)).toBe(before)
  },
  slow,
)

test(
  'the trainer’s own validation gives a number for every class, and writes nothing beside the data',
  async () => {
    const before = hashOf(set.root)
    const result = await trainer.validate({
      model: weights,
      images: set.images,
      classes: ['red', 'it’s "blue"'],
      imageSize: 64,
      threads: 1,
      output: join(output, 'validated'),
    })
    expect(result.perClass).toHaveLength(2)
    expect(result.map50).toBeGreaterThanOrEqual(result.map)
    expect(hashOf(set.root)).toBe(before)
  },
  slow,
)
