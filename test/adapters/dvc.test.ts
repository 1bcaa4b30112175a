import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDvc } from '../../src/adapters/dvc/cli.ts'
import { readDvcConfig } from '../../src/adapters/dvc/config.ts'
import { dvcError } from '../../src/adapters/dvc/explain.ts'
import { openDvcStore } from '../../src/adapters/dvc/store.ts'
import { createGit } from '../../src/adapters/git.ts'
import { pythonTool } from '../../src/adapters/tools.ts'
import { dirManifest, md5Of, objectPath, parseDvcFile } from '../../src/core/documents/dvc.ts'
import { parseDirManifest } from '../../src/core/documents/dvc-manifest.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'

let root: string
let store: string
const labels = { 'a.txt': '0 0.5 0.5 0.1 0.1\n', 'deep/b.txt': '', 'ü-ä.txt': '1 0.5 0.5 0.2 0.2\n' }

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-dvc-'))
  store = mkdtempSync(join(tmpdir(), 'sluice-store-'))
  await createGit(root).init('main')
  mkdirSync(join(root, 'data/labels/deep'), { recursive: true })
  for (const [name, content] of Object.entries(labels)) writeFileSync(join(root, 'data/labels', name), content)
})
afterEach(() => {
  for (const folder of [root, store]) rmSync(folder, { recursive: true, force: true })
})

/** Files of the tracked folder as our reader sees them: from the cache or the remote. */
async function listed() {
  const file = join(root, 'data/labels.dvc')
  const pointer = parseDvcFile(readFileSync(file, 'utf8'), file)
  const config = readDvcConfig(root, readFileSync(join(root, '.dvc/config'), 'utf8'), '')
  const objects = openDvcStore(config)
  await objects.bring([pointer])
  return parseDirManifest(objects.read(pointer), pointer.md5)
}

test('adds, pushes, loses and pulls a folder; the native reader sees what DVC wrote', async () => {
  const dvc = createDvc(root)
  await dvc.init()
  expect(readFileSync(join(root, '.dvc/config'), 'utf8')).toContain('analytics = false')
  await dvc.addRemote('store', store)
  const written = await dvc.add(['data/labels'])
  expect(written).toEqual(['data/labels.dvc'])
  const entries = await listed()
  const expected = Object.entries(labels).map(([path, text]) => ({ path, md5: md5Of(new TextEncoder().encode(text)) }))
  expect(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(expected)
  // Byte parity with DVC: the folder's hash is that of the manifest that we would write.
  expect(readFileSync(join(root, 'data/labels.dvc'), 'utf8')).toContain(`md5: ${dirManifest(entries).md5}`)

  await dvc.push()
  rmSync(join(root, '.dvc/cache'), { recursive: true })
  rmSync(join(root, 'data/labels'), { recursive: true })
  expect(await listed()).toEqual(entries)
  await dvc.pull(['data/labels.dvc'])
  expect(readFileSync(join(root, 'data/labels/a.txt'), 'utf8')).toBe(labels['a.txt'])
  // DVC's state stays in the workspace, which DVC itself keeps out of git.
  expect(existsSync(join(root, '.dvc/tmp/site'))).toBe(true)
  expect(execFileSync('git', ['status', '--porcelain', '.dvc'], { cwd: root, encoding: 'utf8' })).not.toContain('tmp')
})

test('a push without a remote says how to name one', async () => {
  const dvc = createDvc(root)
  await dvc.init()
  await dvc.add(['data/labels'])
  const error = await dvc.push().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(UsageError)
  expect(String((error as UsageError).mend)).toContain('dvc remote add')
})

test('a pull of objects that the remote lost is a tool error that names them', async () => {
  const dvc = createDvc(root)
  await dvc.init()
  await dvc.addRemote('store', store)
  await dvc.add(['data/labels'])
  await dvc.push()
  rmSync(join(store, 'files'), { recursive: true })
  rmSync(join(root, '.dvc/cache'), { recursive: true })
  rmSync(join(root, 'data/labels'), { recursive: true })
  rmSync(join(root, '.dvc/tmp/site'), { recursive: true, force: true })
  const error = await dvc.pull().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ToolError)
  expect((error as ToolError).message).toMatch(/missing from the cache and from the remote/)
  expect((error as ToolError).mend).toContain('dvc push')
})

test('a repository that another DVC process holds is reported as locked', async () => {
  await createDvc(root).init()
  const script = `
import sys
from dvc.repo import Repo
repo = Repo(sys.argv[1])
with repo.lock:
    print('held', flush=True)
    sys.stdin.read()
`
  const holder = spawn(pythonTool('python'), ['-c', script, root], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await once(holder.stdout, 'data')
    const error = await createDvc(root, { lockRetries: 0 })
      .add(['data/labels'])
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ToolError)
    expect((error as ToolError).message).toContain('another DVC process')
    const patient = createDvc(root, { lockRetries: 4 }).add(['data/labels'])
    holder.stdin.end()
    expect(await patient).toEqual(['data/labels.dvc'])
  } finally {
    holder.kill()
  }
})

test('commands of one workspace queue instead of failing on each other’s lock', async () => {
  const dvc = createDvc(root, { lockRetries: 0 })
  await dvc.init()
  mkdirSync(join(root, 'data/images'))
  writeFileSync(join(root, 'data/images/a.png'), 'not a picture')
  await Promise.all([dvc.add(['data/labels']), dvc.add(['data/images']), dvc.addRemote('store', store)])
  await dvc.push()
  const objects = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(objects.length).toBe(6)
})

test('a damaged object is found by hashing it, with its path', async () => {
  const dvc = createDvc(root)
  await dvc.init()
  await dvc.add(['data/labels'])
  const { md5 } = dirManifest(await listed())
  const object = join(root, '.dvc/cache', objectPath(md5))
  const bytes = readFileSync(object)
  const mode = statSync(object).mode & 0o222
  expect(mode).toBe(0)
  rmSync(object)
  writeFileSync(object, bytes.with(3, (bytes[3] as number) ^ 1))
  await expect(listed()).rejects.toThrow(/damaged/)
})

test('refuses paths outside the workspace and remotes that are options', async () => {
  const dvc = createDvc(root)
  await expect(dvc.add(['../elsewhere'])).rejects.toBeInstanceOf(UsageError)
  await expect(dvc.pull(['/etc/passwd'])).rejects.toBeInstanceOf(UsageError)
  await expect(dvc.addRemote('--local', '/x')).rejects.toBeInstanceOf(UsageError)
  await expect(dvc.addRemote('store', '--system')).rejects.toBeInstanceOf(UsageError)
})

test('outside a DVC repository the error says how to make one', async () => {
  await expect(createDvc(root).push()).rejects.toThrow(/no DVC repository/)
})

test.each([
  ["ERROR: unexpected error - [Errno 28] No space left on device: '/x'", /disk is full/, ToolError],
  ["ERROR: output 'x' is already tracked by SCM (e.g. Git).", /git already tracks/, UsageError],
  ['ERROR: something never seen', /dvc failed with exit code 255/, ToolError],
])('explains %j', (output, message, kind) => {
  const error = dvcError(['add', 'x'], 255, output, null)
  expect(error).toBeInstanceOf(kind)
  expect(error.message).toMatch(message)
})
