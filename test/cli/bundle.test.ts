import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import { home } from '../../src/adapters/tools.ts'
import { encodeBundle } from '../../src/core/documents/bundle.ts'
import { sha256 } from '../../src/core/documents/define.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { EvidenceError } from '../../src/core/errors.ts'
import { readBundle, writeBundle } from '../../src/steps/bundle.ts'
import { replay } from '../../src/steps/replay.ts'
import { doctorWorld } from '../steps/doctor-world.ts'
import { date } from '../steps/release-world.ts'
import { trainRunBody } from '../steps/train-run-body.ts'

let world: Awaited<ReturnType<typeof doctorWorld>>
let place = ''
let whole = Buffer.alloc(0)
const sluice = (line: string, ...more: string[]) =>
  execa(process.execPath, [join(home, 'bin/sluice.mjs'), ...line.split(' '), ...more], { reject: false, cwd: place })
const file = (name: string) => join(place, name)
const release = (version: string, bundle: string) =>
  sluice(
    `release cells ${version} --verdict verdict.json --judging judging.json --evidence evaluation.json --train-run run.json`,
    ...['--artifact', `onnx=${world.model}`, '--size', '64', '--date', date, '--bundle', bundle],
  )

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
  await sluice('evaluate --evidence evaluation.json --model', world.model, '--data', world.data)
  await sluice('gate floor.yaml --evidence evaluation.json --json verdict.json --judging judging.json')
  const made = await release('v1.0.0', 'v1.bundle')
  expect([made.exitCode, made.stderr]).toEqual([0, expect.stringContaining('cells@v1.0.0')])
  whole = readFileSync(file('v1.bundle'))
})
afterAll(() => world?.remove())

test('a bundle is computed again offline, and says that this proves no origin', async () => {
  const done = await sluice('gate --replay v1.bundle')
  expect([done.exitCode, done.stderr]).toEqual([0, ''])
  expect(done.stdout).toMatch(/arithmetic +Evaluation \w+ +its numbers follow from its predictions/)
  expect(done.stdout).toContain('cells v1.0.0: PASS. This proves the arithmetic, not where the predictions came from.')
  expect(done.stdout).toContain(`bundle ${sha256(whole)}`)
})

test('the same release gives the same bytes', async () => {
  expect((await release('v1.0.0', 'again.bundle')).exitCode).toBe(0)
  expect(readFileSync(file('again.bundle')).equals(whole)).toBe(true)
})

test('no bundle with a flipped byte is read, wherever the byte is', () => {
  const passed: number[] = []
  for (let at = 0; at < whole.length; at += at < 400 ? 1 : 7) {
    const bytes = Buffer.from(whole)
    bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
    try {
      readBundle(bytes, 'v1.bundle')
      passed.push(at)
    } catch (error) {
      expect(error).toBeInstanceOf(EvidenceError)
    }
  }
  expect(passed).toEqual([])
})

test('a cut bundle, a file twice, lines in another order and a file that nobody names are refused', () => {
  const lines = whole.toString().split('\n')
  const refused = (text: string, why: RegExp) => expect(() => readBundle(Buffer.from(text), 'x')).toThrow(why)
  refused(whole.toString().slice(0, -1), /last line has no end/)
  refused([lines[0], lines[1], lines[1], ''].join('\n'), /is in it twice/)
  refused([lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n'), /order of its lines/)
  refused(whole.toString().replace('"name":"manifest.json"', '"name":"../x.json"'), /no name of a bundled file/)
  const files = Object.fromEntries(
    lines.slice(1, -1).map((line) => {
      const { name, text } = JSON.parse(line) as { name: string; text: string }
      return [name, text]
    }),
  )
  expect(encodeBundle(files)).toBe(whole.toString())
  refused(encodeBundle({ ...files, [`predictions/${sha256('{}')}.json`]: '{}' }), /no evaluation names these/)
  const { 'judging.json': _, ...without } = files
  refused(encodeBundle(without), /lacks this/)
})

test('a number edited with every digest computed again does not follow from what is in the bundle', () => {
  const bundle = readBundle(whole, 'v1.bundle')
  const edited = structuredClone(bundle)
  const [line] = edited.verdict.body.lines
  if (line?.observed) line.observed += 0.01
  expect(replay(edited).filter(({ verdict }) => verdict === 'fail')).toMatchObject([
    { check: expect.stringMatching(/^verdict/) },
  ])
  const loosened = structuredClone(bundle)
  const [policy] = loosened.judging.body.policies
  if (policy) policy.yaml = policy.yaml.replace('0.4', '0.1')
  expect(replay(loosened).map(({ verdict }) => verdict)).toContain('fail')
  expect(() => writeBundle({ ...bundle, evidence: bundle.evidence.slice(1) })).toThrow(/lacks/)
})

test('what was judged must be named: no bundle and no tag without it', async () => {
  const made = await sluice(
    'release cells v1.1.0 --verdict verdict.json --judging judging.json --train-run run.json --size 64 --bundle x',
    ...['--artifact', `onnx=${world.model}`],
  )
  expect([made.exitCode, made.stderr]).toEqual([2, expect.stringMatching(/lacks what was judged/)])
  expect(await createGit(place).tags('cells@v1.1.0')).toEqual([])
})
