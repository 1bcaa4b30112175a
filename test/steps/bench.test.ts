import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createImages } from '../../src/adapters/images.ts'
import { createLatencyMeasure } from '../../src/adapters/onnx/latency.ts'
import { createStorage } from '../../src/adapters/storage.ts'
import { servingDigest } from '../../src/core/detect/serving-digest.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { bench, type LatencyJob } from '../../src/steps/bench.ts'
import { constantModel, rawHead } from '../adapters/onnx-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const model = constantModel(rawHead(2, 21, [{ cx: 16, cy: 16, w: 8, h: 4, classId: 1, score: 0.5 }]))
const paths = ['a.onnx', 'b.onnx'].map((name) => join(folder, name)) as [string, string]
for (const path of paths) writeFileSync(path, model)
const image = join(folder, 'picture.png')
writeFileSync(image, await createImages().encodePng({ width: 8, height: 8, rgb: new Uint8Array(192).fill(90) }))
const serving = {
  imageSize: 32,
  channels: 'RGB' as const,
  confidence: 0.25,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}

function input(extra: object = {}) {
  return {
    baseline: { name: 'champion', artifact: paths[0] },
    candidate: { name: 'candidate', artifact: paths[1] },
    images: ['one', 'two', 'three'],
    serving,
    threads: 1,
    target: 'test',
    runs: 4,
    imagesPerRun: 2,
    ...extra,
  }
}

function recorder(msOf?: (index: number) => number) {
  const jobs: LatencyJob[] = []
  const measure = async (job: LatencyJob) => {
    jobs.push(job)
    const ms = Array.from(
      { length: job.timedImages },
      () => msOf?.(jobs.length) ?? (job.artifact === paths[0] ? 10 : 12),
    )
    const none = ms.map(() => 0)
    return { decodeMs: none, preprocessMs: none, inferenceMs: ms, postprocessMs: none, peakMemoryMiB: 50 }
  }
  return { jobs, measure }
}

test('interleaves A B B A, both arms of a pair on the same pictures', async () => {
  const { jobs, measure } = recorder()
  const document = await bench({ measure, storage: createStorage() }, input())
  expect(jobs.map(({ artifact }) => (artifact === paths[0] ? 'A' : 'B')).join('')).toBe('ABBAABBA')
  expect(jobs.map(({ images }) => images[0])).toEqual(['one', 'one', 'three', 'three', 'two', 'two', 'one', 'one'])
  expect(document.body.ratioP50).toMatchObject({ value: 1.2, low: 1.2, high: 1.2, n: 4 })
  const digests = { champion: sha256(model), artifact: sha256(model) }
  expect(document.subject).toEqual({ ...digests, serving: servingDigest(serving) })
})

test('two models of one name stay apart in the samples', async () => {
  const candidate = { name: 'champion', artifact: paths[1] }
  const { body } = await bench({ measure: recorder().measure, storage: createStorage() }, input({ candidate }))
  expect(Object.keys(body.samples)).toEqual(['champion', 'champion (candidate)'])
})

test('refuses one run, and no pictures', async () => {
  const ports = { measure: recorder().measure, storage: createStorage() }
  await expect(bench(ports, input({ runs: 1 }))).rejects.toThrow(/1 runs an arm give no interval/)
  await expect(bench(ports, input({ images: [] }))).rejects.toThrow(/no images to time/)
})

test('goes on to the second look where the first leaves it open, on the same ABBA line', async () => {
  const looked = async (ms: (i: number) => number, settle: object) => {
    const { jobs, measure } = recorder(ms)
    const { body } = await bench({ measure, storage: createStorage() }, input({ runs: 10, settle }))
    const { runsPerArm: runs, lookedAfter } = body.protocol
    return { runs, lookedAfter, order: jobs.map(({ artifact }) => (artifact === paths[0] ? 'A' : 'B')) }
  }
  const wild = (i: number) => 10 * (1 + 0.3 * Math.sin(i * i))
  const open = await looked(wild, { p50: 1.05 })
  expect([open.runs, open.lookedAfter]).toEqual([80, [10, 80]])
  expect(open.order.join('')).toBe('ABBA'.repeat(40))
  expect(await looked(() => 10, { p50: 1.05 })).toMatchObject({ runs: 10, lookedAfter: [10] })
  // The tail alone, and a limit that is met at once beside it.
  expect((await looked(wild, { p95: 1.05 })).lookedAfter).toEqual([10, 80])
  expect((await looked(() => 10, { p50: 1.05, p95: 1.05 })).lookedAfter).toEqual([10])
  // Little spread: forty are enough.
  const calm = (i: number) => 10 * (1 + 0.02 * Math.sin(i * i))
  expect((await looked(calm, { p50: 1.001 })).lookedAfter).toEqual([10, 40])
})

test('measures in fresh processes for real', async () => {
  const ports = { measure: createLatencyMeasure(), storage: createStorage() }
  const { body } = await bench(ports, input({ images: [image], runs: 2, imagesPerRun: 3 }))
  expect(body.samples.champion).toHaveLength(6)
  expect(body.samples.champion?.every((ms) => ms > 0)).toBe(true)
  expect(body.arms.every((arm) => arm.peakMemoryMiB > 20 && arm.runs === 2)).toBe(true)
  expect(body.arms.every((arm) => (arm.loadMs ?? 0) > 0 && arm.artifactBytes === model.length)).toBe(true)
  expect(body.arms.every((arm) => arm.partsMs && arm.partsMs.decode > 0 && (arm.endToEndMs ?? 0) > arm.p50Ms)).toBe(
    true,
  )
})

test("a planted slowdown is the candidate's alone, and is added to both clocks", async () => {
  const { jobs, measure } = recorder()
  await bench({ measure, storage: createStorage() }, input({ slowdown: 1.05 }))
  expect(jobs.map(({ slowdown }) => slowdown)).toEqual(
    jobs.map(({ artifact }) => (artifact === paths[0] ? undefined : 1.05)),
  )
  const job = { artifact: paths[0], images: [image], timedImages: 5, warmUp: 0, threads: 1, serving, slowdown: 50 }
  const { processorMs = [], inferenceMs, doneAt } = await createLatencyMeasure()(job)
  expect(inferenceMs.every((ms, i) => ms > 0 && (processorMs[i] ?? 0) > 0)).toBe(true)
  expect(doneAt).toHaveLength(5)
})

test('images a second of several processes are told, and left out where they never worked at once', async () => {
  const told = async (doneAt: (process: number) => number[]) => {
    let processes = 0
    const { measure } = recorder()
    const timed = async (job: LatencyJob) => ({ doneAt: doneAt(processes++), ...(await measure(job)) })
    const { body } = await bench({ measure: timed, storage: createStorage() }, input({ streams: 2 }))
    return body.arms.map((arm) => arm.streams)
  }
  expect(await told(() => [0, 500, 1000])).toEqual(Array(2).fill({ count: 2, imagesPerSecond: 4 }))
  expect(await told((process) => [1000 * process, 1000 * process + 500])).toEqual([undefined, undefined])
})

test('a provider that is not installed is an error that names it, never another in its place', async () => {
  const job = { artifact: paths[0], images: [image], timedImages: 1, warmUp: 0, threads: 1, serving }
  for (const provider of ['cuda', 'tensorrt'] as const)
    await expect(createLatencyMeasure()({ ...job, provider })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(new RegExp(`has no ${provider} here, so nothing was measured`)),
    })
})

test('a model that the process refuses is bad input here too, and a process that dies a tool error', async () => {
  const job = { artifact: join(folder, 'none.onnx'), images: [image], timedImages: 1, warmUp: 0, threads: 1, serving }
  await expect(createLatencyMeasure()(job)).rejects.toMatchObject({ name: 'UsageError', where: job.artifact })
  const unreadable = { ...job, artifact: paths[0], images: [join(folder, 'none.png')] }
  await expect(createLatencyMeasure()(unreadable)).rejects.toMatchObject({ name: 'ToolError' })
  await expect(createLatencyMeasure(1)({ ...job, artifact: paths[0] })).rejects.toThrow(/did not end within 0.001 s/)
})
