import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DoctorReport } from '../../src/steps/gates-doctor.ts'
import { dataFolder, found, modelFile, rowsOf } from '../steps/model-world.ts'

const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-gates-doctor-'))
const set = join(folder, 'set')
const sluice = (...args: string[]) => execa(process.execPath, [program, ...args], { reject: false, cwd: folder })

/** Runs the doctor and returns its report beside exit status and text. */
async function doctor(...args: string[]) {
  const file = join(folder, 'report.json')
  rmSync(file, { force: true })
  const { exitCode, stdout, stderr } = await sluice('gates', 'doctor', ...args, '--json', file)
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DoctorReport) : null
  return { exitCode, stdout, stderr, report }
}
const digest = () => {
  const sum = createHash('sha256')
  const files = readdirSync(set, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) sum.update(readFileSync(file))
  return sum.digest('hex')
}

beforeAll(async () => {
  await sluice('synth', set, '--images', '24', '--split', 'val', '--seed', '5')
  await sluice('synth', set, '--images', '72', '--seed', '5')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a drawn data set and the shipped policy', () => {
  test('every defect that can be planted is caught at its level, no harmless change is blamed, the data is untouched', async () => {
    const before = digest()
    const { report, stdout, exitCode } = await doctor(set)
    expect(digest()).toBe(before)
    expect(report?.defects.length).toBeGreaterThanOrEqual(50)
    const of = (outcome: string) => report?.defects.filter((line) => line.outcome === outcome).map(({ id }) => id)
    expect(of('missed')).toEqual([])
    expect(of('needs champion')).toEqual(['box-shifted', 'box-scaled', 'classes-swapped', 'boxes-dropped'])
    expect(of('not applicable')).toEqual(['video-across-splits'])
    expect(report?.controls.map(({ outcome }) => outcome)).toEqual(report?.controls.map(() => 'silent'))
    expect(report?.controls.length).toBeGreaterThanOrEqual(7)
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').length).toBeLessThan(80)
    expect(stdout).toContain('only a champion sees them')
  }, 120_000)

  test('what is caught passes with exit code 0, and the same seed plants the same', async () => {
    const only = ['--only', 'pixels,stale-labels,pseudo-in-validation,crlf-and-bom']
    const first = await doctor(set, ...only)
    expect(first.exitCode).toBe(0)
    expect(first.report?.defects.map(({ id, rule }) => [id, rule])).toEqual([
      ['pixels', 'label-range'],
      ['stale-labels', 'label-stale'],
      ['pseudo-in-validation', 'label-source'],
    ])
    expect((await doctor(set, ...only)).report).toEqual(first.report)
    expect((await doctor(set, ...only, '--seed', '1')).report).not.toEqual(first.report)
  }, 60_000)

  test('a policy that turns a rule off misses what only that rule sees', async () => {
    const policy = join(folder, 'lax.yaml')
    writeFileSync(policy, 'name: lax\nrules:\n  label-source: { severity: off }\ngates: []\n')
    const { exitCode, report, stdout } = await doctor(set, '--policy', policy, '--only', 'pseudo-in-validation')
    expect(report?.defects[0]?.outcome).toBe('missed')
    expect(stdout).toContain('MISSED')
    expect(exitCode).toBe(1)
  }, 60_000)

  test('the sample keeps both splits', async () => {
    const { report, exitCode } = await doctor(set, '--images', '12', '--only', 'copy-across-splits')
    expect(report?.sample.images).toBe(12)
    expect(report?.defects[0]?.outcome).toBe('blocked')
    expect(exitCode).toBe(0)
  }, 60_000)

  test('an unknown defect is named with the one that was meant', async () => {
    const { exitCode, stderr } = await doctor(set, '--only', 'pixel')
    expect(stderr).toContain('did you mean "pixels"')
    expect(exitCode).toBe(2)
  }, 60_000)
})

test('what a data set lacks for a defect is said, and labels without images are refused', async () => {
  const bare = join(folder, 'bare')
  await execa('cp', ['-r', set, bare])
  for (const file of ['provenance.ndjson', 'splits/val.txt']) rmSync(join(bare, file))
  writeFileSync(join(bare, 'splits/val.txt'), '')
  const { report, stdout } = await doctor(bare, '--only', 'pseudo-in-validation,scene-across-splits,copy-across-splits')
  expect(report?.defects.map(({ outcome }) => outcome)).toEqual(['not applicable', 'not applicable', 'not applicable'])
  expect(stdout).toContain('a validation split')
  rmSync(join(bare, 'images'), { recursive: true })
  const refused = await doctor(bare)
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('the images are not here')
}, 60_000)

test('with a champion, boxes that are plausible but wrong count too', async () => {
  const rows = found.map(({ cx, cy, w, h, classId }) => ({ cx, cy, w, h, classId }))
  const root = await dataFolder(Array.from({ length: 8 }, () => rowsOf(rows)))
  const champion = modelFile(
    folder,
    'champion.onnx',
    found.map((box) => ({ ...box, score: 0.99 })),
  )
  const wanted = ['--only', 'box-shifted,classes-swapped,boxes-dropped,crlf-and-bom', '--image-size', '32']
  const { report, stderr } = await doctor(root, '--champion', champion, ...wanted)
  expect(stderr).not.toContain('bug')
  expect(report?.defects.map(({ id, outcome, rule }) => [id, outcome, rule])).toEqual([
    ['box-shifted', 'warned', 'champion: badly-located'],
    ['classes-swapped', 'warned', 'champion: swapped'],
    ['boxes-dropped', 'warned', 'champion: overlooked'],
  ])
  rmSync(root, { recursive: true })
}, 60_000)
