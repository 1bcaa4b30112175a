import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home, pythonTool } from '../../src/adapters/tools.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { dataFolder, found, modelFile, rowsOf } from '../steps/model-world.ts'
import { runAction } from './run-action.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-own-workflow-'))
const workspace = join(folder, 'repository')
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: workspace })

beforeAll(async () => {
  const [dog, cat] = found as [(typeof found)[number], (typeof found)[number]]
  const data = await dataFolder([rowsOf([dog, cat]), rowsOf([dog]), rowsOf([dog, cat]), rowsOf([cat])])
  mkdirSync(join(workspace, 'data'), { recursive: true })
  cpSync(data, join(workspace, 'data/x'), { recursive: true })
  rmSync(data, { recursive: true })
  const list = (...numbers: number[]) => numbers.map((i) => `images/picture${i}.png\n`).join('')
  writeFileSync(join(workspace, 'data/x/splits/train.txt'), list(1, 3))
  writeFileSync(join(workspace, 'data/x/splits/val.txt'), list(0, 2))
  modelFile(workspace, 'model.onnx', found)
  const script = 'import sys\nfrom ultralytics import YOLO\nYOLO(sys.argv[1]).save(sys.argv[2])'
  const definition = join(home, 'pipelines/models/worksite.yaml')
  await execa(pythonTool('python'), ['-c', script, definition, join(workspace, 'last.pt')], { timeout: 100_000 })
  mkdirSync(join(workspace, 'pipelines'))
  const pipeline = 'trainer: ultralytics\nrole: export\nseed: 0\nthreads: 1\nimageSize: 64\nepochs: 0\n'
  const more = `name: small\nmodel: ${definition}\narguments: { formats: [onnx], calibrationImages: 2 }\n`
  writeFileSync(join(workspace, 'pipelines/export.yaml'), pipeline + more)
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'first')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0
const run = (name: string, inputs: Record<string, string>, env: Record<string, string> = {}) =>
  runAction(fileURLToPath(new URL(`../../actions/${name}/main.ts`, import.meta.url)), inputs, {
    ...{ workspace, env },
    temp: join(folder, `temp-${runs++}`),
  })

test('evaluate scores the split that is asked for, and leaves the document, its predictions and the mistakes', async () => {
  // All that the model says is labelled in val. Of train's two pictures each has one of both boxes: the dog's false alarm
  // comes after its hit, the cat's before it, which makes AP 1 and 1/2.
  const right = await run('evaluate', { path: 'data/x', model: 'model.onnx' })
  expect(right.exitCode, right.stdout).toBe(0)
  expect(right.outputs).toMatchObject({ map: '1', map50: '1', images: '2' })
  expect(right.summary).toContain('mAP 1.0000, mAP50 1.0000 on 2 images of the split val')
  for (const name of ['evaluation.json', 'evaluation.predictions.json', 'hard.json', 'hard.html']) {
    expect(existsSync(join(right.outputs.folder as string, name)), name).toBe(true)
  }
  const half = await run('evaluate', { path: 'data/x', model: 'model.onnx', split: 'train' })
  expect(Number(half.outputs.map50)).toBeCloseTo(0.75, 6)
}, 120_000)

test.each([
  [{ model: 'none.onnx' }, /none\.onnx/],
  [{ model: 'model.onnx', split: 'test' }, /no images in split test/],
  [{ model: 'model.onnx', split: 'all' }, /all/],
])('evaluate fails without a score for %j', async (inputs, says) => {
  const { exitCode, outputs, stdout } = await run('evaluate', { path: 'data/x', ...(inputs as object) })
  expect([exitCode, outputs]).toEqual([1, {}])
  expect(stdout).toMatch(says)
})

test.each(['evaluate', 'export'])('%s takes the word of a proposal’s base on where data comes from', async (name) => {
  const [head, base] = [
    execFileSync('git', ['rev-parse', 'HEAD'], { cwd: workspace, encoding: 'utf8' }).trim(),
    'f'.repeat(40),
  ]
  const event = join(folder, 'event.json')
  writeFileSync(event, JSON.stringify({ pull_request: { number: 1, head: { sha: head }, base: { sha: base } } }))
  const inputs = { path: 'data/x', model: 'model.onnx', weights: 'last.pt', pipeline: 'pipelines/export.yaml' }
  const of = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event, GITHUB_SHA: head }
  const { exitCode, stdout, outputs } = await run(name, inputs, of)
  expect([exitCode, outputs]).toEqual([1, {}])
  expect(stdout).toMatch(/::error::.*ffffffffffff/)
})

test('export writes artefacts with their digests; INT8 is calibrated on training images', async () => {
  const asked = { weights: 'last.pt', path: 'data/x', pipeline: 'pipelines/export.yaml', formats: 'onnx,onnx-int8' }
  const { exitCode, outputs, stdout, summary } = await run('export', asked)
  expect(exitCode, stdout).toBe(0)
  const artifacts = JSON.parse(outputs.artifacts as string) as Record<string, string>[]
  expect(artifacts.map(({ format }) => format)).toEqual(['onnx', 'onnx-int8'])
  for (const { path, sha256: digest } of artifacts) {
    expect(path?.startsWith(`${outputs.folder}/`)).toBe(true)
    expect(sha256(readFileSync(path as string))).toBe(digest)
    expect(summary).toContain(digest)
  }
  expect(artifacts[1]?.calibration).toMatch(/^[0-9a-f]{64}$/)
}, 200_000)

test('export fails where INT8 has no images, where there are no weights, and where a format needs what is not here', async () => {
  const common = { weights: 'last.pt', pipeline: 'pipelines/export.yaml' }
  const without = await run('export', { ...common, formats: 'onnx-int8' })
  expect([without.exitCode, without.outputs]).toEqual([1, {}])
  expect(without.stdout).toContain('INT8 needs images to calibrate with')
  const nothing = await run('export', { ...common, weights: 'none.pt' })
  expect(nothing.stdout).toContain('none.pt: there are no such weights')
  const engine = await run('export', { ...common, formats: 'onnx,engine' })
  expect(engine.exitCode).toBe(1)
  expect(engine.stdout).toContain('::error::not every format was exported: engine')
  const artifacts = JSON.parse(engine.outputs.artifacts as string) as Record<string, string>[]
  const of = (format: string) => artifacts.find((artifact) => artifact.format === format)
  expect(of('onnx')?.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(of('engine')).toMatchObject({ sha256: '', missing: expect.stringContaining('needs') })
}, 200_000)
