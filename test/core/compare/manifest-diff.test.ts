import { describe, expect, test } from 'vitest'
import { diffManifests, type ManifestEntry } from '../../../src/core/compare/manifest-diff.ts'
import { dirManifest } from '../../../src/core/documents/dvc.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const asWritten = (entries: readonly ManifestEntry[]) =>
  bytes(`[${entries.map(({ md5, path }) => `{"md5": "${md5}", "relpath": ${JSON.stringify(path)}}`).join(', ')}]`)
const hash = (n: number) => n.toString(16).padStart(32, '0')

/** The answer by plain maps; content is unique, so that there is one way to pair renames. */
function byMaps(base: readonly ManifestEntry[], head: readonly ManifestEntry[]) {
  const [a, b] = [base, head].map((list) => new Map(list.map(({ path, md5 }) => [path, md5]))) as [
    Map<string, string>,
    Map<string, string>,
  ]
  const gone = new Map([...a].filter(([path]) => !b.has(path)).map(([path, md5]) => [md5, path]))
  const added = [...b].filter(([path]) => !a.has(path))
  const renamed = added.flatMap(([to, md5]) => (gone.has(md5) ? [{ from: gone.get(md5) as string, to, md5 }] : []))
  const old = new Set(renamed.map(({ from }) => from))
  const sorted = <T extends { path?: string; from?: string }>(list: T[]) =>
    list.sort((x, y) => ((x.path ?? x.from ?? '') < (y.path ?? y.from ?? '') ? -1 : 1))
  return {
    added: sorted(added.filter(([, md5]) => !gone.has(md5)).map(([path, md5]) => ({ path, md5 }))),
    removed: sorted([...a].filter(([path]) => !b.has(path) && !old.has(path)).map(([path, md5]) => ({ path, md5 }))),
    modified: sorted(
      [...a].flatMap(([path, before]) => {
        const after = b.get(path)
        return after !== undefined && after !== before ? [{ path, before, after }] : []
      }),
    ),
    renamed: sorted(renamed),
  }
}

function edited(base: readonly ManifestEntry[], random: Random): ManifestEntry[] {
  let next = 1_000_000
  const share = random.pick([0, 0.01, 0.3, 1])
  return base.flatMap((entry): ManifestEntry[] => {
    if (random.next() >= share) return [entry]
    const what = random.int(4)
    if (what === 0) return []
    if (what === 1) return [{ ...entry, md5: hash(next++) }]
    if (what === 2) return [{ ...entry, path: `${random.int(9)}-${entry.path}` }]
    return [entry, { path: `${entry.path}.more`, md5: hash(next++) }]
  })
}

const names = ['a', 'a-b', 'a/b', 'a.b', 'A', 'images/train', 'labels', 'ü', '\u{1f600}', 'quote"d', 'sp ace']
const randomList = (random: Random, plain: boolean) =>
  Array.from({ length: random.int(400) }, (_, i) => ({
    path: `${random.pick(plain ? names.slice(0, 7) : names)}/${random.int(50)}/${i}.txt`,
    md5: hash(i),
  }))

describe('on random manifests', () => {
  test('tells what plain maps tell, in DVC’s own bytes', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = seededRandom(`manifest ${seed}`)
      const base = randomList(random, seed % 3 > 0)
      const head = edited(base, random)
      expect(diffManifests(dirManifest(base).bytes, dirManifest(head).bytes)).toEqual(byMaps(base, head))
    }
  })

  test('in any order, and in other spellings of the same JSON', () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = seededRandom(`order ${seed}`)
      const base = randomList(random, true)
      const head = edited(base, random)
      const expected = byMaps(base, head)
      const other = bytes(JSON.stringify(head.map(({ path, md5 }) => ({ size: 1, relpath: path, md5 }))))
      for (const text of [asWritten(random.shuffle(head)), asWritten(head.toReversed()), other])
        expect(diffManifests(asWritten(random.shuffle(base)), text)).toEqual(expected)
    }
  })
})

test('stretches longer than a chunk are skipped, and a change at either end of one is seen', () => {
  const base = Array.from({ length: 2000 }, (_, i) => ({
    path: `labels/${String(i).padStart(6, '0')}.txt`,
    md5: hash(i),
  }))
  for (const at of [0, 1, 999, 1998, 1999]) {
    const head = base.map((entry, i) => (i === at ? { ...entry, md5: hash(9999) } : entry))
    expect(diffManifests(dirManifest(base).bytes, dirManifest(head).bytes).modified.map(({ path }) => path)).toEqual([
      base[at]?.path,
    ])
    const shorter = base.filter((_, i) => i !== at)
    expect(diffManifests(dirManifest(base).bytes, dirManifest(shorter).bytes).removed).toEqual([base[at]])
    expect(diffManifests(dirManifest(shorter).bytes, dirManifest(base).bytes).added).toEqual([base[at]])
  }
})

test('copies that move together keep their file names', () => {
  const of = (folder: string) =>
    dirManifest(['b', 'a', 'c'].map((name) => ({ path: `${folder}/${name}.txt`, md5: hash(7) }))).bytes
  expect(diffManifests(of('old'), of('new')).renamed.map(({ from, to }) => `${from} ${to}`)).toEqual(
    ['a', 'b', 'c'].map((name) => `old/${name}.txt new/${name}.txt`),
  )
})

test('empty lists, damaged ones, and a path that is listed twice', () => {
  const none = { added: [], removed: [], modified: [], renamed: [] }
  expect(diffManifests(bytes('[]'), bytes('[]'))).toEqual(none)
  expect(diffManifests(bytes('[]'), dirManifest([{ path: 'a', md5: hash(1) }]).bytes).added).toHaveLength(1)
  for (const text of ['', '{}', '[{"md5": "1"}]', '[{"md5": "', '[1]', 'null']) {
    expect(() => diffManifests(bytes(text), dirManifest([{ path: 'a', md5: hash(1) }]).bytes)).toThrow(
      /DVC folder object/,
    )
  }
  const twice = asWritten([
    { path: 'a', md5: hash(1) },
    { path: 'a', md5: hash(2) },
  ])
  expect(() => diffManifests(twice, bytes('[]'))).toThrow(/twice/)
})
