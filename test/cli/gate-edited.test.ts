import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { doctorWorld } from '../steps/doctor-world.ts'

let world: Awaited<ReturnType<typeof doctorWorld>>
const sluice = (...args: string[]) =>
  execa(process.execPath, [join(home, 'bin/sluice.mjs'), ...args], { reject: false })
const evidence = () => join(world.root, 'evaluation.json')
const policy = () => join(world.root, 'policy.yaml')
let text = ''

beforeAll(async () => {
  world = await doctorWorld(6)
  const run = await sluice('evaluate', '--model', world.model, '--data', world.data, '--evidence', evidence())
  expect(run.stderr + run.exitCode).toMatch(/0$/)
  text = readFileSync(evidence(), 'utf8')
  writeFileSync(
    policy(),
    'name: floor\ngates:\n  - { gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4 }\n',
  )
})
afterAll(() => world?.remove())

test('a gate passes an evaluation as it was written', async () => {
  writeFileSync(evidence(), text)
  const run = await sluice('gate', policy(), '--evidence', evidence())
  expect([run.exitCode, run.stdout]).toEqual([0, expect.stringContaining('floor: PASS')])
})

test.each<[string, (body: { coco: { stats: number[] }; perClass: { recall: number }[] }) => void]>([
  ['the mAP', (body) => body.coco.stats.splice(0, 1, 0.97)],
  ['a number of COCO behind it', (body) => body.coco.stats.splice(8, 1, 0.5)],
  ['the recall of a class', (body) => Object.assign(body.perClass[0] as object, { recall: 0.123 })],
])('a gate refuses an evaluation in which %s was edited by hand', async (_, edit) => {
  const document = JSON.parse(text)
  edit(document.body)
  writeFileSync(evidence(), JSON.stringify(document))
  const run = await sluice('gate', policy(), '--evidence', evidence())
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(/do not follow from its predictions/)])
})

test('a gate refuses predictions that were edited by hand', async () => {
  writeFileSync(evidence(), text)
  const file = join(world.root, JSON.parse(text).body.predictions.file)
  const predictions = readFileSync(file, 'utf8')
  writeFileSync(file, predictions.replace(/"score":\[0/, '"score":[1'))
  const run = await sluice('gate', policy(), '--evidence', evidence())
  writeFileSync(file, predictions)
  expect([run.exitCode, run.stderr]).toEqual([3, expect.stringMatching(/not the predictions that the evaluation/)])
})
