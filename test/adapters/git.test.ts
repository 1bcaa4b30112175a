import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import { ToolError, UsageError } from '../../src/core/errors.ts'

let root: string
const plain = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const write = (path: string, content: string) => writeFileSync(join(root, path), content)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-git-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function repository(date = '2026-11-22T10:00:00Z') {
  const git = createGit(root, { date })
  await git.init('main')
  write('a.txt', 'one\n')
  const first = (await git.commit('first', ['a.txt'])) as string
  return { git, first }
}

test('a commit names its author, and nothing to commit gives null', async () => {
  const { git, first } = await repository()
  expect(plain('log', '-1', '--format=%an <%ae> %cn %s')).toBe('sluice <sluice@localhost> sluice first')
  expect(await git.resolve('main')).toBe(first)
  expect(await git.commit('again', ['a.txt'])).toBeNull()
})

test('the same content, message and date give the same commit in another folder', async () => {
  const { first } = await repository()
  const other = mkdtempSync(join(tmpdir(), 'sluice-git-'))
  try {
    const git = createGit(other, { date: '2026-11-22T10:00:00Z' })
    await git.init('main')
    writeFileSync(join(other, 'a.txt'), 'one\n')
    expect(await git.commit('first', ['a.txt'])).toBe(first)
  } finally {
    rmSync(other, { recursive: true, force: true })
  }
})

test('hooks of the repository do not run', async () => {
  const { git } = await repository()
  mkdirSync(join(root, '.git/hooks'), { recursive: true })
  for (const hook of ['pre-commit', 'commit-msg', 'post-commit', 'post-checkout', 'post-merge', 'prepare-commit-msg']) {
    write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch "${root}/hook-ran"\nexit 1\n`)
    chmodSync(join(root, '.git/hooks', hook), 0o755)
  }
  write('a.txt', 'two\n')
  await git.commit('second', ['a.txt'])
  await git.branch('side', 'HEAD')
  await git.checkout('side')
  expect(existsSync(join(root, 'hook-ran'))).toBe(false)
})

test('an index or git folder that the environment names is not used', async () => {
  process.env.GIT_DIR = '/nonexistent'
  process.env.GIT_INDEX_FILE = '/nonexistent/index'
  process.env.EDITOR = 'false'
  try {
    const { git, first } = await repository()
    expect(await git.resolve('HEAD')).toBe(first)
  } finally {
    for (const name of ['GIT_DIR', 'GIT_INDEX_FILE', 'EDITOR']) delete process.env[name]
  }
})

test.each(['--output=/tmp/x', '-h', 'nowhere', '', 'main..', ':/first --all'])(
  'a revision %j that names nothing is a usage error and never an option',
  async (revision) => {
    const { git } = await repository()
    await expect(git.resolve(revision)).rejects.toBeInstanceOf(UsageError)
    await expect(git.changedFiles(revision, 'HEAD')).rejects.toBeInstanceOf(UsageError)
  },
)

test.each(['-d', 'a b', 'a..b', 'x.lock', '@', 'a~1', '', 'with\nline', '/a/', 'refs//x'])(
  'refuses %j as the name of a branch and of a tag',
  async (name) => {
    const { git } = await repository()
    await expect(git.branch(name, 'HEAD')).rejects.toBeInstanceOf(UsageError)
    await expect(git.tag(name, 'HEAD', 'x', '2026-11-22T10:00:00Z')).rejects.toBeInstanceOf(UsageError)
  },
)

test('reads bytes at a revision, and null where there is no file', async () => {
  const { git, first } = await repository()
  const bytes = Uint8Array.from([0, 255, 10, 13, 10, 128])
  writeFileSync(join(root, 'b.bin'), bytes)
  await git.commit('binary', ['b.bin'])
  expect(await git.show('HEAD', 'b.bin')).toEqual(bytes)
  expect(await git.show(first, 'b.bin')).toBeNull()
  expect(await git.show('HEAD', 'no/such')).toBeNull()
})

test('names changed files as they are, whatever their letters', async () => {
  const { git, first } = await repository()
  write('ünï code "x".txt', 'x')
  await git.commit('odd name', ['.'])
  expect(await git.changedFiles(first, 'HEAD')).toEqual(['ünï code "x".txt'])
})

test('discarding changes leaves the last commit and the ignored files, and nothing else', async () => {
  const git = createGit(root)
  await git.init('main')
  await git.discardChanges()
  write('.gitignore', 'kept/\n')
  write('a.txt', 'one\n')
  await git.commit('first', ['.'])
  write('a.txt', 'half')
  write('new.txt', 'new')
  mkdirSync(join(root, 'kept'))
  write('kept/big.bin', 'x')
  await git.discardChanges()
  expect(plain('status', '--porcelain')).toBe('')
  expect(existsSync(join(root, 'new.txt'))).toBe(false)
  expect(existsSync(join(root, 'kept/big.bin'))).toBe(true)
})

test('a merge has two parents; a conflict names its files and leaves the work tree clean', async () => {
  const { git, first } = await repository()
  await git.branch('side', first)
  await git.checkout('side')
  expect(await git.currentBranch()).toBe('side')
  write('side.txt', 's')
  const side = await git.commit('side', ['side.txt'])
  await git.checkout('main')
  const merged = await git.merge('side', 'Merge side')
  expect(plain('rev-list', '--parents', '-1', merged).split(' ')).toEqual([merged, first, side])
  expect(await git.mergeBase('main', 'side')).toBe(side)

  await git.branch('clash', first)
  await git.checkout('clash')
  write('a.txt', 'theirs\n')
  await git.commit('theirs', ['a.txt'])
  await git.checkout('main')
  write('a.txt', 'ours\n')
  await git.commit('ours', ['a.txt'])
  const failure = await git.merge('clash', 'Merge clash').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ToolError)
  expect((failure as ToolError).message).toContain('a.txt')
  expect(plain('status', '--porcelain')).toBe('')
})

test('histories without a common commit are a usage error', async () => {
  const { git } = await repository()
  plain('checkout', '-q', '--orphan', 'island')
  await git.commit('island', [])
  await expect(git.mergeBase('main', 'island')).rejects.toThrow(/no common history/)
})

test('an annotated tag with a fixed date is the same object each time, and is never moved', async () => {
  const { git, first } = await repository()
  const message = '{"evidence":"abc"}\n# not a comment'
  await git.tag('model@v1.2.0', first, message, '2026-11-22T12:00:00Z')
  const object = plain('rev-parse', 'refs/tags/model@v1.2.0')
  expect(plain('cat-file', '-t', object)).toBe('tag')
  await git.tag('model@v1.2.0', first, message, '2026-11-22T12:00:00Z')
  expect(plain('rev-parse', 'refs/tags/model@v1.2.0')).toBe(object)
  plain('tag', '-d', 'model@v1.2.0')
  await git.tag('model@v1.2.0', first, message, '2026-11-22T12:00:00Z')
  expect(plain('rev-parse', 'refs/tags/model@v1.2.0')).toBe(object)
  await expect(git.tag('model@v1.2.0', first, 'other', '2026-11-22T12:00:00Z')).rejects.toBeInstanceOf(ToolError)
})

test('lists annotated tags that match, with commit and message, and no lightweight ones', async () => {
  const { git, first } = await repository()
  await git.tag('model@v1.0.0', first, 'one', '2026-11-22T12:00:00Z')
  await git.tag('model#prod#1', first, 'line\n\nbody', '2026-11-22T12:00:00Z')
  plain('tag', 'model@v9.9.9')
  const date = '2026-11-22T12:00:00Z'
  expect(await git.tags('model@v*')).toEqual([{ name: 'model@v1.0.0', commit: first, message: 'one', date }])
  const [stage] = await git.tags('model#prod#*')
  expect(stage).toEqual({ name: 'model#prod#1', commit: first, message: 'line\n\nbody', date })
})

test('outside a repository the error says so', async () => {
  await expect(createGit(root).commit('x', [])).rejects.toThrow(/not a git repository/)
})
