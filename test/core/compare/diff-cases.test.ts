import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../../src/adapters/dataset.ts'
import { diffDatasets } from '../../../src/core/compare/dataset-diff.ts'

/** One version: class names, and by image its split, its pixels and its label text (null: no label file). */
type Shot = [split: 'train' | 'val' | 'test', pixels: string, labels: string | null]
type Version = { names: string[]; shots: Record<string, Shot> }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cases-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

function write(name: string, { names, shots }: Version): string {
  const root = join(folder, name)
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const lists: Record<string, string> = { train: '', val: '', test: '' }
  for (const [image, [split, pixels, labels]] of Object.entries(shots)) {
    put(`images/${image}.png`, Buffer.concat([png, Buffer.from(pixels)]))
    if (labels !== null) put(`labels/${image}.txt`, labels)
    lists[split] += `images/${image}.png\n`
  }
  for (const [split, list] of Object.entries(lists)) put(`splits/${split}.txt`, list)
  put(
    'data.yaml',
    `path: .\ntrain: splits/train.txt\nval: splits/val.txt\ntest: splits/test.txt\nnames: [${names.join(', ')}]\n`,
  )
  return root
}

const person = '0 0.3 0.3 0.2 0.2\n'
const helmet = '1 0.7 0.7 0.2 0.2\n'
const base: Version = {
  names: ['person', 'helmet', 'vest'],
  shots: {
    a: ['train', 'A', person + helmet],
    b: ['train', 'B', helmet],
    c: ['val', 'C', ''],
    d: ['val', 'D', null],
    e: ['test', 'E', person],
  },
}
const shots = (change: Record<string, Shot | undefined>, names = base.names): Version => ({
  names,
  shots: Object.fromEntries(
    Object.entries({ ...base.shots, ...change }).filter((entry): entry is [string, Shot] => entry[1] !== undefined),
  ),
})
const a = (labels: string | null) => shots({ a: ['train', 'A', labels] })
/** The base with a's labels as given, to compare with another version of a. */
const from = (labels: string) => ({ before: a(labels) })
const crowd = (dx: number, skip = -1, classId = 0) =>
  Array.from({ length: 12 }, (_, k) =>
    k === skip ? '' : `${classId} ${(0.06 + 0.075 * k + dx).toFixed(6)} 0.5 0.1 0.3\n`,
  ).join('')
const renumbered = (map: Record<string, string>, names: string[]) =>
  shots(
    Object.fromEntries(
      Object.entries(base.shots).map(([image, [split, pixels, labels]]) => {
        return [image, [split, pixels, labels?.replace(/^\d/gm, (id) => map[id] ?? id) ?? null] as Shot]
      }),
    ),
    names,
  )

type Counts = Partial<
  Record<
    | 'added'
    | 'removed'
    | 'moved'
    | 'relabelled'
    | 'images+'
    | 'images-'
    | 'renamed'
    | 'resplit'
    | 'modified'
    | 'replaced'
    | 'classes+'
    | 'classes-'
    | 'classes~',
    number
  >
>
test.each<[string, Version, Counts, { before: Version }?]>([
  ['nothing', base, {}],
  ['a box added', a(`${person}${helmet}2 0.5 0.2 0.1 0.1\n`), { added: 1, modified: 1 }],
  ['a box removed', a(person), { removed: 1, modified: 1 }],
  ['every box removed', a(''), { removed: 2, modified: 1 }],
  ['the label file removed', a(null), { removed: 2, modified: 1 }],
  ['a box moved', a(`0 0.35 0.3 0.2 0.2\n${helmet}`), { moved: 1, modified: 1 }],
  ['a box made larger', a(`0 0.3 0.3 0.3 0.3\n${helmet}`), { moved: 1, modified: 1 }],
  ['a box moved and made larger', a(`0 0.32 0.3 0.25 0.2\n${helmet}`), { moved: 1, modified: 1 }],
  ['a box moved far away', a(`0 0.8 0.2 0.2 0.2\n${helmet}`), { added: 1, removed: 1, modified: 1 }],
  ['a box relabelled', a(`2 0.3 0.3 0.2 0.2\n${helmet}`), { relabelled: 1, modified: 1 }],
  ['a box relabelled and moved a little', a(`2 0.31 0.3 0.2 0.2\n${helmet}`), { relabelled: 1, modified: 1 }],
  ['a box relabelled and moved far', a(`2 0.8 0.2 0.2 0.2\n${helmet}`), { added: 1, removed: 1, modified: 1 }],
  ['two boxes that swap their classes', a('1 0.3 0.3 0.2 0.2\n0 0.7 0.7 0.2 0.2\n'), { relabelled: 2, modified: 1 }],
  [
    'two boxes of one class that swap places',
    a('0 0.7 0.3 0.2 0.2\n0 0.3 0.3 0.2 0.2\n'),
    {},
    from('0 0.3 0.3 0.2 0.2\n0 0.7 0.3 0.2 0.2\n'),
  ],
  [
    'one moved, one added, one removed',
    a('0 0.33 0.3 0.2 0.2\n2 0.5 0.9 0.1 0.1\n'),
    { moved: 1, added: 1, removed: 1, modified: 1 },
  ],
  ['rows in another order', a(helmet + person), {}],
  ['numbers written otherwise', a('0 0.30 .3 2e-1 0.2000000\n1 0.7 0.70 +0.2 0.2\n'), {}],
  ['Windows line ends and spaces', a('0  0.3 0.3 0.2 0.2 \r\n1 0.7 0.7 0.2 0.2\r\n'), {}],
  ['no line end at the end', a((person + helmet).trimEnd()), {}],
  ['jitter below a millionth', a('0 0.3000004 0.2999996 0.2 0.2\n1 0.7 0.7 0.2 0.2\n'), {}],
  ['jitter above a millionth', a('0 0.300003 0.3 0.2 0.2\n1 0.7 0.7 0.2 0.2\n'), { moved: 1, modified: 1 }],
  ['a row written twice', a(person + person + helmet), { added: 1, modified: 1 }],
  ['a row that was there twice', a(person + helmet), { removed: 1, modified: 1 }, from(person + person + helmet)],
  ['a row twice on both sides', a(person + helmet + person), {}, from(person + person + helmet)],
  ['an image added', shots({ f: ['train', 'F', person] }), { 'images+': 1, added: 1 }],
  ['a background added', shots({ f: ['train', 'F', ''] }), { 'images+': 1 }],
  ['an image removed', shots({ b: undefined }), { 'images-': 1, removed: 1 }],
  ['an image renamed', shots({ b: undefined, z: ['train', 'B', helmet] }), { renamed: 1 }],
  ['an image renamed into a folder', shots({ b: undefined, 'day/b': ['train', 'B', helmet] }), { renamed: 1 }],
  [
    'an image renamed, a box in it moved',
    shots({ b: undefined, z: ['train', 'B', '1 0.72 0.7 0.2 0.2\n'] }),
    { renamed: 1, moved: 1, modified: 1 },
  ],
  [
    'an image renamed and put into another split',
    shots({ b: undefined, z: ['val', 'B', helmet] }),
    { renamed: 1, resplit: 1 },
  ],
  [
    'two images that swap their names',
    shots({ a: ['train', 'B', helmet], b: ['train', 'A', person + helmet] }),
    { renamed: 2 },
  ],
  ['a move to another split', shots({ b: ['val', 'B', helmet] }), { resplit: 1 }],
  [
    'a move to another split with a new box',
    shots({ b: ['val', 'B', helmet + person] }),
    { resplit: 1, added: 1, modified: 1 },
  ],
  ['a picture replaced', shots({ b: ['train', 'other', helmet] }), { modified: 1, replaced: 1 }],
  [
    'a picture replaced and a box removed',
    shots({ b: ['train', 'other', ''] }),
    { modified: 1, replaced: 1, removed: 1 },
  ],
  ['an image copied under a second name', shots({ z: ['train', 'B', helmet] }), { 'images+': 1, added: 1 }],
  ['a background that gets a box', shots({ c: ['val', 'C', person] }), { added: 1, modified: 1 }],
  ['an image without labels that gets an empty file', shots({ d: ['val', 'D', ''] }), {}],
  ['an image without labels that gets a box', shots({ d: ['val', 'D', person] }), { added: 1, modified: 1 }],
  ['classes in another order, labels with them', renumbered({ 0: '2', 2: '0' }, ['vest', 'helmet', 'person']), {}],
  [
    'classes in another order, labels left behind',
    shots({}, ['helmet', 'person', 'vest']),
    { relabelled: 4, modified: 3 },
  ],
  ['a class renamed', shots({}, ['person', 'hard hat', 'vest']), { 'classes~': 1 }],
  ['a class added', shots({}, [...base.names, 'glove']), { 'classes+': 1 }],
  ['an unused class removed', shots({}, base.names.slice(0, 2)), { 'classes-': 1 }],
  [
    'a class added in front, labels with it',
    renumbered({ 0: '1', 1: '2', 2: '3' }, ['glove', ...base.names]),
    { 'classes+': 1 },
  ],
  ['a crowd that moves along together', a(crowd(0.01)), { moved: 12, modified: 1 }, from(crowd(0))],
  ['a crowd that loses one', a(crowd(0, 5)), { removed: 1, modified: 1 }, from(crowd(0))],
  ['a crowd that moves along and loses one', a(crowd(0.01, 5)), { moved: 11, removed: 1, modified: 1 }, from(crowd(0))],
  ['a crowd that is relabelled', a(crowd(0, -1, 1)), { relabelled: 12, modified: 1 }, from(crowd(0))],
])('%s', (name, after, expected, from) => {
  const place = name.replace(/\W+/g, '-')
  const head = readDataset(write(`${place}/head`, after), { md5: true })
  const before = readDataset(write(`${place}/base`, from?.before ?? base), { md5: true })
  expect(countsOf(before, head)).toEqual(expected)
  const mirrored: Counts = {}
  const partner: Record<string, string> = { added: 'removed', 'images+': 'images-', 'classes+': 'classes-' }
  const back = Object.fromEntries(Object.entries(partner).map(([x, y]) => [y, x]))
  for (const [key, value] of Object.entries(expected))
    mirrored[(partner[key] ?? back[key] ?? key) as keyof Counts] = value
  expect(countsOf(head, before)).toEqual(mirrored)
})

function countsOf(before: ReturnType<typeof readDataset>, head: ReturnType<typeof readDataset>): Counts {
  const { boxes, images, classes } = diffDatasets(before, head)
  const { unchanged: _, ...changed } = boxes
  const { added, removed, ...others } = images
  const all = {
    ...changed,
    ...others,
    'images+': added,
    'images-': removed,
    'classes+': classes.added.length,
    'classes-': classes.removed.length,
    'classes~': classes.renamed.length,
  }
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0))
}
