import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../src/core/documents/findings.ts'
import type { TriageBody } from '../../src/core/documents/triage.ts'
import { triage as triageKind } from '../../src/core/documents/triage.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

const program = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-check-revisions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const sluice = (...args: string[]) => execa(process.execPath, [program, ...args], { reject: false, cwd: folder })
const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder })
const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}
const random = seededRandom('check revisions')
const noise = (side: number) =>
  sharp(
    Uint8Array.from({ length: side * side * 3 }, () => random.int(256)),
    { raw: { width: side, height: side, channels: 3 } },
  )
const check = async (...more: string[]) => {
  const { exitCode, stdout } = await sluice('check', 'data/x', '--base', 'main', '--json', 'f.json', ...more)
  const { findings } = JSON.parse(readFileSync(join(folder, 'f.json'), 'utf8')) as { findings: Finding[] }
  return { exitCode, stdout, findings, fresh: findings.filter(({ status }) => status === 'new') }
}

/** On main four pictures, one with an old fault; on the branch a new fault and a copy of a validation picture. */
beforeAll(async () => {
  await git('init', '-q', '-b', 'main')
  for (const [i, split] of ['train', 'train', 'val', 'val'].entries()) {
    put(`data/x/images/${split}/${i}.png`, await noise(128).png().toBuffer())
    put(`data/x/labels/${split}/${i}.txt`, i === 0 ? '9 0.5 0.5 0.2 0.2\n' : `0 0.5 0.5 0.${3 + i} 0.4\n`)
  }
  // An old leak: the base has it too, and only a look at pictures tells.
  put('data/x/images/val/old.jpg', await sharp(join(folder, 'data/x/images/train/0.png')).jpeg().toBuffer())
  put('data/x/labels/val/old.txt', '0 0.5 0.5 0.2 0.2\n')
  // Old faults of pixels alone: a flat picture, and one whose last bytes are gone.
  const flat = { create: { width: 64, height: 64, channels: 3 as const, background: '#888' } }
  put('data/x/images/train/flat.png', await sharp(flat).png().toBuffer())
  put('data/x/labels/train/flat.txt', '0 0.5 0.5 0.31 0.4\n')
  const whole = await noise(96).jpeg({ progressive: true }).toBuffer()
  put('data/x/images/train/cut.jpg', whole.subarray(0, whole.length - 400))
  put('data/x/labels/train/cut.txt', '0 0.5 0.5 0.32 0.4\n')
  put('data/x/data.yaml', 'path: .\ntrain: images/train\nval: images/val\nnames: [a, b]\n')
  await git('add', '-A')
  await git('commit', '-qm', 'one')
  await git('checkout', '-qb', 'proposal')
  put('data/x/labels/train/1.txt', '0 0.5 0.5 0 0.4\n')
  const copy = await sharp(join(folder, 'data/x/images/val/2.png')).jpeg({ quality: 90 }).toBuffer()
  put('data/x/images/train/again.jpg', copy)
  put('data/x/labels/train/again.txt', '0 0.5 0.5 0.5 0.4\n')
})

test('against a revision only what is new blocks: the old fault is told as old, a re-encoded copy across splits as a leak', async () => {
  const { exitCode, fresh, findings } = await check('--pixels', 'all')
  expect(exitCode).toBe(1)
  const errors = fresh.filter(({ severity }) => severity === 'error').map(({ rule, file }) => `${rule} ${file}`)
  expect(errors.sort()).toEqual(['box-zero-area labels/train/1.txt', 'split-leak images/val/2.png'])
  expect(fresh.find(({ rule }) => rule === 'split-leak')?.pair).toMatchObject({ image: 'train/again', split: 'train' })
  expect(findings.find(({ rule }) => rule === 'label-class')?.status).toBe('old')
  const pixels = findings.filter(({ file }) => /flat|cut/.test(file)).map(({ rule, status }) => `${rule} ${status}`)
  expect(pixels.sort()).toEqual(['image-blank old', 'image-unreadable old'])
  const leaks = findings.filter(({ rule }) => rule === 'split-leak').map(({ file, status }) => `${file} ${status}`)
  expect(leaks.sort()).toEqual(['images/val/2.png new', 'images/val/old.jpg old'])
})

test('the cache that a check leaves shows in no git status, and a check with it says the same', async () => {
  const first = await check('--pixels', 'all')
  expect(readdirSync(join(folder, '.sluice/cache')).length).toBeGreaterThan(1)
  expect((await git('status', '--porcelain')).stdout).not.toContain('.sluice')
  const again = await check('--pixels', 'all')
  expect(again.findings).toEqual(first.findings)
  expect((await check('--pixels', 'all', '--cache', 'none')).findings).toEqual(first.findings)
})

test('a triage makes a warning block or go, and never lets an error pass', async () => {
  const evidence = 'ev'
  mkdirSync(join(folder, evidence), { recursive: true })
  const { fresh } = await check('--pixels', 'all', '--evidence', evidence)
  expect(readdirSync(join(folder, evidence)).sort()).toEqual(['diff.json', 'drift.json', 'findings.json'])
  const document = JSON.parse(readFileSync(join(folder, evidence, 'findings.json'), 'utf8'))
  const { documentId } = await import('../../src/core/documents/define.ts')
  const decisions: TriageBody['decisions'] = fresh
    .filter(({ severity }) => severity !== 'info')
    .map(({ fingerprint, rule }) => ({ fingerprint, rule, decision: 'accept' as const }))
  const body: TriageBody = { decisions, of: documentId(document) }
  put('triage.json', JSON.stringify(triageKind.make(document.subject, body)))
  const accepted = await check('--pixels', 'all', '--triage', 'triage.json')
  expect(accepted.exitCode).toBe(1)
  expect(accepted.fresh.filter(({ severity }) => severity === 'error').length).toBe(2)
  expect(accepted.fresh.filter(({ severity }) => severity === 'warning')).toEqual([])
})
