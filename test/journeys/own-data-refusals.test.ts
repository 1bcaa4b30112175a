import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { home } from '../../src/adapters/tools.ts'
import { datasetSpec, gatePolicy, pipeline } from '../../src/core/documents/declared.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { UsageError } from '../../src/core/errors.ts'
import { safeNames, storyName } from '../../src/journeys/own-names.ts'
import { drawn, fingerprint, plainFolder, tell, vocFolder, worldOf } from './own-folders.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-own-refusals-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...parts: string[]) => join(folder, ...parts)
let names: string[] = []

beforeAll(async () => {
  names = await drawn(at('drawn'), 40)
}, 60_000)

/** The message of a refusal, which names the folder and a way out, and has left the folder as it was. */
async function refusal(path: string): Promise<string> {
  const before = existsSync(path) ? fingerprint(path) : ''
  const error = await worldOf(path).then(
    () => null,
    (cause: unknown) => cause,
  )
  if (!(error instanceof UsageError)) throw error ?? new Error('it was taken')
  expect(error.where).toBeTruthy()
  expect(error.mend).toBeTruthy()
  if (before) expect(fingerprint(path)).toBe(before)
  return error.message
}

test('refuses a folder that is empty, or not there', async () => {
  mkdirSync(at('empty'))
  expect(await refusal(at('empty'))).toContain('no data set was found')
  expect(await refusal(at('nowhere'))).toContain('no such file or folder')
})

test('refuses fewer than 30 images, and says how many are needed', async () => {
  const path = at('few')
  plainFolder(at('drawn'), names.slice(0, 29), path, 8)
  expect(await refusal(path)).toContain('29 images are too few')
})

test('refuses a data set without a single box', async () => {
  const path = at('unlabelled')
  plainFolder(at('drawn'), names, path, 10)
  for (const split of ['train', 'val']) rmSync(join(path, 'labels', split), { recursive: true })
  expect(await refusal(path)).toContain('there are no labels')
})

test('refuses class names that no data.yaml takes', async () => {
  const path = at('turned')
  vocFolder(at('drawn'), names, path, (name, i) => (i % 2 ? `${name}\u202e` : name))
  expect(await refusal(path)).toMatch(/class names cannot be taken: .*control characters/)
})

test('refuses pictures of which too few can be read', async () => {
  const path = at('broken')
  plainFolder(at('drawn'), names, path, 10)
  for (const name of names.slice(10, 30)) writeFileSync(join(path, 'images/train', `${name}.png`), 'no picture')
  expect(await refusal(path)).toContain('only 20 of 40 images can be read')
})

test('refuses labels without their images', async () => {
  const path = at('labels-only')
  plainFolder(at('drawn'), names, path, 10)
  rmSync(join(path, 'images'), { recursive: true })
  expect(await refusal(path)).toMatch(/images are not here|no "images/)
})

test('refuses data of which no part is sound enough to be version 1', async () => {
  const path = at('faulty')
  plainFolder(at('drawn'), names, path, 10)
  for (const name of names.slice(10)) writeFileSync(join(path, 'labels/train', `${name}.txt`), '0 0.5 0.5 0 0\n')
  expect(await refusal(path)).toContain('0 for version 1')
})

test('refuses to write the story into the data that it is made from', async () => {
  const path = at('inside')
  plainFolder(at('drawn'), names, path, 10)
  const before = fingerprint(path)
  const world = await worldOf(path)
  const silent = { update: () => {}, end: () => {} }
  await expect(world.versionOne(join(path, '.sluice/data'), silent)).rejects.toThrow(/into the data/)
  expect(fingerprint(path)).toBe(before)
})

test('takes odd class and file names, and writes safe file names', async () => {
  const path = at('odd')
  const odd = ['Ä gear: "yes"', "o'brien #2", '- dash', '100']
  vocFolder(at('drawn'), names, path, (name) => odd[['person', 'helmet', 'vest', 'tool'].indexOf(name)] as string)
  for (const [i, name] of names.entries()) {
    for (const [kind, suffix] of [
      ['JPEGImages', 'png'],
      ['Annotations', 'xml'],
    ]) {
      cpSync(join(path, `${kind}/${name}.${suffix}`), join(path, `${kind}/pic ${i} é;$(x).${suffix}`))
      rmSync(join(path, `${kind}/${name}.${suffix}`))
    }
  }
  const { world, base, heads } = await tell(path, at('told'))
  expect(world.classes).toEqual([...odd].sort())
  expect(base.classes).toEqual(world.classes)
  for (const { name } of [...base.images, ...heads.c.images]) expect(name).toMatch(/^pic-\d+-e-x$/)
})

test('every file that the story declares is one that its readers take', async () => {
  const path = at('declared')
  plainFolder(at('drawn'), names, path, 10)
  const { declared = {}, imageSize } = await worldOf(path)
  expect(Object.keys(declared)).toHaveLength(5)
  for (const [file, text] of Object.entries(declared)) {
    if (file.startsWith('pipelines/')) expect(parseDeclared(pipeline, text, file).imageSize).toBe(imageSize)
    else if (file.startsWith('gates/')) expect(parseDeclared(gatePolicy, text, file).gates?.length).toBeGreaterThan(5)
    else expect(parseDeclared(datasetSpec, text, file).name).toBe('declared')
  }
  expect(Object.keys(declared).every((file) => file.startsWith('dataset-specs/') || existsSync(join(home, file)))).toBe(
    true,
  )
})

test('names of stories and pictures are safe, and never two alike', () => {
  expect(
    ['/a/My Data (2)/', '/b/data', 'x/coco/annotations/instances_val2017.json', '/2024', '/ü'].map(storyName),
  ).toEqual(['my-data-2', 'b', 'coco', 'data-2024', 'u'])
  const image = (name: string, file = name) => ({ name, file })
  const safe = safeNames([
    image('a/b'),
    image('a-b'),
    image('A-B'),
    image('../x'),
    image('日'),
    image('本'),
    image('q'.repeat(300)),
  ])
  expect(safe.slice(0, 1).concat(safe[3] as string)).toEqual(['a-b', 'x'])
  expect(new Set(safe.map((name) => name.toLowerCase())).size).toBe(7)
  for (const name of safe) expect(name).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/)
})
