import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataset, openVersions } from '../../src/adapters/open-dataset.ts'
import { md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import { dvcWorld, png } from './dvc-world.ts'

let world: ReturnType<typeof dvcWorld>
let cwd: string
const label = '0 0.5 0.5 0.5 0.5\n'

beforeEach(() => {
  world = dvcWorld()
  cwd = world.root
  world.write('data/x/data.yaml', 'path: .\ntrain: images\nval: images\nnames: [person]\n')
  world.track('data/x/labels.dvc', 'labels', { 'a.txt': label })
  world.track('data/x/images.dvc', 'images', { 'a.png': png('a') })
  world.commit('base')
})
afterEach(() => world[Symbol.dispose]())

const headOf = () => openVersions('HEAD', 'data/x', { cwd })

test('the remote that a proposal names is not asked, the base’s is; its file is not touched', async () => {
  const config = readFileSync(join(cwd, '.dvc/config'), 'utf8').replace('../../store', '/nowhere/evil')
  world.write('.dvc/config', config)
  await using versions = await headOf()
  expect(versions.head.dataset.boxes.count).toBe(1)
  expect(readFileSync(join(cwd, '.dvc/config'), 'utf8')).toBe(config)
  await expect(openDataset('data/x', { cwd })).rejects.toBeInstanceOf(ToolError)
  // A proposal that takes the configuration away changes nothing either.
  rmSync(join(cwd, '.dvc/config'))
  await using without = await headOf()
  expect(without.head.dataset.boxes.count).toBe(1)
})

test('a remote that a .dvc file names is one of the base’s configuration, or it is none', async () => {
  const pointer = join(cwd, 'data/x/labels.dvc')
  writeFileSync(pointer, readFileSync(pointer, 'utf8').replace('  path:', '  remote: evil\n  path:'))
  world.write(
    '.dvc/config',
    `${readFileSync(join(cwd, '.dvc/config'), 'utf8')}['remote "evil"']\n    url = ${world.store}\n`,
  )
  await expect(headOf()).rejects.toThrow(/the configuration has no remote "evil"/)
})

test('objects that are nowhere are a tool error, never an empty data set', async () => {
  world.keepOnly([])
  const error = await headOf().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ToolError)
  expect((error as ToolError).message).toMatch(/missing, neither in the cache nor in the remote "store"/)
})

test('a pointer that leaves the folder, and one through a link, are refused', async () => {
  const pointer = join(cwd, 'data/x/labels.dvc')
  const text = readFileSync(pointer, 'utf8')
  for (const path of ['../../.git/hooks', '/etc', '.github/workflows', '..']) {
    writeFileSync(pointer, text.replace('path: labels', `path: ${path}`))
    await expect(headOf(), path).rejects.toThrow(/leaves the folder/)
  }
  writeFileSync(pointer, `wdir: ../../..\n${text}`)
  await expect(headOf()).rejects.toThrow(/leaves the repository/)
  rmSync(pointer)
  symlinkSync(join(cwd, 'data/x/images.dvc'), pointer)
  await expect(headOf()).rejects.toThrow(/symbolic link/)
  world.commit('link')
  await expect(openDataset('HEAD:data/x', { cwd })).rejects.toThrow(/symbolic link/)
})

test('a folder object that lists a path outside is refused, and nothing is written', async () => {
  const bytes = new TextEncoder().encode(`[{"md5": "${md5Of(png('a'))}", "relpath": "../../../../escaped.png"}]`)
  const md5 = `${md5Of(bytes)}.dir`
  const object = join(world.store, objectPath(md5))
  mkdirSync(dirname(object), { recursive: true })
  writeFileSync(object, bytes)
  world.write('data/x/images.dvc', `outs:\n- md5: ${md5}\n  size: 1\n  nfiles: 1\n  hash: md5\n  path: images\n`)
  await expect(headOf()).rejects.toThrow(/leaves the folder/)
  expect(existsSync(join(world.folder, 'escaped.png'))).toBe(false)
})

test('settings and links that a proposal brings along are refused', async () => {
  world.write('.dvc/config.local', '[\'remote "store"\']\n    url = /nowhere/evil\n')
  world.write('.dvc/.gitignore', '')
  world.git('add', '--all')
  await expect(headOf()).rejects.toMatchObject({ where: '.dvc/config.local' })
  world.git('rm', '-q', '--cached', '.dvc/config.local')
  // Not committed, it is this machine's own, and holds.
  await expect(headOf()).rejects.toBeInstanceOf(ToolError)
  rmSync(join(cwd, '.dvc/config.local'))
  const outside = mkdtempSync(join(tmpdir(), 'sluice-outside-'))
  try {
    symlinkSync(outside, join(cwd, '.dvc/cache'))
    world.git('add', '--all')
    await expect(headOf()).rejects.toMatchObject({ where: '.dvc/cache' })
    symlinkSync(outside, join(cwd, 'data/link'))
    await expect(openDataset('data/link', { cwd })).rejects.toBeInstanceOf(UsageError)
    world.git('commit', '-qm', 'link')
    world.git('add', '--all')
    world.git('commit', '-qm', 'link', '--allow-empty')
    await expect(openDataset('HEAD:data/link', { cwd })).rejects.toBeInstanceOf(UsageError)
  } finally {
    rmSync(outside, { recursive: true, force: true })
  }
})

test('credentials and urls of this machine’s config.local are used', async () => {
  world.write('.dvc/config', '[core]\n    remote = store\n[\'remote "store"\']\n    url = /nowhere\n')
  world.commit('config')
  world.write('.dvc/config.local', `['remote "store"']\n    url = ${world.store}\n`)
  await using versions = await headOf()
  expect(versions.head.dataset.boxes.count).toBe(1)
})
