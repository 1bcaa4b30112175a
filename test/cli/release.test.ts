import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import { home } from '../../src/adapters/tools.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { doctorWorld } from '../steps/doctor-world.ts'
import { date } from '../steps/release-world.ts'
import { trainRunBody } from '../steps/train-run-body.ts'

let world: Awaited<ReturnType<typeof doctorWorld>>
let place = ''
const sluice = (...args: string[]) =>
  execa(process.execPath, [join(home, 'bin/sluice.mjs'), ...args], { reject: false, cwd: place })
const file = (name: string) => join(place, name)

beforeAll(async () => {
  world = await doctorWorld(6)
  place = join(world.root, 'repository')
  mkdirSync(place)
  const git = createGit(place, { date })
  await git.init('main')
  writeFileSync(file('README.md'), 'a project\n')
  await git.commit('first', ['README.md'])
  writeFileSync(
    file('floor.yaml'),
    'name: floor\ngates:\n  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4 }\n',
  )
  writeFileSync(file('run.json'), JSON.stringify(trainRun.make({ trainSet: sha256('train') }, trainRunBody)))
  const evaluated = await sluice(
    'evaluate',
    '--model',
    world.model,
    '--data',
    world.data,
    '--evidence',
    'evaluation.json',
  )
  const judged = await sluice('gate', 'floor.yaml', '--evidence', 'evaluation.json', '--json', 'verdict.json')
  expect([evaluated.exitCode, judged.exitCode]).toEqual([0, 0])
})
afterAll(() => world?.remove())

const release = (version: string, ...more: string[]) =>
  sluice(
    'release',
    'cells',
    version,
    '--verdict',
    'verdict.json',
    '--train-run',
    'run.json',
    '--artifact',
    `onnx=${world.model}`,
    '--size',
    '64',
    '--date',
    date,
    ...more,
  ) // prettier-ignore

test('releases what was judged, as it was judged', async () => {
  const done = await release('v1.0.0')
  expect([done.exitCode, done.stderr]).toEqual([0, expect.stringContaining('cells@v1.0.0')])
  const manifest = JSON.parse(readFileSync(file('cells-v1.0.0.json'), 'utf8'))
  const evaluation = JSON.parse(readFileSync(file('evaluation.json'), 'utf8'))
  expect(manifest.subject.serving).toBe(evaluation.subject.serving)
  expect(manifest.body.overrides).toBeUndefined()
})

test.each([
  ['--channels', 'BGR'],
  ['--confidence', '0.4'],
  ['--iou', '0.5'],
  ['--max-det', '100'],
  ['--nms', 'diou'],
  ['--size', '32'],
])('refuses a release with %s %s, which the verdict is not about', async (...change) => {
  const refused = await release('v1.1.0', ...change)
  expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringMatching(/the verdict is about serving/)])
})

test('releases it nevertheless for a reason, which the manifest keeps', async () => {
  const done = await release('v1.1.0', '--channels', 'BGR', '--override-serving', 'the camera sends BGR')
  expect(done.exitCode).toBe(0)
  const { body } = JSON.parse(readFileSync(file('cells-v1.1.0.json'), 'utf8'))
  expect(body.preprocessing.channels).toBe('BGR')
  expect(body.overrides).toMatchObject([{ what: 'serving', reason: 'the camera sends BGR' }])
})

test('a serving that was judged otherwise is released so without a word', async () => {
  const evaluated = await sluice(
    'evaluate',
    '--model',
    world.model,
    '--data',
    world.data,
    '--nms',
    'diou',
    '--served-conf',
    '0.4',
    '--evidence',
    'evaluation.json',
  ) // prettier-ignore
  expect(evaluated.exitCode).toBe(0)
  expect((await sluice('gate', 'floor.yaml', '--evidence', 'evaluation.json', '--json', 'verdict.json')).exitCode).toBe(
    0,
  )
  expect((await release('v1.2.0', '--nms', 'diou')).exitCode).toBe(3)
  expect((await release('v1.2.0', '--nms', 'diou', '--confidence', '0.4')).exitCode).toBe(0)
})
