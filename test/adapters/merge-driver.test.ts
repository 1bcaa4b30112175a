import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { pythonTool, toolEnvironment } from '../../src/adapters/tools.ts'
import { diffManifests } from '../../src/core/compare/manifest-diff.ts'
import { objectPath, parseDvcFile } from '../../src/core/documents/dvc.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
let folder: string
let root: string
const git = (...args: string[]) =>
  execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: root, reject: false })
const put = (path: string, content: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  rmSync(join(root, path), { force: true })
  writeFileSync(join(root, path), content)
}
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const dvc = async (...args: string[]) => {
  const env = toolEnvironment({ DVC_SITE_CACHE_DIR: join(root, '.dvc/tmp/site'), DVC_DAEMON: '0' })
  return (await execa(pythonTool('dvc'), args, { cwd: root, env, extendEnv: false })).stdout
}
const commit = async (message: string) => {
  await git('add', '--all')
  await git('commit', '--quiet', '-m', message)
}
const row = (id: number, cx: number) => `${id} ${cx} 0.5 0.1 0.1\n`
const provenance = (image: string, annotator: string, cx = 0.2) =>
  `${JSON.stringify({ image, scene: 's1', boxes: [{ classId: 0, box: [cx, 0.5, 0.1, 0.1], annotator }] })}\n`

/** A data set with labels in git (data/g), and one behind two .dvc files and one with its provenance in DVC (data/x). */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-driver-'))
  root = join(folder, 'repository')
  mkdirSync(root)
  await git('init', '--quiet', '--initial-branch=main')
  const tool = createDvc(root)
  await tool.init()
  await tool.addRemote('store', join(folder, 'store'))
  const install = await execa('node', [bin, 'merge', '--install'], { cwd: root })
  expect(install.stdout).toContain('*.dvc merge=sluice')
  for (const place of ['data/g', 'data/x']) {
    for (const name of ['a', 'b', 'c'])
      put(`${place}/labels/train/${name}.txt`, row(0, 0.2) + row(1, 0.5) + row(0, 0.8))
    put(`${place}/provenance.ndjson`, ['a', 'b', 'c'].map((name) => provenance(name, 'anna')).join(''))
  }
  put('data/g/splits/train.txt', 'images/a.jpg\nimages/b.jpg\nimages/c.jpg\n')
  for (const name of ['a', 'b', 'c']) put(`data/x/images/train/${name}.jpg`, `pixels of ${name}`)
  await tool.add(['data/x/images', 'data/x/labels', 'data/x/provenance.ndjson'])
  await commit('base')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Makes two branches from main and merges the second into the first. */
async function merged(name: string, ours: () => Promise<void>, theirs: () => Promise<void>) {
  await git('checkout', '--quiet', '-b', `${name}-theirs`, 'main')
  await theirs()
  await commit('theirs')
  await git('checkout', '--quiet', '-b', `${name}-ours`, 'main')
  if (name.startsWith('dvc')) await dvc('checkout', '--force')
  await ours()
  await commit('ours')
  return git('merge', '--no-edit', `${name}-theirs`)
}

test('git merges labels box by box, lists and provenance by image', async () => {
  const { exitCode, stderr, stdout } = await merged(
    'git',
    async () => {
      put('data/g/labels/train/a.txt', row(0, 0.25) + row(1, 0.5) + row(0, 0.8))
      put('data/g/splits/train.txt', 'images/a.jpg\nimages/b.jpg\nimages/c.jpg\nimages/d.jpg\n')
      put('data/g/provenance.ndjson', provenance('a', 'ben', 0.25) + provenance('b', 'anna') + provenance('c', 'anna'))
    },
    async () => {
      put('data/g/labels/train/a.txt', row(0, 0.2) + row(0, 0.5) + row(0, 0.8) + row(1, 0.65))
      put('data/g/splits/train.txt', 'images/a.jpg\nimages/c.jpg\nimages/e.jpg\n')
      put('data/g/provenance.ndjson', provenance('a', 'anna') + provenance('b', 'anna') + provenance('c', 'carl'))
    },
  )
  expect([exitCode, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining('Merge made')])
  expect(text('data/g/labels/train/a.txt')).toBe(row(0, 0.25) + row(0, 0.5) + row(0, 0.8) + row(1, 0.65))
  expect(text('data/g/splits/train.txt')).toBe('images/a.jpg\nimages/c.jpg\nimages/d.jpg\nimages/e.jpg\n')
  expect(text('data/g/provenance.ndjson')).toBe(
    provenance('a', 'ben', 0.25) + provenance('b', 'anna') + provenance('c', 'carl'),
  )
})

test('a box that both sides moved is marked in the file, the others are merged, and git knows of the conflict', async () => {
  const { exitCode, stderr } = await merged(
    'conflict',
    async () => put('data/g/labels/train/a.txt', row(0, 0.25) + row(1, 0.5) + row(0, 0.82)),
    async () => put('data/g/labels/train/a.txt', row(0, 0.15) + row(1, 0.52) + row(0, 0.8)),
  )
  expect(exitCode).toBe(1)
  expect(stderr).toContain('both sides moved this box, to different places')
  expect(text('data/g/labels/train/a.txt')).toBe(
    `${row(1, 0.52)}${row(0, 0.82)}<<<<<<< ours\n${row(0, 0.25)}=======\n${row(0, 0.15)}>>>>>>> theirs\n`,
  )
  expect((await git('ls-files', '--unmerged')).stdout).toContain('data/g/labels/train/a.txt')
  await git('merge', '--abort')
})

test('.dvc files that both sides changed: DVC checks out the merged files, finds nothing to do and pushes them', {
  timeout: 240_000,
}, async () => {
  const tool = createDvc(root)
  const all = ['data/x/images', 'data/x/labels', 'data/x/provenance.ndjson']
  const { exitCode, stderr } = await merged(
    'dvc',
    async () => {
      put('data/x/labels/train/a.txt', row(0, 0.25) + row(1, 0.5) + row(0, 0.8))
      put('data/x/labels/train/d.txt', row(1, 0.4))
      put('data/x/images/train/d.jpg', 'pixels of d')
      put('data/x/provenance.ndjson', provenance('a', 'ben', 0.25) + provenance('b', 'anna') + provenance('c', 'anna'))
      await tool.add(all)
    },
    async () => {
      put('data/x/labels/train/a.txt', row(0, 0.2) + row(1, 0.5))
      rmSync(join(root, 'data/x/labels/train/b.txt'))
      rmSync(join(root, 'data/x/images/train/b.jpg'))
      put('data/x/labels/train/e.txt', row(1, 0.45))
      put('data/x/images/train/e.jpg', 'pixels of e')
      put('data/x/provenance.ndjson', provenance('a', 'anna') + provenance('c', 'anna'))
      await tool.add(all)
    },
  )
  expect([exitCode, stderr]).toEqual([0, ''])
  await dvc('checkout', '--force')
  expect(text('data/x/labels/train/a.txt')).toBe(row(0, 0.25) + row(1, 0.5))
  expect(['b', 'c', 'd', 'e'].map((name) => existsSync(join(root, `data/x/labels/train/${name}.txt`)))).toEqual([
    false,
    true,
    true,
    true,
  ])
  expect(text('data/x/images/train/e.jpg')).toBe('pixels of e')
  expect(text('data/x/provenance.ndjson')).toBe(provenance('a', 'ben', 0.25) + provenance('c', 'anna'))
  expect(await dvc('status')).toContain('up to date')
  expect((await git('status', '--short')).stdout).toBe('')
  await tool.push()
  const { md5 } = parseDvcFile(text('data/x/labels.dvc'), 'labels.dvc')
  expect(existsSync(join(folder, 'store', objectPath(md5)))).toBe(true)
  // What DVC itself writes for the merged files is what the merge wrote.
  const before = text('data/x/labels.dvc')
  await tool.add(['data/x/labels'])
  expect(text('data/x/labels.dvc')).toBe(before)
  const { nfiles, size } = parseDvcFile(before, 'labels.dvc')
  const files = ['a', 'c', 'd', 'e'].map((name) => statSync(join(root, `data/x/labels/train/${name}.txt`)).size)
  const manifest = (pointer: string) =>
    readFileSync(join(root, '.dvc/cache', objectPath(parseDvcFile(pointer, 'labels.dvc').md5)))
  const base = (await git('show', 'main:data/x/labels.dvc')).stdout
  // Folder objects as DVC itself writes them.
  const { added, removed, modified } = diffManifests(manifest(base), manifest(before))
  const paths = [added, removed, modified].map((list) => list.map(({ path }) => path).join(' '))
  expect(paths).toEqual(['train/d.txt train/e.txt', 'train/b.txt', 'train/a.txt'])
  expect([nfiles, size]).toEqual([4, files.reduce((sum, one) => sum + one, 0)])
})

test('.dvc files whose data cannot be merged stay ours, in conflict, and nothing is written', {
  timeout: 240_000,
}, async () => {
  const tool = createDvc(root)
  const { exitCode, stderr } = await merged(
    'dvc-replaced',
    async () => {
      put('data/x/images/train/a.jpg', 'other pixels')
      put('data/x/labels/train/c.txt', row(0, 0.25))
      await tool.add(['data/x/images', 'data/x/labels'])
    },
    async () => {
      await dvc('checkout', '--force')
      put('data/x/images/train/a.jpg', 'yet other pixels')
      put('data/x/labels/train/c.txt', row(0, 0.15))
      await tool.add(['data/x/images', 'data/x/labels'])
    },
  )
  expect(exitCode).toBe(1)
  expect(stderr).toContain('train/a.jpg: both sides changed this file')
  expect(stderr).toContain('train/c.txt: both sides moved this box, to different places')
  const ours = (await git('show', 'HEAD:data/x/images.dvc')).stdout
  expect(text('data/x/images.dvc').trimEnd()).toBe(ours)
  expect((await git('diff', '--name-only', '--diff-filter=U')).stdout).toBe('data/x/images.dvc\ndata/x/labels.dvc')
  await git('merge', '--abort')
})

test('installs once, keeps the lines that are there, and refuses what it cannot merge', async () => {
  const before = text('.gitattributes')
  const again = await execa('node', [bin, 'merge', '--install'], { cwd: root })
  expect([text('.gitattributes'), again.exitCode]).toEqual([before, 0])
  put('x.bin', '')
  const refused = await execa('node', [bin, 'merge', '--driver', '--', 'x.bin', 'x.bin', 'x.bin', 'x.bin'], {
    cwd: root,
    reject: false,
  })
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('x.bin')])
})
