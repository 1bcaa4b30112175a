import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Document, documentId } from '../../src/core/documents/define.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { verdict } from '../../src/core/documents/verdict.ts'
import { comparisonOf, evaluationOf, smokeOf, subject } from '../core/judge/planted.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sluice = (...args: string[]) => execa('node', [join(root, 'bin/sluice.mjs'), 'gate', ...args], { reject: false })
const model = join(root, 'gates/model.yaml')

let folder: string
const file = (name: string) => join(folder, name)
const put = (name: string, document: Document) => writeFileSync(file(name), JSON.stringify(document))
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-gate-'))
  const names = ['person', 'helmet']
  for (const run of ['good', 'open']) {
    mkdirSync(file(run))
    put(`${run}/smoke.json`, smokeOf())
    put(
      `${run}/evaluation.json`,
      evaluationOf(
        0.75,
        names.map((name) => [name, 0.93, 300]),
      ),
    )
    put(
      `${run}/champion.json`,
      comparisonOf(
        'champion',
        [0.115, 0.019],
        [
          ['person', 0.1, 0.04],
          ['helmet', 0.1, 0.04],
        ],
      ),
    )
    // A champion's own evaluation and a file that is no document lie beside the evidence in any run folder.
    put(`${run}/champion-evaluation.json`, evaluationOf(0.64, [], { ...subject, model: subject.champion }))
    writeFileSync(file(`${run}/predictions.json`), '[]')
  }
  put(
    'good/control.json',
    comparisonOf(
      'control',
      [0.09, 0.018],
      [
        ['person', 0.07, 0.04],
        ['helmet', 0.07, 0.04],
      ],
    ),
  )
  put(
    'harm.json',
    comparisonOf(
      'control',
      [0.02, 0.01],
      [
        ['person', 0.2, 0.04],
        ['helmet', -0.2, 0.04],
      ],
    ),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('passes with exit code 0, a table, and a sound Verdict', async () => {
  const { stdout, stderr, exitCode } = await sluice(model, '--evidence', file('good'), '--json', file('verdict.json'))
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^pass +no-harm +map of helmet against the control +0.07 \[0.036, 0.117\] +≥ −0.05 AP$/m)
  expect(stdout.split('\n').at(-1)).toMatch(/^model: PASS\. /)
  expect(stderr).toBe('1 JSON file is no document and not read')
  const document = parseEvidence(verdict, readFileSync(file('verdict.json'), 'utf8'), 'verdict.json')
  expect(document.body.verdict).toBe('pass')
  expect(document.subject).toMatchObject({ model: subject.model, champion: subject.champion, control: subject.control })
})

test('fails with exit code 1 and names the class that was harmed', async () => {
  const { stdout, exitCode } = await sluice(model, '--evidence', file('open'), file('harm.json'))
  expect(exitCode).toBe(1)
  expect(stdout).toContain(
    'fail: no-harm: map of helmet against the control: −0.2 (at most −0.153 with 99 % confidence) is a loss beyond −0.05',
  )
})

test('is inconclusive with exit code 3 until what is missing is given or accepted', async () => {
  const open = await sluice(model, '--evidence', file('open'), '--json', file('held.json'))
  expect(open.exitCode).toBe(3)
  const id = documentId(parseEvidence(verdict, readFileSync(file('held.json'), 'utf8'), 'held.json'))
  expect(open.stderr).toContain(`an acceptance would name verdict ${id}`)
  const accept = (expires: string) => {
    const text = `acceptances:\n  - { verdict: ${id}, reason: checked by hand, owner: ana, expires: ${expires} }\n`
    writeFileSync(file('accept.yaml'), text)
    return sluice(model, '--evidence', file('open'), '--accept', file('accept.yaml'))
  }
  expect((await accept('2999-01-01')).exitCode).toBe(0)
  expect((await accept('2020-01-01')).exitCode).toBe(3)
})

test('a subject that is named goes before what the evidence says', async () => {
  const { stdout, exitCode } = await sluice(model, '--evidence', file('good'), '--subject', `model=${'0'.repeat(64)}`)
  expect(exitCode).toBe(3)
  expect(stdout).toContain('judged is 000000000000')
})

test('bad input is exit code 2, with its place', async () => {
  writeFileSync(file('bad.yaml'), 'name: bad\ngates:\n  - { gate: minimun, evidence: Evaluation, atLeast: 0.4 }\n')
  writeFileSync(file('bad.json'), '{"kind":"Evaluatoin","body":{}}')
  const policy = await sluice(file('bad.yaml'), '--evidence', file('good'))
  expect([policy.exitCode, policy.stderr]).toEqual([
    2,
    expect.stringContaining('bad.yaml:3: there is no gate "minimun"; did you mean "minimum"?'),
  ])
  const evidence = await sluice(model, '--evidence', file('bad.json'))
  expect([evidence.exitCode, evidence.stderr]).toEqual([2, expect.stringContaining('did you mean Evaluation?')])
  expect((await sluice(model, '--evidence', file('good'), '--subject', 'model=v1')).exitCode).toBe(2)
})

test('evidence that is not there is exit code 3', async () => {
  const { exitCode, stderr } = await sluice(model, '--evidence', file('nowhere'))
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('there is no such evidence')])
})

test('a policy that is loosened in the same change is judged by the base as well, at a revision or in a file', async () => {
  const git = (...args: string[]) => execa('git', args, { cwd: file('repository') })
  const policy = (atLeast: number) =>
    `name: p\ngates:\n  - { gate: minimum, evidence: Evaluation, atLeast: ${atLeast} }\n`
  mkdirSync(file('repository/gates'), { recursive: true })
  await git('init', '-q')
  writeFileSync(file('repository/gates/model.yaml'), policy(0.8))
  writeFileSync(file('floor.yaml'), policy(0.8))
  await git('add', '.')
  await git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'base')
  writeFileSync(file('repository/gates/model.yaml'), policy(0.7))
  const judged = (...more: string[]) => {
    const args = ['gates/model.yaml', '--evidence', file('good/evaluation.json'), ...more]
    return execa('node', [join(root, 'bin/sluice.mjs'), 'gate', ...args], { reject: false, cwd: file('repository') })
  }
  expect((await judged()).exitCode).toBe(0)
  const base = await judged('--base-policy', 'HEAD:gates/model.yaml')
  expect([base.exitCode, base.stdout]).toEqual([
    1,
    expect.stringContaining('note: The proposal loosens the base: minimum: atLeast 0.8 becomes 0.7.'),
  ])
  const floor = await judged('--floor', file('floor.yaml'))
  expect([floor.exitCode, floor.stdout]).toEqual([1, expect.stringMatching(/loosens the floor .*floor\.yaml: minimum/)])
  const none = await judged('--base-policy', 'HEAD:gates/other.yaml')
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('the base has no such policy')])
})
