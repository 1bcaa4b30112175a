import { expect, test } from 'vitest'
import type { ManifestEntry } from '../../../src/core/compare/manifest-diff.ts'
import { mergeManifests } from '../../../src/core/compare/merge-manifests.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

type Files = Record<string, string>
const list = (files: Files): ManifestEntry[] => Object.entries(files).map(([path, md5]) => ({ path, md5 }))
const filesOf = (entries: readonly ManifestEntry[]): Files =>
  Object.fromEntries(entries.map(({ path, md5 }) => [path, md5]))
const merge = (base: Files, ours: Files, theirs: Files) =>
  mergeManifests({ base: list(base), ours: list(ours), theirs: list(theirs) })

function edited(base: Files, random: Random, who: string): Files {
  const after: Files = {}
  for (const [path, md5] of Object.entries(base)) {
    const what = random.int(8)
    if (what === 0) continue
    if (what === 1) after[path] = `${md5}-${random.pick([who, 'same'])}`
    else if (what === 2) after[`${path}-${random.pick([who, 'same'])}`] = md5
    else after[path] = md5
  }
  for (let i = 0; i < random.int(4); i++) after[`new-${random.int(5)}`] = `n${random.int(3)}`
  return after
}

test('on random lists: one side’s changes are taken whole, equal ones once, and the sides can be exchanged', () => {
  let both = 0
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(`manifests ${seed}`)
    const base = Object.fromEntries(Array.from({ length: random.int(20) }, (_, i) => [`f${i}`, `m${i}`]))
    const [ours, theirs] = [edited(base, random, 'o'), edited(base, random, 't')]
    for (const one of [merge(base, ours, base), merge(base, base, ours), merge(base, ours, ours)]) {
      expect(filesOf(one.entries)).toEqual(ours)
      expect([one.both, one.conflicts]).toEqual([[], []])
    }
    const [there, back] = [merge(base, ours, theirs), merge(base, theirs, ours)]
    expect(back.conflicts.length).toBe(there.conflicts.length)
    if (there.conflicts.length > 0) continue
    expect(filesOf(back.entries)).toEqual(filesOf(there.entries))
    expect(back.both.map(({ path }) => path).sort()).toEqual(there.both.map(({ path }) => path).sort())
    both += there.both.length
  }
  expect(both).toBeGreaterThan(20)
})

test('a file that one side renames and the other changes is the changed file under the new name', () => {
  const { entries, conflicts } = merge({ a: '1', b: '2' }, { z: '1', b: '2' }, { a: '3', b: '2' })
  expect([filesOf(entries), conflicts]).toEqual([{ z: '3', b: '2' }, []])
})

test('equal contents are no proof of a rename: empty label files go and come', () => {
  const { conflicts } = merge({ a: 'empty', b: 'empty' }, { b: 'empty', c: 'empty' }, { a: 'changed', b: 'empty' })
  expect(conflicts.map(({ image, message }) => `${image}: ${message}`)).toEqual([
    'a: one side removed this file, the other changed it',
  ])
})

test('a file that both sides changed is left to its contents; two names for one file are a conflict', () => {
  expect(merge({ a: '1' }, { a: '2' }, { a: '3' }).both).toEqual([{ path: 'a', base: '1', ours: '2', theirs: '3' }])
  expect(merge({}, { a: '2' }, { a: '3' }).both).toEqual([{ path: 'a', base: undefined, ours: '2', theirs: '3' }])
  expect(merge({ a: '1' }, { y: '1' }, { z: '1' }).conflicts[0]?.message).toContain('ours renamed this file to y')
  expect(merge({ a: '1' }, { z: '1' }, { a: '1', z: '9' }).conflicts[0]?.message).toContain('two different files')
})
