import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DriftBody, drift } from '../../src/core/documents/operational.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
let folder: string
const at = (name: string) => join(folder, name)
const sluice = (...args: string[]) => execa('node', [bin, ...args], { reject: false, cwd: folder })
const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder })

// Forty images by day; a night camera with many tools is added.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-drift-'))
  const world = ['--frames', '2', '--size', '96']
  await sluice('synth', 'base', '--images', '60', '--seed', 'a', '--prefix', 'day', ...world)
  cpSync(at('base'), at('head'), { recursive: true })
  const night = ['--images', '40', '--seed', 'b', '--prefix', 'night', '--cameras', 'night', '--tool-share', '0.9']
  await sluice('synth', 'head', ...night, ...world)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const body = (file: string) => JSON.parse(readFileSync(at(file), 'utf8')) as DriftBody
const verdicts = ({ measures }: DriftBody) => Object.fromEntries(measures.map(({ name, verdict }) => [name, verdict]))

test('tells what drifted with effect, chance and numbers; pictures only when asked', async () => {
  const plain = await sluice('drift', 'base', 'head', '--json', 'plain.json')
  expect(plain.exitCode).toBe(0)
  expect(plain.stdout).toContain('40 images (20 scenes) added against 60 images (30 scenes) of the base')
  expect(plain.stdout).toMatch(/^drift {2}share of tool up: 0\.\d+ \(limit 0\.2\), p [0-9.]+; .* of boxes before, /m)
  expect(plain.stdout).toContain('note: not measured, since pictures were not read: brightness')
  expect(verdicts(body('plain.json')).brightness).toBeUndefined()
  await sluice('drift', 'base', 'head', '--pictures', '--json', 'd.json', '--evidence', 'e.json')
  expect(verdicts(body('d.json'))).toMatchObject({
    brightness: 'drift',
    'share of tool': 'drift',
    'image size': 'none',
  })
  const document = parseEvidence(drift, readFileSync(at('e.json'), 'utf8'), 'e.json')
  expect(document.body).toEqual(body('d.json'))
  expect(Object.keys(document.subject).sort()).toEqual(expect.arrayContaining(['base', 'labels']))
})

test('the gate tells undeclared drift and holds nothing, until a team sets atMost', async () => {
  await sluice('drift', 'base', 'head', '--evidence', 'gate/drift.json')
  const judge = async (line: string) => {
    writeFileSync(at('policy.yaml'), `name: p\ngates:\n  - { gate: drift, evidence: Drift${line} }\n`)
    return sluice('gate', 'policy.yaml', '--evidence', 'gate')
  }
  expect((await judge('')).stdout).toContain('declare "')
  expect((await judge(', atMost: 0')).exitCode).toBe(1)
})

test('a spec that expects the drift makes it a record', async () => {
  const spec = [
    'name: world',
    'path: head',
    'classes: [person, helmet, vest, tool]',
    'format: yolo',
    'splits: { groupBy: [scene], val: 0.25 }',
    'expects:',
    '  - { measure: share of tool, direction: up, reason: tools are rare }',
    '  - { measure: box size, direction: down, reason: the camera is far away }',
  ]
  writeFileSync(at('spec.yaml'), `${spec.join('\n')}\n`)
  const { stdout, stderr } = await sluice('drift', 'base', 'head', '--spec', 'spec.yaml', '--json', 's.json')
  expect(stderr).toBe('')
  expect(body('s.json').expects?.map(({ outcome }) => outcome)).toEqual([
    'met',
    expect.stringMatching(/absent|opposite/),
  ])
  expect(stdout).toMatch(/share of tool up: .*, declared; /)
  expect(stdout).toContain('note: box size was declared to go down, and ')
})

test('compares git revisions, and looks at the pictures of both', async () => {
  mkdirSync(at('data'))
  await git('init', '-q')
  cpSync(at('base'), at('data/world'), { recursive: true })
  await git('add', 'data')
  await git('commit', '-qm', 'base')
  cpSync(at('head'), at('data/world'), { recursive: true })
  await git('add', 'data')
  await git('commit', '-qm', 'head')
  const args = ['--data', 'data/world', '--pictures', '--json', 'r.json']
  const { exitCode, stderr } = await sluice('drift', 'HEAD~1', 'HEAD', ...args)
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('60 images looked at')])
  await sluice('drift', 'base', 'head', '--pictures', '--json', 'd.json')
  expect(verdicts(body('r.json'))).toEqual(verdicts(body('d.json')))
})

test('what is not there is told with the way out', async () => {
  const none = await sluice('drift', 'base', 'nowhere')
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('nowhere')])
  const spec = await sluice('drift', 'base', 'head', '--spec', 'policy.yaml')
  expect([spec.exitCode, spec.stderr]).toEqual([2, expect.stringContaining('expects')])
})
