import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import type { ModelDoctorReport } from '../../src/steps/model-doctor-report.ts'
import { doctorWorld } from '../steps/doctor-world.ts'

let world: Awaited<ReturnType<typeof doctorWorld>>
let report: ModelDoctorReport
let printed = { exitCode: -1, stdout: '' }
const sluice = (...args: string[]) =>
  execa(process.execPath, [join(home, 'bin/sluice.mjs'), 'gates', 'doctor', ...args], { reject: false })
const slow = 120_000

beforeAll(async () => {
  world = await doctorWorld()
  const json = join(world.root, 'report.json')
  const run = await sluice('--model', world.model, '--data', world.data, '--no-latency', '--json', json)
  printed = { exitCode: run.exitCode ?? -1, stdout: run.stdout }
  expect(run.stderr).not.toContain('bug in sluice')
  report = JSON.parse(readFileSync(json, 'utf8'))
}, slow)
afterAll(() => world?.remove())

test('the shipped policy stops every mutant, and blames no change that means nothing', () => {
  const through = [...report.mutants, ...report.controls].filter(
    ({ outcome }) => !['failed', 'held', 'refused', 'silent'].includes(outcome),
  )
  expect(through).toMatchObject([{ id: 'slow', outcome: 'not applicable' }])
  expect(report.mutants.length).toBeGreaterThanOrEqual(25)
  expect(report.controls.map(({ id }) => id)).toEqual(['itself', 'defaults-spelt-out', 'more-room', 'exported-again'])
  expect([printed.exitCode, report.verdict]).toEqual([0, 'pass'])
})

const by = (id: string) => report.mutants.find((line) => line.id === id)

test.each([
  ['bgr-for-rgb', 'minimum'],
  ['scale-missing', 'minimum'],
  ['padding-black', 'no-regression'],
  ['stretched', 'no-regression'],
  ['nms-too-eager', 'no-regression'],
  ['nms-too-lax', 'no-regression'],
  ['confidence-too-high', 'no-regression'],
  ['half-a-stride', 'minimum'],
  ['class-dropped', 'minimum'],
  ['int8-clipped', 'parity'],
])('%s fails at %s', (id, gate) => {
  expect(by(id)?.outcome).toBe('failed')
  expect(by(id)?.gates.map((name) => name.split(' ')[0])).toContain(gate)
})

test.each([
  ['weights-nan', /NaN/],
  ['truncated', /ends inside a field/],
  ['metric-edited', /do not follow from its predictions/],
  ['predictions-edited', /not the predictions/],
  ['other-images', /differ in their images/],
  ['released-otherwise', /about serving/],
  ['trained-on-validation', /trained on set/],
  ['calibrated-on-validation', /may not calibrate/],
])('%s is refused with a reason', (id, why) => {
  expect(by(id)?.outcome).toBe('refused')
  expect(by(id)?.message).toMatch(why)
})

test('the table names the gates and says what was planted', () => {
  expect(printed.stdout).toMatch(/^pass: \d+ of \d+ mutants are killed, 0 of 4 controls are blamed/)
  expect(printed.stdout).toMatch(/bgr-for-rgb +failed +\d\.\d{3} {2}red and blue exchanged: minimum map/)
})

test(
  'the shipped latency policy stops a model that works twice as long, measured in processes of their own',
  async () => {
    const run = await sluice('--model', world.model, '--data', world.data, '--only', 'slow')
    expect(run.stdout).toMatch(/^ {2}slow +failed .*: latency ratio-p50/m)
    expect(run.exitCode).toBe(0)
  },
  slow,
)

test(
  'a policy that asks for nothing lets mutants through: exit code 1',
  async () => {
    const run = await sluice(
      '--model',
      world.model,
      '--data',
      world.data,
      '--policy',
      join(home, 'gates/latency.yaml'),
      '--only',
      'bgr-for-rgb,itself',
      '--images',
      '10',
      '--no-latency',
    ) // prettier-ignore
    expect(run.stdout).toMatch(/BGR|bgr-for-rgb +SURVIVED/)
    expect(run.exitCode).toBe(1)
  },
  slow,
)

test.each([
  [['--model', 'none.onnx'], /--model and --data go together/],
  [['--only', 'no-such'], /there is no mutant "no-such"/],
  [['--images', '1'], /--images 1: expected a whole number/],
])(
  'refuses %j',
  async (args, says) => {
    const whole = args[0] === '--model' ? args : ['--model', world.model, '--data', world.data, ...args]
    const run = await sluice(...whole)
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(says)])
  },
  slow,
)
