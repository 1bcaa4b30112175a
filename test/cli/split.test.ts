import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { photo } from '../core/dataset/photo.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-split-'))
const sluice = (...args: string[]) => execa('node', [bin, ...args], { reject: false, cwd: folder })
const at = (path: string) => join(folder, path)
const linesOf = (split: string) =>
  readFileSync(at(`set/splits/${split}.txt`), 'utf8')
    .trim()
    .split('\n')
function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), content)
}
async function scene(name: string, images: number): Promise<string[]> {
  const files: string[] = []
  for (let i = 0; i < images; i++) {
    const { rgb, width, height } = await photo(`${name} ${i}`, 48, 36)
    put(
      `set/images/${name}-${i}.png`,
      await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    )
    put(`set/labels/${name}-${i}.txt`, `${i % 2} 0.5 0.5 0.3 0.3\n`)
    files.push(`images/${name}-${i}.png`)
  }
  const line = (file: string) => `${JSON.stringify({ image: file.slice(7, -4), scene: name })}\n`
  writeFileSync(at('set/provenance.ndjson'), files.map(line).join(''), { flag: 'a' })
  return files
}

beforeAll(async () => {
  for (let i = 0; i < 10; i++) await scene(`s${i}`, 2)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a dry run writes nothing, a run writes lists that check finds no leak in, and growth moves nothing', async () => {
  const dry = await sluice('split', 'set', '--val', '0.3', '--dry-run')
  expect([dry.exitCode, existsSync(at('set/splits'))]).toEqual([0, false])
  expect(dry.stdout).toContain('train 14, val 6, test 0 images')
  const { exitCode } = await sluice('split', 'set', '--val', '0.3', '--json', 'split.json')
  expect(exitCode).toBe(0)
  expect(JSON.parse(readFileSync(at('split.json'), 'utf8'))).toMatchObject({
    images: { train: 14, val: 6, test: 0 },
    ...{ assigned: 20, followed: 0, groups: { count: 10, largest: 2, torn: 0 } },
  })
  const before = { train: linesOf('train'), val: linesOf('val') }
  expect([before.train.length, before.val.length]).toEqual([14, 6])
  await sluice('check', 'set', '--json', 'check.json')
  const { findings } = JSON.parse(readFileSync(at('check.json'), 'utf8')) as { findings: { rule: string }[] }
  expect(findings.filter(({ rule }) => rule.startsWith('split-'))).toEqual([])

  // A third image of a validation scene, and three new scenes.
  const followed = before.val[0]!.replace('images/', '').replace(/-\d\.png$/, '')
  const { rgb, width, height } = await photo('late', 48, 36)
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(at(`set/images/${followed}-late.png`))
  put(`set/labels/${followed}-late.txt`, '0 0.5 0.5 0.3 0.3\n')
  writeFileSync(at('set/provenance.ndjson'), `${JSON.stringify({ image: `${followed}-late`, scene: followed })}\n`, {
    flag: 'a',
  })
  for (const name of ['n0', 'n1', 'n2']) await scene(name, 2)
  const grown = await sluice('split', 'set', '--val', '0.3')
  expect(grown.stdout).toContain('6 images were assigned, 1 followed their group')
  expect(linesOf('train')).toEqual(expect.arrayContaining(before.train))
  expect(linesOf('val')).toEqual(expect.arrayContaining([...before.val, `images/${followed}-late.png`]))
  expect(linesOf('train').length + linesOf('val').length).toBe(27)
})

test.each([
  [['split', 'set', '--val', '1.5'], '--val: "1.5" is not a share'],
  [['split', 'set', '--val', '0.6', '--test', '0.4'], 'leave nothing to train on'],
  [['split', 'set', '--by', 'weather'], '"weather" is none of scene, video'],
  [['split', 'nowhere'], 'no such'],
])('refuses %j', async (args, part) => {
  const { exitCode, stderr } = await sluice(...args)
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(part)])
})
