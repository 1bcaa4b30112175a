import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryRepository } from '../../scripts/simulation/memory-repository.ts'
import { byForge, type Repository, repositoryAt } from '../../src/adapters/local-forge/repository.ts'

/** Asks both and takes the answer that they agree on. */
type Both = <T>(ask: (git: Repository) => Promise<T>) => Promise<T>

test('the repository in memory answers as git does, object for object', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-memory-'))
  try {
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', root])
    const [real, memory] = [repositoryAt(root), memoryRepository()]
    await sameHistory(async (ask) => {
      const [theirs, ours] = [await ask(real), await ask(memory)]
      expect(ours).toEqual(theirs)
      return theirs
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

async function sameHistory(both: Both): Promise<void> {
  const blob = (text: string | Uint8Array) => both((git) => git.makeBlob(Buffer.from(text)))
  const [one, two, raw] = [await blob('one\n'), await blob('two\n'), await blob(new Uint8Array([0, 255, 10]))]
  const file = (path: string, sha: string | null, mode = '100644') => ({ path, sha, mode })
  const tree = (base: string | null, ...entries: ReturnType<typeof file>[]) =>
    both((git) => git.makeTree(base, entries))
  // A folder sorts behind a file whose name goes on with a dot, and before one that goes on with a digit.
  const names = ['a.txt', 'a/b/c', 'a0', 'é/ü', 'run.sh'].map((path, i) => file(path, i % 2 ? raw : one))
  const whole = (await tree(null, ...names, file('bin/run', two, '100755'))) as string
  const ours = (await tree(whole, file('a/b/c', two))) as string
  const theirs = (await tree(whole, file('a0', null), file('new', raw))) as string
  const rival = (await tree(whole, file('a/b/c', one))) as string
  expect(await tree(whole, file('nowhere', null))).toBeNull()

  const commit = (of: string, parents: string[], message = 'why\n') =>
    both((git) => git.commitTree(of, parents, message, byForge('2026-11-22T10:00:00Z')))
  const root = await commit(whole, [])
  const left = await commit(ours, [root], 'left\n\nmore')
  const right = await commit(theirs, [root])
  const other = await commit(rival, [root])
  await both((git) => git.createRef('refs/heads/main', left).then((made) => made !== null))
  expect(await both((git) => git.createRef('refs/heads/main', right).then((made) => made !== null))).toBe(false)
  for (const revision of ['HEAD', 'main', 'refs/heads/main', left, whole, 'nothing']) {
    await both((git) => git.commitOf(revision))
  }
  await both((git) => git.branchOf('main'))
  await both((git) => git.readCommit(left))
  const merged = (await both((git) => git.mergeTree(left, right))) as string
  expect(await both((git) => git.mergeTree(left, other))).toBeNull()
  const merge = await commit(merged, [left, right])
  expect(await both((git) => git.advance('main', root, merge))).toBe('moved')
  expect(await both((git) => git.advance('main', left, merge))).toBe('done')
  const long = (await tree(whole, file('a0', await blob('zero\none\ntwo\nthree\nfour')))) as string
  const short = (await tree(long, file('a0', await blob('one\nthree\nfour\n')), file('run.sh', raw))) as string
  const [grown, shrunk] = [await commit(long, [root]), await commit(short, [root])]
  for (const [a, b] of [
    [root, left],
    [root, right],
    [right, root],
    [left, other],
    [root, grown],
    [grown, shrunk],
    [merge, merge],
  ] as const) {
    await both((git) => git.files(a, b))
  }
  for (const [a, b] of [
    [merge, right],
    [right, merge],
    [merge, other],
    [left, right],
  ] as const) {
    await both((git) => git.mergeBase(a, b))
  }
  expect(await both((git) => git.mergeTree(merge, right))).toBe(merged)

  const tag = {
    name: 'v1',
    object: merge,
    type: 'commit',
    message: 'Version 1\n\nmore',
    tagger: 'a <b> 1763805600 +0000',
  }
  const tagged = await both((git) => git.makeTag(tag))
  await both((git) => git.createRef('refs/tags/v1', tagged).then((made) => made !== null))
  for (const sha of [tagged, merge, whole, one, '0'.repeat(40)]) await both((git) => git.typeOf(sha))
  await both((git) => git.readTag(tagged))
  for (const sha of [one, raw, merge]) await both(async (git) => (await git.readBlob(sha))?.toString())
  await both((git) => git.commitOf('v1'))
  for (const ref of ['refs/tags/v1', 'refs/tags/v2', 'HEAD:a0', 'HEAD:bin/run', 'HEAD:new']) {
    await both((git) => git.objectOf(ref))
  }
  await both((git) => git.refs('refs/'))
  await both((git) => git.symbolicHead())
  await both((git) => git.deleteRef('refs/tags/v1'))
  expect(await both((git) => git.objectOf('refs/tags/v1'))).toBeNull()
  for (const ref of ['refs/tags/site@v1.0.0', 'refs/tags/site#production#1', 'refs/heads/a..b', 'refs/heads/a b']) {
    await both((git) => git.validRef(ref))
  }
}
