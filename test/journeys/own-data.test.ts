import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { datasetDigests } from '../../src/core/dataset/digest.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import { gatePolicy } from '../../src/core/documents/declared.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { diff } from '../../src/steps/diff.ts'
import {
  cocoFolder,
  drawn,
  fingerprint,
  plainFolder,
  read,
  type Told,
  tell,
  vocFolder,
  worldOf,
} from './own-folders.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-own-data-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...parts: string[]) => join(folder, ...parts)
const policy = parseDeclared(gatePolicy, readFileSync(join(home, 'gates/dataset.yaml'), 'utf8'), 'gates/dataset.yaml')
const bccd = join(home, '../shared/data/bccd')

let names: string[] = []
const told: Record<string, Told> = {}
const before: Record<string, string> = {}

/** Rules of the errors that a proposal brings beside those of its base. */
function newErrors(head: Dataset, base: Dataset | null): string[] {
  const { findings } = checkDataset(head, { policy, base, today: '2026-01-01' }).body
  return findings
    .filter(({ severity, status }) => severity === 'error' && status === 'new')
    .map(({ rule, file, line }) => `${rule} ${file}:${line}`)
}

const inSplit = ({ images }: Dataset, split: string) =>
  images.filter((image) => image.split === split).map(({ name }) => name)

beforeAll(async () => {
  names = await drawn(at('drawn'), 90)
  plainFolder(at('drawn'), names, at('plain'), 24)
  // Real defects: a row of four columns and a box without area in training, a box far outside in validation, a leak.
  const append = (name: string, row: string) => {
    const file = at('plain/labels', `${name}.txt`)
    writeFileSync(file, readFileSync(file, 'utf8') + row)
  }
  append(`train/${names[40]}`, '1 0.5 0.5 0.1\n')
  append(`train/${names[41]}`, '1 0.5 0.5 0 0.1\n')
  append(`val/${names[3]}`, '1 0.999 0.001 0.9 0.1\n')
  cpSync(at('plain/images/val', `${names[5]}.png`), at('plain/images/train/leak.png'))
  cpSync(at('plain/labels/val', `${names[5]}.txt`), at('plain/labels/train/leak.txt'))
  cocoFolder(at('drawn'), names, at('coco'))
  const coco = JSON.parse(readFileSync(at('coco/instances.json'), 'utf8'))
  coco.annotations[0].bbox[2] = 0
  writeFileSync(at('coco/instances.json'), JSON.stringify(coco))
  vocFolder(at('drawn'), names, at('voc'))
  for (const kind of ['plain', 'coco', 'voc', ...(existsSync(bccd) ? [bccd] : [])]) {
    const path = kind === bccd ? bccd : at(kind)
    before[kind] = fingerprint(path)
    told[kind] = await tell(path, at('told', kind === bccd ? 'bccd' : kind))
  }
}, 120_000)

const each = () => Object.entries(told)

test('version 1 passes the check, and nothing in the folder of the user changes', () => {
  for (const [kind, { base }] of each()) {
    expect(newErrors(base, null), kind).toEqual([])
    expect(inSplit(base, 'train').length, kind).toBeGreaterThan(20)
    expect(fingerprint(kind === bccd ? bccd : at(kind)), kind).toBe(before[kind])
  }
})

test('pull request A fails by the real defects and by those that were planted, each said with its place', () => {
  for (const [kind, { base, heads, says }] of each()) {
    const errors = newErrors(heads.a, base)
    const planted = says.a.filter((line) => line.startsWith('planted: ')).map((line) => line.split(' ')[1])
    expect(planted, kind).toHaveLength(7)
    const rules = new Set(errors.map((error) => error.split(' ')[0]))
    expect([...rules], kind).toEqual(
      expect.arrayContaining([
        'label-range',
        'box-negative-size',
        'label-class',
        'image-missing',
        'image-unreadable',
        'split-leak',
        'box-duplicate',
      ]),
    )
  }
  const plain = newErrors(told.plain!.heads.a, told.plain!.base)
  const of = (index: number) => `labels/train-${names[index]}.txt`
  expect(plain.some((error) => error.startsWith(`label-columns ${of(40)}`))).toBe(true)
  expect(plain.some((error) => error.startsWith(`box-zero-area ${of(41)}`))).toBe(true)
  expect(plain.filter((error) => error.startsWith('split-leak images/train-leak.png'))).not.toEqual([])
  expect(told.plain!.says.a.join('\n')).toMatch(new RegExp(`real: box-zero-area in ${of(41)}:\\d+`))
})

test('pull request B passes, and says what it left out', () => {
  for (const [kind, { base, heads }] of each()) {
    expect(newErrors(heads.b, base), kind).toEqual([])
    expect(heads.b.images.length, kind).toBeGreaterThan(base.images.length + 5)
  }
  const mends = told.plain!.says.b
  expect(mends).toHaveLength(3)
  expect(mends.join('\n')).toContain(`labels/train/${names[41]}.txt`)
  expect(mends.join('\n')).toContain('images/train/leak.png: the same bytes')
  const head = told.plain!.heads.b
  expect(head.images.some(({ name }) => name === 'train-leak')).toBe(false)
  expect(head.images.some(({ name }) => name === `train-${names[41]}`)).toBe(true)
})

test('what is wrong in validation is mended before the story begins, and the notes say so', () => {
  const { base, world } = told.plain!
  expect(world.notes.join('\n')).toMatch(new RegExp(`Mended in validation.*labels/val/${names[3]}.txt:\\d+.*left out`))
  expect(inSplit(base, 'val')).toHaveLength(24)
  expect(told.coco!.world.notes.concat(told.coco!.says.b).join('\n')).toContain('a box without area')
})

test('pull request C is clean to the file checks, has the boxes of B, and other labels', () => {
  for (const [kind, { base, heads }] of each()) {
    expect(newErrors(heads.c, base), kind).toEqual([])
    const { boxes, images } = diff(heads.b, heads.c, {}).body
    expect(images.added + images.removed, kind).toBe(0)
    expect(boxes.relabelled, kind).toBeGreaterThan(10)
    expect(boxes.added + boxes.removed + boxes.moved, kind).toBe(0)
  }
})

test('validation is the same in version 1 and all three proposals', () => {
  for (const [kind, { base, heads }] of each()) {
    const { validationSet } = datasetDigests(base)
    expect(validationSet, kind).toBeDefined()
    for (const head of Object.values(heads)) expect(datasetDigests(head).validationSet, kind).toBe(validationSet)
  }
})

test('images are dealt out without loss: version 1 and B together are all that are not named as left out', () => {
  for (const kind of ['coco', 'voc']) {
    expect(told[kind]!.heads.b.images.map(({ name }) => name).sort(), kind).toEqual([...names].sort())
  }
})

test('images that are added later move none of those that are there', async () => {
  const more = at('more')
  cpSync(at('drawn'), more, { recursive: true })
  const all = await drawn(more, 25, 'later')
  vocFolder(more, all, at('grown'))
  const grown = await tell(at('grown'), at('told/grown'))
  const { base, heads } = told.voc!
  const kept = new Set(names)
  for (const split of ['val', 'train']) {
    expect(inSplit(grown.base, split).filter((name) => kept.has(name))).toEqual(inSplit(base, split))
  }
  expect(inSplit(grown.heads.b, 'train').filter((name) => kept.has(name))).toEqual(inSplit(heads.b, 'train'))
  expect(grown.base.images.length).toBeGreaterThan(base.images.length)
})

test('says what is not known, and gives as many pictures for traffic as are asked for', async () => {
  const { world } = told.voc!
  const notes = world.notes.join('\n')
  expect(notes).toContain('not proven human-verified')
  expect(notes).toContain('Not known of the images: scene, camera')
  expect(notes).toContain('The data has no validation split')
  expect([world.source, world.imageSize, world.name]).toEqual(['own', 160, 'voc'])
  const pictures = await world.traffic(200)
  expect(pictures).toHaveLength(200)
  expect(pictures[199]).toEqual(pictures[199 % 90])
})

test('one class alone is told too: C shifts its boxes', async () => {
  vocFolder(at('drawn'), names, at('one'), () => 'thing')
  const { heads, world, base } = await tell(at('one'), at('told/one'))
  expect(world.classes).toEqual(['thing'])
  expect(newErrors(heads.c, base)).toEqual([])
  const { boxes } = diff(heads.b, heads.c, {}).body
  expect(boxes.relabelled).toBe(0)
  expect(boxes.moved).toBeGreaterThan(10)
})

test('writes version 1 again over what a stopped run left', async () => {
  const world = await worldOf(at('voc'))
  const again = at('told/again')
  cpSync(at('told/voc/a'), again, { recursive: true })
  await world.versionOne(again, { update: () => {}, end: () => {} })
  expect(datasetDigests(read(again))).toEqual(datasetDigests(told.voc!.base))
})
