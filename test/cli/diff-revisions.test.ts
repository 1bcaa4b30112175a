import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { md5Of } from '../../src/core/documents/dvc.ts'
import { dvcWorld, png } from '../adapters/dvc-world.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
let world: ReturnType<typeof dvcWorld>
const sluice = (...args: string[]) => execa('node', [bin, ...args], { cwd: world.root, reject: false })

const row = (id: number, cx: number) => `${id} ${cx} 0.5 0.1 0.1\n`
const first = { 'a.txt': row(0, 0.2) + row(1, 0.5), 'b.txt': row(0, 0.3), 'c.txt': row(1, 0.4) }
const images = { 'a.png': png('a'), 'b.png': png('b'), 'c.png': png('c') }
const kept: string[] = []

/** Three versions with images and labels behind DVC; every object that a difference has no need of is gone. */
beforeAll(() => {
  world = dvcWorld()
  const version = (labels: Record<string, string>, pictures: Record<string, Buffer>, splits: [string, string]) => {
    kept.push(world.track('data/x/labels.dvc', 'labels', labels), world.track('data/x/images.dvc', 'images', pictures))
    world.write('data/x/data.yaml', 'path: .\ntrain: splits/train.txt\nval: splits/val.txt\nnames: [person, helmet]\n')
    const list = (names: string) => [...names].map((name) => `images/${name}.png\n`).join('')
    world.write('data/x/splits/train.txt', list(splits[0]))
    world.write('data/x/splits/val.txt', list(splits[1]))
  }
  version(first, images, ['ab', 'c'])
  world.commit('base')
  world.git('checkout', '--quiet', '-b', 'ours')
  const ours = { ...first, 'a.txt': row(0, 0.22) + row(1, 0.5), 'd.txt': row(0, 0.6) }
  version(ours, { ...images, 'd.png': png('d') }, ['abd', 'c'])
  world.commit('ours')
  world.git('checkout', '--quiet', '-b', 'theirs', 'main')
  const theirs = { ...first, 'a.txt': row(0, 0.2) + row(0, 0.5) }
  version(theirs, { ...images, 'c.png': png('another c') }, ['a', 'bc'])
  world.commit('theirs')
  const changed = [first['a.txt'], ours['a.txt'], ours['d.txt'], theirs['a.txt']].map((text) =>
    md5Of(Buffer.from(text)),
  )
  kept.push(...changed)
})
afterAll(() => rmSync(world.folder, { recursive: true, force: true }))

test('two revisions are compared with nothing but manifests and the label files that changed', async () => {
  world.keepOnly(kept)
  const file = join(world.folder, 'diff.json')
  const { stdout, stderr, exitCode } = await sluice('diff', 'main:data/x', 'ours:data/x', '--json', file)
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('objects')])
  expect(stdout).toContain('images: 1 added, 0 removed, 0 renamed, 0 moved between splits, 1 modified')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    images: { added: 1, removed: 0, renamed: 0, resplit: 0, modified: 1, replaced: 0 },
    boxes: { added: 1, removed: 0, moved: 1, relabelled: 0, unchanged: 1 },
    scope: 'changed',
  })
  const short = await sluice('diff', 'main', 'ours', '--data', 'data/x')
  expect(short.stdout).toBe(stdout)
})

test('moves between splits and replaced pictures are seen without a label or an image', async () => {
  const { stdout } = await sluice('diff', 'main', 'theirs', '--data', 'data/x')
  expect(stdout).toContain('0 renamed, 1 moved between splits, 2 modified (1 with other pixels)')
  expect(stdout).toContain('0 moved or resized, 1 relabelled')
  expect((await sluice('diff', 'main', 'main', '--data', 'data/x')).stdout).toBe(
    'no difference: the files are the same, or say the same',
  )
})

test('a label file that changed and is nowhere is told, never taken as empty', async () => {
  world.keepOnly(kept.filter((md5) => md5 !== md5Of(Buffer.from(row(0, 0.6)))))
  const { exitCode, stderr } = await sluice('diff', 'main', 'ours', '--data', 'data/x')
  expect([exitCode, stderr]).toEqual([4, expect.stringContaining('missing')])
})

test('revisions are merged like folders, and a version that is not there is bad input', async () => {
  for (const text of [...Object.values(first), row(0, 0.22) + row(1, 0.5), row(0, 0.6), row(0, 0.2) + row(0, 0.5)])
    world.push({ 'x.txt': text })
  const out = join(world.folder, 'merged')
  const { exitCode, stdout } = await sluice('merge', 'main', 'ours', 'theirs', '--data', 'data/x', '--output', out)
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringContaining('4 images: 1 changed by ours, 2 by theirs, 1 by both'),
  ])
  expect(readFileSync(join(out, 'labels/a.txt'), 'utf8')).toBe(
    '0 0.220000 0.500000 0.100000 0.100000\n0 0.500000 0.500000 0.100000 0.100000\n',
  )
  expect(readFileSync(join(out, 'splits/val.txt'), 'utf8')).toBe('images/b.png\nimages/c.png\n')
  expect(existsSync(join(out, 'images'))).toBe(false)
  const absent = await sluice('merge', 'main', 'nowhere', 'theirs', '--data', 'data/x', '--output', `${out}2`)
  expect([absent.exitCode, absent.stderr]).toEqual([2, expect.stringContaining('nowhere')])
})
