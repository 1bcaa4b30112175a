import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { fetchTracked, readFetched } from '../../src/adapters/dvc/fetch.ts'
import { createGit } from '../../src/adapters/git.ts'
import { folderAt } from '../../src/adapters/revision.ts'
import { md5Of, objectPath } from '../../src/core/documents/dvc.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'
import type { Git } from '../../src/ports.ts'

let root: string
let store: string
let git: Git

// A 1 × 1 PNG.
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let template: string

/** A repository whose data set is in DVC, pushed, and then not on this machine: made once, since DVC starts slowly. */
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'sluice-template-'))
  const made = join(template, 'repository')
  mkdirSync(join(made, 'data/site/images/train'), { recursive: true })
  mkdirSync(join(made, 'data/site/labels/train'), { recursive: true })
  await createGit(made).init('main')
  const dvc = createDvc(made)
  await dvc.init()
  await dvc.addRemote('store', join(template, 'store'))
  writeFileSync(join(made, 'data/site/data.yaml'), 'path: .\ntrain: images/train\nval: images/train\nnames: [person]\n')
  writeFileSync(join(made, 'data/site/images/train/a.png'), png)
  writeFileSync(join(made, 'data/site/labels/train/a.txt'), '0 0.5 0.5 0.5 0.5\n')
  await dvc.add(['data/site/images', 'data/site/labels'])
  await dvc.push()
  for (const gone of ['.dvc/cache', '.dvc/tmp', 'data/site/images', 'data/site/labels']) {
    rmSync(join(made, gone), { recursive: true, force: true })
  }
})
afterAll(() => rmSync(template, { recursive: true, force: true }))

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fetch-'))
  cpSync(template, folder, { recursive: true })
  root = join(folder, 'repository')
  store = join(folder, 'store')
  const config = join(root, '.dvc/config')
  writeFileSync(config, readFileSync(config, 'utf8').replace(join(template, 'store'), store))
  git = createGit(root)
  await git.commit('data', ['.'])
})
afterEach(() => rmSync(dirname(root), { recursive: true, force: true }))

test('base and head are fetched with the base’s configuration and one cache, and the settings are put back', async () => {
  // A remote beside the repository, as it is meant from the checkout.
  const committed = join(root, '.dvc/config')
  writeFileSync(committed, readFileSync(committed, 'utf8').replace(store, '../../store'))
  await git.commit('relative remote', ['.dvc/config'])
  await using base = await folderAt(root, await git.resolve('main'))
  const before = await readFetched(base.path, 'data/site', { repository: root })
  expect(before?.images.map(({ name }) => name)).toEqual(['train/a'])
  // The proposal names a remote of its own, which nobody asks.
  const config = join(root, '.dvc/config')
  const own = readFileSync(config, 'utf8').replace('../../store', '/nowhere/evil')
  writeFileSync(config, own)
  rmSync(store, { recursive: true })
  expect(await fetchTracked(root, 'data/site', { trusted: base.path, repository: root })).toBe(2)
  expect(readFileSync(join(root, 'data/site/labels/train/a.txt'), 'utf8')).toBe('0 0.5 0.5 0.5 0.5\n')
  expect(readFileSync(config, 'utf8')).toBe(own)
  expect(await fetchTracked(root, 'data/site', { trusted: base.path, repository: root })).toBe(0)
  expect(await readFetched(root, 'data/none')).toBeNull()
})

test('the remote that a proposal names is not asked, the base’s is', async () => {
  await using base = await folderAt(root, await git.resolve('main'))
  const config = join(root, '.dvc/config')
  writeFileSync(config, readFileSync(config, 'utf8').replace(store, join(root, 'evil')))
  await expect(fetchTracked(root, 'data/site')).rejects.toBeInstanceOf(ToolError)
  expect(await fetchTracked(root, 'data/site', { trusted: base.path, repository: root })).toBe(2)
})

test('objects that are nowhere are a tool error, never an empty data set', async () => {
  rmSync(join(store, 'files'), { recursive: true })
  const error = await readFetched(root, 'data/site').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ToolError)
  expect((error as ToolError).message).toContain('missing')
})

test('a pointer that leaves the folder is refused before DVC sees it', async () => {
  const pointer = join(root, 'data/site/labels.dvc')
  writeFileSync(pointer, readFileSync(pointer, 'utf8').replace('path: labels', 'path: ../../.git/hooks'))
  await expect(fetchTracked(root, 'data/site')).rejects.toThrow(/leaves the folder/)
})

test('a folder object that lists a path outside writes nothing', async () => {
  const bytes = new TextEncoder().encode(`[{"md5": "${md5Of(png)}", "relpath": "../../../../escaped.png"}]`)
  const md5 = `${md5Of(bytes)}.dir`
  const object = join(store, objectPath(md5))
  mkdirSync(dirname(object), { recursive: true })
  writeFileSync(object, bytes)
  const pointer = join(root, 'data/site/images.dvc')
  const spoilt = readFileSync(pointer, 'utf8').replace(/md5: \w+\.dir/, `md5: ${md5}`)
  writeFileSync(pointer, spoilt)
  await using base = await folderAt(root, await git.resolve('main'))
  const fetching = fetchTracked(root, 'data/site', { trusted: base.path, repository: root })
  await expect(fetching).rejects.toThrow(/leaves the folder/)
  expect(existsSync(join(root, 'data/site/images'))).toBe(false)
  expect(existsSync(join(dirname(root), 'escaped.png'))).toBe(false)
})

test('refuses settings and links that a proposal brings along', async () => {
  writeFileSync(join(root, '.dvc/config.local'), '[\'remote "store"\']\n    url = /nowhere/evil\n')
  expect(readFileSync(join(root, '.dvc/.gitignore'), 'utf8')).toContain('config.local')
  writeFileSync(join(root, '.dvc/.gitignore'), '')
  await git.commit('local settings', ['.dvc/config.local'])
  await expect(fetchTracked(root, 'data/site')).rejects.toMatchObject({ where: '.dvc/config.local' })
  rmSync(join(root, '.dvc/config.local'))
  await git.commit('without', ['.dvc'])
  const outside = mkdtempSync(join(tmpdir(), 'sluice-outside-'))
  try {
    writeFileSync(join(outside, 'labels.dvc'), readFileSync(join(root, 'data/site/labels.dvc')))
    symlinkSync(outside, join(root, 'data/link'))
    await expect(fetchTracked(root, 'data/link')).rejects.toBeInstanceOf(UsageError)
    expect(readdirSync(outside)).toEqual(['labels.dvc'])
  } finally {
    rmSync(outside, { recursive: true, force: true })
  }
})

test('the folder of a revision is gone when it is disposed, and the checkout was not touched', async () => {
  const first = await git.resolve('main')
  writeFileSync(join(root, 'later.txt'), 'x')
  await git.commit('later', ['later.txt'])
  let path: string
  {
    await using folder = await folderAt(root, first)
    path = folder.path
    expect(existsSync(join(path, 'data/site/labels.dvc'))).toBe(true)
    expect(existsSync(join(path, 'later.txt'))).toBe(false)
    expect(existsSync(join(root, 'later.txt'))).toBe(true)
  }
  expect(existsSync(path)).toBe(false)
  expect(readdirSync(join(root, '.git')).includes('worktrees')).toBe(false)
})
