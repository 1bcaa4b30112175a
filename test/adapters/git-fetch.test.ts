import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGit } from '../../src/adapters/git.ts'
import { fetchBranch, fetchPullHead } from '../../src/adapters/git-fetch.ts'

let folder = ''
const git = (at: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], {
    cwd: join(folder, at),
    encoding: 'utf8',
  }).trim()
const commit = (name: string) => {
  writeFileSync(join(folder, 'origin', name), name)
  git('origin', 'add', '.')
  git('origin', 'commit', '--quiet', '-m', name)
  return git('origin', 'rev-parse', 'HEAD')
}
const access = { repository: 'acme/data', token: 'ghs_a-secret-token' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-fetch-'))
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', join(folder, 'origin')])
  commit('first')
  execFileSync('git', ['clone', '--quiet', join(folder, 'origin'), join(folder, 'clone')])
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a proposal’s newest commit comes into the objects, once, and the token stays in no file', async () => {
  git('origin', 'switch', '--quiet', '--detach')
  const sha = commit('proposed')
  git('origin', 'update-ref', 'refs/pull/7/head', sha)
  const root = join(folder, 'clone')
  await fetchPullHead(root, { ...access, number: 7, sha })
  expect(await createGit(root).resolve(sha)).toBe(sha)
  rmSync(join(folder, 'origin'), { recursive: true })
  await fetchPullHead(root, { ...access, number: 7, sha })
  expect(readFileSync(join(root, '.git/config'), 'utf8')).not.toMatch(/extraheader|secret/)
})

test('a branch and its tags are brought up to date, tags that moved included', async () => {
  const root = join(folder, 'clone')
  git('origin', 'tag', '-a', '-m', 'one', 'site@v1.0.0')
  const newest = commit('second')
  await fetchBranch(root, { ...access, branch: 'main' })
  expect(await createGit(root).resolve('origin/main')).toBe(newest)
  expect((await createGit(root).tags('site@*')).map(({ name }) => name)).toEqual(['site@v1.0.0'])
  git('origin', 'tag', '--force', '-a', '-m', 'two', 'site@v1.0.0')
  await fetchBranch(root, { ...access, branch: 'main' })
  expect((await createGit(root).tags('site@*')).map(({ commit }) => commit)).toEqual([newest])
})
