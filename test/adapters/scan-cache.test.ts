import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Tree } from '../../src/adapters/dataset/tree.ts'
import { readYolo } from '../../src/adapters/dataset/yolo.ts'
import { openScan } from '../../src/adapters/scan-cache.ts'
import { canonicalJson, sha256 } from '../../src/core/documents/define.ts'
import { type Random, seededRandom } from '../../src/core/stats/random.ts'
import { checkAndFlag } from '../../src/steps/check.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-scan-cache-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Files by path; a tree over them counts the label files that are read. */
type Files = Map<string, string>
function treeOf(files: Files): Tree & { reads: number } {
  const tree = {
    ...{
      root: '/nowhere',
      files: [...files.keys()].sort(),
      has: (path: string) => files.has(path),
      defects: [],
      reads: 0,
    },
    folders: new Set(
      [...files.keys()].flatMap((path) => path.split('/').map((_, i, all) => all.slice(0, i).join('/'))),
    ),
    here: () => true,
    read: (path: string) => {
      if (path.startsWith('labels/')) tree.reads++
      const bytes = Buffer.from(files.get(path) as string)
      return { bytes, length: bytes.length, size: bytes.length }
    },
    tail: () => new Uint8Array(0),
    md5: () => null,
    id: (path: string) => `md5:${sha256(files.get(path) as string)}`,
  }
  return tree
}

const row = (random: Random) => {
  const odd = [
    '0 0.5 0.5 0 0.1',
    '9 0.5 0.5 0.1 0.1',
    '0 0.99 0.5 0.1 0.1',
    '1 0.5 0.5',
    '1 0.5 0.5 1 1',
    '0 640 320 50 50',
    '2 0.1 0.1 0.4 0.1 0.4 0.6',
  ]
  if (random.next() < 0.06) return random.pick(odd)
  return `${random.int(3)} ${[0.3, 0.3, 0.1, 0.1].map((low) => random.uniform(low, low + 0.4).toFixed(6)).join(' ')}`
}
const rows = (random: Random) => Array.from({ length: random.int(7) }, () => row(random)).join('\n')
const yaml = (names: string[]) => `path: .\ntrain: images/train\nval: images/val\nnames: [${names.join(', ')}]\n`

function drawn(random: Random): Files {
  const files: Files = new Map([['data.yaml', yaml(['person', 'helmet', 'vest'])]])
  for (let i = 0; i < 60; i++) files.set(`labels/${random.pick(['train', 'val'])}/f${i}.txt`, rows(random))
  return files
}

/** A few changes of every kind that a proposal makes. */
function edited(files: Files, random: Random): Files {
  const next = new Map(files)
  for (let k = 0; k < 1 + random.int(6); k++) {
    const labels = [...next.keys()].filter((path) => path.startsWith('labels/'))
    const path = random.pick(labels)
    const text = next.get(path) as string
    const what = random.int(8)
    if (what === 0) next.delete(path)
    else if (what === 1) next.set(`labels/train/new${random.int(1e6)}.txt`, rows(random))
    else if (what === 2) next.set(path, rows(random))
    else if (what === 3)
      next.set(
        path,
        text.replace(/[0-9]$/, (digit) => String((Number(digit) + 1) % 10)),
      )
    else if (what === 4 || what === 5) {
      const [here, there] = path.includes('/train/') ? ['/train/', '/val/'] : ['/val/', '/train/']
      next.delete(path)
      next.set(what === 4 ? path.replace(/(\w+)\.txt/, 'renamed-$1.txt') : path.replace(here, there), text)
    }
    if (what === 6) next.set(path, `${text}\n${row(random)}`)
    else if (random.next() < 0.3)
      next.set(
        'data.yaml',
        yaml(
          random.pick([
            ['person', 'vest', 'helmet'],
            ['person', 'helmet'],
            ['person', 'helmet', 'vest', 'tool'],
          ]),
        ),
      )
  }
  return next
}

const options = { today: '2026-11-22' }
const read = (files: Files, memory?: Parameters<typeof readYolo>[3]['memory']) => {
  const tree = treeOf(files)
  return { tree, dataset: readYolo('set', tree, 'data.yaml', { md5: false, classes: null, memory }) }
}
const whole = (files: Files, base: Files) =>
  canonicalJson(checkAndFlag(read(files).dataset, { ...options, base: read(base).dataset }).document)

/** The document of a check that uses and leaves a cache, and how many label files it read. */
function cached(name: string, files: Files, base: Files): { document: string; reads: number; note: string | null } {
  const scan = openScan(folder, name, 'key')
  const [a, b] = [scan.remember(), scan.remember()]
  const [head, before] = [read(files, a), read(base, b)]
  const { document, baseFlagged } = checkAndFlag(head.dataset, {
    ...{ ...options, base: before.dataset },
    images: scan.images(head.dataset, a),
    baseImages: scan.images(before.dataset, b),
  })
  scan.keep(before.dataset, b, baseFlagged)
  return { document: canonicalJson(document), reads: head.tree.reads + before.tree.reads, note: scan.note }
}

test('a check with a cache gives the same document as a whole check, over sequences of random edits', () => {
  let saved = 0
  let withFindings = 0
  for (let seed = 0; seed < 25; seed++) {
    const random = seededRandom(`edits ${seed}`)
    let base = drawn(random)
    for (let step = 0; step < 6; step++) {
      const head = edited(base, random)
      const { document, reads } = cached(`s${seed}`, head, base)
      expect(document, `seed ${seed}, step ${step}`).toBe(whole(head, base))
      if (reads < 100) saved++
      if (document.includes('"status":"new"') && document.includes('"status":"old"')) withFindings++
      base = head
    }
  }
  expect(saved).toBeGreaterThan(60)
  expect(withFindings).toBeGreaterThan(60)
})

test('a second check of the same data reads no label file', () => {
  const base = drawn(seededRandom('twice'))
  expect(cached('twice', base, base).reads).toBeGreaterThan(100)
  expect(cached('twice', base, base).reads).toBe(0)
})

test('a cache that is cut off, altered or of something else is told of and not used', () => {
  const base = drawn(seededRandom('damage'))
  const expected = whole(base, base)
  const file = () => join(folder, readdirSync(folder).find((name) => !before.has(name)) as string)
  const before = new Set(readdirSync(folder))
  cached('damage', base, base)
  const sound = readFileSync(file())
  const damages: [string, () => void][] = [
    ['cut off', () => truncateSync(file(), sound.length - 9)],
    ['checksum', () => writeFileSync(file(), sound.with(sound.length >> 1, (sound.at(sound.length >> 1) ?? 0) ^ 1))],
    ['not of this version', () => writeFileSync(file(), 'something else altogether, and long enough to be looked at')],
  ]
  for (const [reason, damage] of damages) {
    damage()
    const { document, reads, note } = cached('damage', base, base)
    expect(note).toContain(reason)
    expect(document).toBe(expected)
    expect(reads).toBeGreaterThan(100)
    expect(cached('damage', base, base)).toMatchObject({ reads: 0, note: null })
  }
})

test('what was kept under other rules, policy or spec is not used', () => {
  const base = drawn(seededRandom('key'))
  cached('key', base, base)
  expect(openScan(folder, 'key', 'key').remember().known).not.toBeNull()
  expect(openScan(folder, 'key', 'another key').remember().known).toBeNull()
})
