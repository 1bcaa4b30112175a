import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp, { type Sharp } from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { lookAtImages } from '../../src/adapters/dataset/look.ts'
import { findCopies } from '../../src/adapters/dataset/look-copies.ts'
import { datasetFolder, readDataset } from '../../src/adapters/dataset.ts'
import { hammingDistance, hashWords } from '../../src/core/dataset/near-pairs.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { photo } from '../core/dataset/photo.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-look-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const quiet = { update: () => undefined, end: () => undefined }

async function put(root: string, split: string, name: string, image: Sharp, box = '0 0.5 0.5 0.2 0.2'): Promise<void> {
  for (const part of ['images/train', 'images/val', 'labels/train', 'labels/val'])
    mkdirSync(join(folder, root, part), { recursive: true })
  await image.toFile(join(folder, root, 'images', split, name))
  writeFileSync(join(folder, root, 'labels', split, name.replace(/\.\w+$/, '.txt')), `${box}\n`)
  writeFileSync(join(folder, root, 'data.yaml'), 'train: images/train\nval: images/val\nnames: [cell]\n')
}
async function looked(root: string, base?: string) {
  const dataset = readDataset(join(folder, root), { md5: true })
  const seen = await lookAtImages(dataset, datasetFolder(dataset), quiet)
  let against = null
  if (base !== undefined) {
    against = readDataset(join(folder, base), { md5: true })
    await lookAtImages(against, datasetFolder(against), quiet)
  }
  const found = await findCopies(
    dataset,
    datasetFolder(dataset),
    quiet,
    against && { dataset: against, folder: datasetFolder(against) },
  )
  return { dataset, seen, found, base: against }
}
const rgb = async (seed: string, width = 640, height = 480) => {
  const picture = await photo(seed, width, height)
  return () => sharp(picture.rgb, { raw: { width, height, channels: 3 } })
}

test('copies that were encoded or sized anew are found with hashes at most 4 bits apart, other pictures are not', async () => {
  const random = seededRandom('copies')
  for (let i = 0; i < 12; i++) {
    const image = await rgb(`scene ${i}`)
    await put('copies', 'train', `${i}.jpg`, image().jpeg({ quality: 92 }))
    const copy = [
      () => image().jpeg({ quality: 80 }),
      () => image().resize(320, 240).jpeg({ quality: 85 }),
      () => image().png(),
      () => image().webp({ quality: 80 }),
      () => image().jpeg({ progressive: true }),
      () => image().resize(416, 416, { fit: 'fill' }).jpeg(),
    ][i % 6]!
    await put(
      'copies',
      random.next() < 0.5 ? 'train' : 'val',
      `${i}-copy.${i % 6 === 2 ? 'png' : i % 6 === 3 ? 'webp' : 'jpg'}`,
      copy(),
    )
  }
  const { dataset, seen, found } = await looked('copies')
  expect(seen).toMatchObject({ defects: [], looked: 24, unread: {} })
  const named = found.copies.map(({ image, other }) =>
    [image, other].map((i) => dataset.images[i]!.file.split('/').at(-1)!),
  )
  expect(named.map(([a, b]) => [Number.parseInt(a!, 10), Number.parseInt(b!, 10)]).every(([a, b]) => a === b)).toBe(
    true,
  )
  expect(named.length).toBe(12)
  for (const { image, other } of found.copies) {
    const hashes = hashWords([image, other].map((i) => dataset.images[i]!.look!.phash))
    expect(hammingDistance(hashes, 0, 1)).toBeLessThanOrEqual(4)
  }
  const { findings } = checkDataset(dataset, { today: '2026-11-01' }).body
  const told = findings.filter(({ rule }) => rule === 'split-leak' || rule === 'image-near-duplicate')
  expect(told.length).toBe(12)
  for (const { file, pair, rule, severity } of told) {
    expect(Number.parseInt(file.split('/').at(-1)!, 10)).toBe(Number.parseInt(pair!.file.split('/').at(-1)!, 10))
    const apart = file.split('/')[1] !== pair!.file.split('/')[1]
    expect([rule, severity]).toEqual(apart ? ['split-leak', 'error'] : ['image-near-duplicate', 'warning'])
  }
})

test('a copy of an image that the base trained on is a leak in validation, though the image itself is gone', async () => {
  const [one, two] = [await rgb('gone'), await rgb('stays')]
  await put('before', 'train', 'old.jpg', one().jpeg({ quality: 90 }))
  await put('before', 'train', 'stays.jpg', two().jpeg({ quality: 90 }))
  await put('after', 'train', 'stays.jpg', two().jpeg({ quality: 90 }))
  await put('after', 'val', 'new.jpg', one().resize(480, 360).jpeg({ quality: 70 }))
  const { dataset, base, found } = await looked('after', 'before')
  expect(found.copies.map(({ inBase }) => inBase)).toEqual([true])
  const { findings } = checkDataset(dataset, { base, today: '2026-11-01' }).body
  const leaks = findings.filter(({ rule }) => rule === 'split-leak')
  expect(leaks.map(({ file, pair, message }) => [file, pair?.file, message])).toEqual([
    [
      'images/val/new.jpg',
      'images/train/old.jpg',
      'in val, but the base had the same picture as images/train/old.jpg in train',
    ],
  ])
})

test('frames of one camera with other labels are no copies, without the camera they are', async () => {
  const image = await rgb('camera')
  await put('camera', 'train', 'a.jpg', image().jpeg({ quality: 90 }))
  await put('camera', 'val', 'b.jpg', image().jpeg({ quality: 80 }), '0 0.2 0.2 0.1 0.1')
  expect((await looked('camera')).found.copies.length).toBe(1)
  const line = (name: string) => JSON.stringify({ image: `${name}`, camera: 'gate' })
  writeFileSync(join(folder, 'camera/provenance.ndjson'), `${line('train/a')}\n${line('val/b')}\n`)
  expect((await looked('camera')).found.copies.length).toBe(0)
})

test('EXIF orientation does not hide a copy', async () => {
  const image = await rgb('turned')
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    // What a camera held that way would store, so that turning it upright gives the picture again.
    const upright = await image().jpeg({ quality: 95 }).toBuffer()
    const anew = async (s: Sharp) => sharp(await s.jpeg({ quality: 95 }).toBuffer())
    const steps: { [n: number]: (s: Sharp) => Sharp | Promise<Sharp> } = {
      1: (s) => s,
      2: (s) => s.flop(),
      3: (s) => s.rotate(180),
      4: (s) => s.flip(),
      5: async (s) => (await anew(s.rotate(90))).flop(),
      6: (s) => s.rotate(270),
      7: async (s) => (await anew(s.rotate(270))).flop(),
      8: (s) => s.rotate(90),
    }
    const stored = await (await steps[orientation]!(sharp(upright))).jpeg({ quality: 90 }).toBuffer()
    await put(
      'turned',
      orientation % 2 ? 'train' : 'val',
      `${orientation}.jpg`,
      sharp(stored).withMetadata({ orientation }).jpeg({ quality: 88 }),
    )
  }
  const { dataset } = await looked('turned')
  const hashes = hashWords(dataset.images.map(({ look }) => look!.phash))
  for (let i = 1; i < 8; i++)
    expect([dataset.images[i]!.file, hammingDistance(hashes, 0, i) <= 2]).toEqual([dataset.images[i]!.file, true])
})

test('black pictures are blank and pair with nothing; what cannot be decoded is told; workers say the same', async () => {
  const flat = (value: number) =>
    sharp({ create: { width: 500, height: 400, channels: 3, background: { r: value, g: value, b: value } } })
  await put('blank', 'train', 'black.jpg', flat(0).jpeg())
  await put('blank', 'val', 'nearly.jpg', flat(3).jpeg())
  await put('blank', 'train', 'cut.jpg', (await rgb('cut'))().jpeg())
  await put('blank', 'train', 'sound.jpg', (await rgb('sound'))().jpeg())
  const { data } = { data: await (await rgb('cut'))().jpeg().toBuffer() }
  // Cut in the middle of the scan, with an end marker put on: its header and end are sound.
  writeFileSync(
    join(folder, 'blank/images/train/cut.jpg'),
    Buffer.concat([data.subarray(0, data.length / 2), Buffer.from([0xff, 0xd9])]),
  )
  const { dataset, seen, found } = await looked('blank')
  expect(found.copies).toEqual([])
  expect(seen.defects.map(({ file, code }) => [file, code])).toEqual([['images/train/cut.jpg', 'image-unreadable']])
  dataset.defects.push(...seen.defects)
  const { findings } = checkDataset(dataset, { today: '2026-11-01' }).body
  expect(findings.filter(({ rule }) => rule === 'image-blank').map(({ file }) => file)).toEqual([
    'images/train/black.jpg',
    'images/val/nearly.jpg',
  ])
})

test('a broken picture is told as such however many others are decoded beside it', async () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 2654435761) >>> 24)
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer()
  const cut = Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.from([0xff, 0xd9])])
  for (let i = 0; i < 40; i++) {
    await put('beside', 'train', `${i}.png`, sharp(noise, { raw: { width: 64, height: 64, channels: 3 } }))
    writeFileSync(join(folder, 'beside/images/val', `${i}-cut.jpg`), cut)
    writeFileSync(join(folder, 'beside/labels/val', `${i}-cut.txt`), '0 0.5 0.5 0.2 0.2\n')
  }
  const dataset = readDataset(join(folder, 'beside'), { md5: true })
  // Sound and broken ones in turn, so that there is always another one in the decoder.
  const order = dataset.images.map((_, i) => (i % 2 === 0 ? i / 2 : 40 + (i - 1) / 2))
  const { defects } = await lookAtImages(dataset, datasetFolder(dataset), quiet, { only: order, threads: 1 })
  expect(defects.map(({ file }) => file).filter((file) => !file.endsWith('-cut.jpg'))).toEqual([])
  expect(defects).toHaveLength(40)
})

test('worker threads give the same looks as one thread', async () => {
  const image = await rgb('many', 400, 400)
  for (let i = 0; i < 110; i++)
    await put(
      'many',
      'train',
      `${i}.jpg`,
      image()
        .resize(400 - i, 400)
        .jpeg({ quality: 50 + (i % 40) }),
    )
  const read = () => readDataset(join(folder, 'many'))
  const [one, two] = [read(), read()]
  await lookAtImages(one, datasetFolder(one), quiet, { threads: 1 })
  await lookAtImages(two, datasetFolder(two), quiet, { threads: 2 })
  expect(two.images.map(({ look }) => look)).toEqual(one.images.map(({ look }) => look))
  expect(one.images.every(({ look }) => look !== undefined)).toBe(true)
  const some = read()
  expect(await lookAtImages(some, datasetFolder(some), quiet, { only: [3, 5] })).toMatchObject({ looked: 2 })
  expect(some.images.flatMap(({ look }, i) => (look ? [i] : []))).toEqual([3, 5])
})

test('frames of one camera a second apart are no copies, though their hashes are near', async () => {
  const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
  await execa('node', [bin, 'synth', join(folder, 'worksite'), '--images', '120', '--seed', '5'])
  const { found } = await looked('worksite')
  expect(found.candidates).toBeGreaterThan(20)
  expect(found.copies).toEqual([])
})
