import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImages } from '../../src/adapters/images.ts'
import { readModelFile } from '../../src/adapters/onnx/model-file.ts'
import { createArtifactRuntime } from '../../src/adapters/runtimes/runtime.ts'
import { home, pythonTool } from '../../src/adapters/tools.ts'
import { createUltralyticsTrainer, tensorDigest } from '../../src/adapters/ultralytics/trainer.ts'
import { compareTensors } from '../../src/core/compare/tensors.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import type { ExportFormat, ExportResult } from '../../src/ports.ts'
import { trainRunOf } from '../core/judge/planted.ts'
import { runtimesFolder } from '../runtimes/world.ts'
import { hashOf, silent, tinySet } from './tiny-set.ts'

const trainer = createUltralyticsTrainer()
const slow = 300_000
let set: Awaited<ReturnType<typeof tinySet>>
let output: string
let weights: string
let tensors: string
let artifacts: ExportResult

const train = (folder: string, epochs: number) =>
  trainer.train(
    {
      role: 'champion',
      pipeline: 'tiny',
      model: join(home, 'pipelines/models/worksite.yaml'),
      train: set.images,
      val: [],
      classes: ['red', 'it’s "blue"'],
      imageSize: 64,
      epochs,
      seed: 0,
      threads: 1,
      arguments: { batch: 2, nbs: 2, optimizer: 'AdamW', lr0: 0.001, device: 'cpu', amp: false, mosaic: 0 },
      output: folder,
    },
    silent,
  )

beforeAll(async () => {
  set = await tinySet(6)
  output = `${set.root}-out`
  const trained = await train(output, 2)
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

const exportTo = (folder: string, formats: ExportFormat[], of = weights) =>
  trainer.export(
    { weights: of, imageSize: 64, output: join(output, folder), formats, calibration: [], threads: 1 },
    silent,
  )

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
    // A library may say something first when it runs for the first time.
    const found = JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, Facts>
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

test(
  'a format whose tool is missing is not exported, says what it needs, and keeps none of the others back',
  async () => {
    const results = await exportTo('lacking', ['openvino', 'tflite', 'engine', 'onnx'])
    expect(results.map(({ format, path, missing }) => [format, path.split('/').at(-1), missing])).toEqual([
      ['openvino', '', 'the Python package openvino'],
      ['tflite', '', expect.stringContaining('litert-torch')],
      ['engine', '', expect.stringContaining('tensorrt')],
      ['onnx', 'last.onnx', undefined],
    ])
  },
  slow,
)

test(
  'weights, ONNX and the OpenVINO model that Ultralytics exports give the same outputs on real pictures',
  async () => {
    const packages = join(output, 'packages')
    mkdirSync(packages)
    const [site = ''] = globSync(join(runtimesFolder(), 'lib/python3*/site-packages'))
    for (const name of readdirSync(site).filter((entry) => entry.startsWith('openvino'))) {
      symlinkSync(join(site, name), join(packages, name))
    }
    const before = process.env.PYTHONPATH
    process.env.PYTHONPATH = packages
    try {
      // After two epochs a network says the same of every picture, and so would any artefact of it.
      const { last } = await train(join(output, 'longer'), 40)
      const [model, full] = await exportTo('openvino', ['openvino', 'onnx'], last)
      expect(model?.path).toMatch(/last_openvino_model$/)
      const serving = { imageSize: 64, channels: 'RGB' as const, confidence: 0.001, iou: 0.7, maxDetections: 300 }
      const runtime = createArtifactRuntime()
      const tensors = []
      for (const artifact of [last, full?.path ?? '', model?.path ?? '']) {
        const detector = await runtime.load(artifact, { ...serving, multiLabel: false }, 1)
        expect(detector.classNames).toEqual(['red', 'it’s "blue"'])
        const found = []
        for (const image of set.images) {
          found.push(await detector.tensor!(await createImages().decode(readFileSync(image))))
        }
        await detector.release()
        tensors.push(found)
      }
      const [trained = [], onnx = [], openvino = []] = tensors
      for (const other of [onnx, openvino]) {
        const apart = compareTensors(trained.map((tensor, i) => [tensor, other[i]!]))
        expect(apart?.images).toBe(6)
        expect(apart?.maxPx).toBeLessThan(1e-2)
        expect(apart?.maxScore).toBeLessThan(1e-4)
      }
      // The pictures differ, and so must their outputs: equal constants would agree too.
      expect(compareTensors([[trained[0]!, trained[1]!]])?.maxPx).toBeGreaterThan(1)
    } finally {
      if (before === undefined) delete process.env.PYTHONPATH
      else process.env.PYTHONPATH = before
    }
  },
  slow,
)

test(
  'the command exports at the size of the training run beside the weights, unless another is given',
  async () => {
    writeFileSync(join(dirname(weights), 'train-run.json'), JSON.stringify(trainRunOf({ arguments: { imgsz: 64 } })))
    const exported = async (...more: string[]) => {
      const to = join(output, 'command')
      const args = [join(home, 'bin/sluice.mjs'), 'export', weights, '--output', to, '--formats', 'onnx', ...more]
      const { exitCode, stderr } = await execa(process.execPath, args, { reject: false })
      return exitCode === 0 ? readModelFile(join(to, 'last.onnx')).metadata.imageSize : `${exitCode}: ${stderr}`
    }
    expect(await exported()).toBe(64)
    expect(await exported('--image-size', '96')).toBe(96)
    expect(await exported('--image-size', '100')).toMatch(/^2: .*no multiple of 32/)
  },
  slow,
)
