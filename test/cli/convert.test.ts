import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataset } from '../../src/adapters/dataset.ts'
import type { Dataset } from '../../src/core/dataset/model.ts'
import { seededRandom } from '../../src/core/stats/random.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-convert-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...parts: string[]) => join(folder, ...parts)
const sluice = (...args: string[]) => execa(process.execPath, [bin, ...args], { reject: false, cwd: folder })

const size = { width: 160, height: 120 }
beforeAll(async () => {
  const random = seededRandom('convert')
  mkdirSync(at('voc/JPEGImages'), { recursive: true })
  mkdirSync(at('voc/Annotations'), { recursive: true })
  for (let i = 0; i < 24; i++) {
    const background = { r: i * 9, g: 90, b: 40 }
    writeFileSync(
      at('voc/JPEGImages', `f${i}.jpg`),
      await sharp({ create: { ...size, channels: 3, background } })
        .jpeg()
        .toBuffer(),
    )
    const objects = Array.from({ length: random.int(4) }, () => {
      const [x, y] = [random.int(100), random.int(80)]
      const [w, h] = [5 + random.int(50), 5 + random.int(30)]
      const box = `<xmin>${x}</xmin><ymin>${y}</ymin><xmax>${x + w}</xmax><ymax>${y + h}</ymax>`
      return `<object><name>${random.pick(['cat', 'dog'])}</name><bndbox>${box}</bndbox></object>\n`
    })
    const declared = `<size><width>${size.width}</width><height>${size.height}</height></size>`
    writeFileSync(at('voc/Annotations', `f${i}.xml`), `<annotation>${declared}\n${objects.join('')}</annotation>`)
  }
})

/** Boxes by image and class in pixels, to a tenth: what every format must keep. */
function boxesOf({ boxes, images, classes }: Dataset): string[] {
  return Array.from({ length: boxes.count }, (_, row) => {
    const image = images[boxes.image[row] as number]
    const place = [boxes.cx, boxes.w].map((c) => ((c[row] as number) * size.width).toFixed(1))
    place.push(...[boxes.cy, boxes.h].map((c) => ((c[row] as number) * size.height).toFixed(1)))
    return `${image?.name} ${classes[boxes.classId[row] as number]} ${place.join(' ')}`
  }).sort()
}

test('VOC to YOLO to COCO keeps every box, class, image and split', async () => {
  expect((await sluice('convert', 'voc', 'yolo', '--to', 'yolo', '--source', 'a test')).stderr).not.toContain('sluice:')
  expect((await sluice('convert', 'yolo', 'coco', '--to', 'coco', '--accept-loss')).exitCode).toBe(0)
  const [voc, yolo, coco] = ['voc', 'yolo', 'coco'].map((name) => readDataset(at(name), { md5: true })) as [
    Dataset,
    Dataset,
    Dataset,
  ]
  expect(voc.boxes.count).toBeGreaterThan(20)
  expect(boxesOf(yolo)).toEqual(boxesOf(voc))
  expect(boxesOf(coco)).toEqual(boxesOf(voc))
  const md5s = (dataset: Dataset) => dataset.images.map((image) => image.md5).sort()
  expect(md5s(yolo)).toEqual(md5s(voc))
  expect(md5s(coco)).toEqual(md5s(voc))
  const splits = (dataset: Dataset) => dataset.images.map((image) => `${image.name} ${image.split}`).sort()
  expect(splits(coco)).toEqual(splits(yolo))
  expect(new Set(yolo.images.map((image) => image.split))).toEqual(new Set(['train', 'val']))
  expect(yolo.images.every((image) => image.provenance?.source === 'a test')).toBe(true)
  expect(yolo.defects).toEqual([])
})

test('splits by hash stay where they are when images are added', async () => {
  const fewer = at('fewer')
  cpSync(at('voc'), fewer, { recursive: true })
  for (const name of ['f3', 'f7', 'f20'])
    for (const part of ['JPEGImages', 'Annotations']) {
      for (const file of readdirSync(join(fewer, part)).filter((f) => f.startsWith(`${name}.`)))
        rmSync(join(fewer, part, file))
    }
  await sluice('convert', 'fewer', 'fewer-yolo', '--to', 'yolo')
  await sluice('convert', 'voc', 'all-yolo', '--to', 'yolo')
  const splitOf = new Map(readDataset(at('all-yolo')).images.map((image) => [image.name, image.split]))
  const moved = readDataset(at('fewer-yolo')).images.filter((image) => splitOf.get(image.name) !== image.split)
  // Only the groups of lowest and highest hash are placed by rank.
  expect(moved.length).toBeLessThanOrEqual(2)
})

test('names what would be lost and asks for consent; boxes without area are kept on request', async () => {
  cpSync(at('voc'), at('degenerate'), { recursive: true })
  const box = '<bndbox><xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>30</ymax></bndbox>'
  const declared = '<size><width>160</width><height>120</height></size>'
  writeFileSync(
    at('degenerate/Annotations/f0.xml'),
    `<annotation>${declared}<object><name>cat</name>${box}</object></annotation>`,
  )
  const refused = await sluice('convert', 'degenerate', 'd1', '--to', 'yolo')
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('1 boxes without area are left out')
  expect(refused.stderr).toContain('--accept-loss')
  expect((await sluice('convert', 'degenerate', 'd1', '--to', 'yolo', '--accept-loss')).stdout).toContain(
    'lost: 1 boxes without area',
  )
  expect(readFileSync(at('d1/labels/f0.txt'), 'utf8')).toBe('')
  expect((await sluice('convert', 'degenerate', 'd2', '--to', 'yolo', '--keep-defects')).exitCode).toBe(0)
  expect(readFileSync(at('d2/labels/f0.txt'), 'utf8')).toBe('0 0.056250 0.162500 0.000000 0.175000\n')
})

test('does not write into a folder that is not empty', async () => {
  const { exitCode, stderr } = await sluice('convert', 'voc', 'voc', '--to', 'yolo')
  expect(exitCode).toBe(2)
  expect(stderr).toContain('the folder is not empty')
})
