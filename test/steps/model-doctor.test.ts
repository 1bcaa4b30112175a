import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import { createImages } from '../../src/adapters/images.ts'
import { readModelFile } from '../../src/adapters/onnx/model-file.ts'
import { createOnnxRuntime } from '../../src/adapters/onnx/runtime.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { home } from '../../src/adapters/tools.ts'
import type { LatencyRun } from '../../src/core/compare/latency.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { behindOutput, outputOf } from '../../src/core/synthetic/onnx-edit.ts'
import type { LatencyJob, MeasureLatency } from '../../src/steps/bench.ts'
import { type ModelDoctorInput, modelDoctor } from '../../src/steps/model-doctor.ts'
import { evaluateMutant, evidenceOf, judgeBy, subjectOf } from '../../src/steps/model-doctor-judge.ts'
import { stopsOf } from '../../src/steps/model-doctor-report.ts'
import { doctorWorld } from './doctor-world.ts'

let world: Awaited<ReturnType<typeof doctorWorld>>
beforeAll(async () => {
  world = await doctorWorld()
  mkdirSync(join(world.root, 'mutants'))
})
afterAll(() => world?.remove())

const ports = { runtime: createOnnxRuntime(), images: createImages(), storage: createStorage() }
const serving = {
  imageSize: 64,
  channels: 'RGB' as const,
  confidence: 0.001,
  iou: 0.7,
  maxDetections: 100,
  multiLabel: false,
}
const policies = ['model', 'export', 'latency'].map((name) => {
  const file = join(home, `gates/${name}.yaml`)
  return { yaml: readFileSync(file, 'utf8'), file }
})

function input(change: Partial<ModelDoctorInput> = {}): ModelDoctorInput {
  const { bytes } = readModelFile(world.model)
  return {
    model: world.model,
    facts: { bytes, output: outputOf(bytes), head: { kind: 'raw', classes: 2 }, stride: 8 },
    champion: null,
    dataset: readDataset(world.data),
    split: 'val',
    serving,
    threads: 1,
    policies,
    folder: join(world.root, 'mutants'),
    most: 40,
    seed: '0',
    only: ['itself', 'slow'],
    today: '2026-11-22',
    latency: { target: 'a test', runs: null, imagesPerRun: 8 },
    ...change,
  }
}

/** Runs of one millisecond a part, with a spread of the given share; a slowed job takes as much longer. */
function machine(spread: number) {
  const random = seededRandom('machine')
  return async ({ slowdown = 1 }: LatencyJob): Promise<LatencyRun> => {
    const ms = () => 1 + spread * (random.next() - 0.5)
    const luck = slowdown * ms()
    const parts = () => Array.from({ length: 8 }, () => luck * (1 + 0.01 * (random.next() - 0.5)))
    return {
      decodeMs: parts(),
      preprocessMs: parts(),
      inferenceMs: parts(),
      postprocessMs: parts(),
      peakMemoryMiB: 100,
    }
  }
}

test('a model that works twice as long fails at the latency gate', async () => {
  const report = await modelDoctor({ ...ports, measure: machine(0.02) }, input())
  expect(report.mutants).toMatchObject([{ id: 'slow', outcome: 'failed' }])
  expect(report.mutants[0]?.gates[0]).toMatch(/^latency ratio-p50/)
  expect([report.verdict, report.notes]).toEqual(['pass', []])
})

test('the slow model is measured as often as the shipped policy asks, and fewer runs are refused as too few', async () => {
  let runs = 0
  const counting: MeasureLatency = (job) => {
    runs += 1
    return machine(0.02)(job)
  }
  await modelDoctor({ ...ports, measure: counting }, input({ only: ['slow'] }))
  // Ten an arm of the model against itself, and ten an arm against the slow one.
  expect(runs).toBe(40)
  const latency = { target: 'a test', runs: 9, imagesPerRun: 8 }
  const report = await modelDoctor({ ...ports, measure: counting }, input({ only: ['slow'], latency }))
  expect(report.mutants).toMatchObject([
    { outcome: 'not applicable', message: expect.stringMatching(/^9 runs an arm/) },
  ])
  expect([report.notes, runs]).toEqual([[expect.stringMatching(/judges latency from 10 on/)], 40])
})

test('on a machine too noisy to tell, the slow model is not counted, and it is said why', async () => {
  const report = await modelDoctor({ ...ports, measure: machine(1.9) }, input())
  expect(report.mutants).toMatchObject([{ id: 'slow', outcome: 'not applicable' }])
  expect(report.notes).toMatchObject([expect.stringMatching(/too noisy/)])
})

test('a model that fails its own gates is told so, and its mutants are judged by the others', async () => {
  const policy = {
    file: 'strict.yaml',
    yaml: `name: strict
gates:
  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 1 }
  - { gate: no-regression, evidence: Comparison, target: champion, margin: 0.02, minimumUnits: 30 }
`,
  }
  const only = ['itself', 'bgr-for-rgb', 'nms-too-lax']
  const lax = { ...serving, iou: 0.95 }
  const report = await modelDoctor({ ...ports, measure: null }, input({ policies: [policy], only, serving: lax }))
  expect(report.controls).toMatchObject([{ id: 'itself', outcome: 'blamed', gates: ['minimum map'] }])
  expect(report.notes).toMatchObject([expect.stringMatching(/^the model itself does not pass minimum map/)])
  expect(report.mutants.find(({ id }) => id === 'bgr-for-rgb')?.gates).toEqual([
    'no-regression map against the champion',
  ])
  expect(report.verdict).toBe('fail')
})

test('what is open because the sample is small is a note, and no blame', async () => {
  const report = await modelDoctor({ ...ports, measure: null }, input({ only: ['itself', 'nms-too-lax'], most: 10 }))
  expect(report.sample).toEqual({ images: 10, of: 40, scenes: 10 })
  expect(report.controls).toMatchObject([{ id: 'itself', outcome: 'silent' }])
  expect(report.notes[0]).toMatch(
    /^the model itself leaves open no-regression .*fewer than 30.*more images may settle it/,
  )
})

test('boxes moved beyond the margins are stopped, boxes moved by next to nothing are not', async () => {
  const { dataset } = input()
  const setting = {
    ...input(),
    policies,
    validationSet: datasetDigests(dataset).validationSet as string,
  }
  const evaluated = (artifact: string) => evaluateMutant(ports, setting, { artifact, serving, format: 'onnx' })
  const own = await evaluated(world.model)
  const random = seededRandom('moved')
  const { bytes } = readModelFile(world.model)
  for (let trial = 0; trial < 12; trial++) {
    const much = trial % 2 === 0
    // The limit of export.yaml is half a pixel; a twentieth of one changes no match at any IoU up to 0.95.
    const by = (much ? 0.6 + 5 * random.next() : 0.05 * random.next()) * (random.int(2) === 0 ? -1 : 1)
    const shift = [by, random.int(2) * by, 0, 0, 0, 0]
    const artifact = join(world.root, 'mutants', `moved-${trial}.onnx`)
    const node = { op: 'Add', inputs: ['output0', 'by'], output: 'result' }
    writeFileSync(artifact, behindOutput(bytes, [node], [{ name: 'by', dims: [1, 6, 1], values: shift }]))
    const candidate = await evaluated(artifact)
    const evidence = await evidenceOf(ports, setting, { champion: own, reference: own, candidate })
    const stops = stopsOf(judgeBy(setting, evidence, subjectOf(candidate, own)))
    expect([by, stops.length > 0]).toEqual([by, much])
  }
})
