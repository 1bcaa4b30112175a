import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { lookSafely } from '../../src/adapters/dataset/look.ts'
import { readDataset } from '../../src/adapters/dataset.ts'
import { rules } from '../../src/core/check/rules.ts'
import { EvidenceError, UsageError } from '../../src/core/errors.ts'
import { checkComment } from '../../src/core/render/check-comment.ts'
import { findingsSarif } from '../../src/core/render/findings-sarif.ts'
import { findingsTerminal } from '../../src/core/render/findings-terminal.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { mutated } from './mutate.ts'

const numRuns = Number(process.env.SLUICE_FUZZ_RUNS ?? 250)
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 4)
const place = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
  .jpeg()
  .toBuffer()
const row = '0 0.5 0.5 0.25 0.25\n1 0.25 0.25 0.25 0.25\n'
const coco = JSON.stringify({
  images: [{ id: 1, file_name: 'a.jpg', width: 40, height: 30 }],
  annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], area: 12 }],
  categories: [{ id: 1, name: 'cat' }],
})
const voc =
  '<annotation><size><width>40</width><height>30</height></size><object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>20</ymax></bndbox></object></annotation>'

/** Sound data sets as files by path; the second list are the files that are changed. */
const folders: [string, { [path: string]: string | Uint8Array }, string[]][] = [
  [
    'YOLO with lists and provenance',
    {
      'data.yaml': 'path: .\ntrain: splits/train.txt\nval: splits/val.txt\nnames: [a, b]\n',
      'splits/train.txt': 'images/a.jpg\n',
      'splits/val.txt': 'images/b.jpg\n',
      'images/a.jpg': picture,
      'images/b.jpg': picture,
      'labels/a.txt': row,
      'labels/b.txt': row,
      'provenance.ndjson':
        '{"image":"a","scene":"s","boxes":[{"classId":0,"box":[0.5,0.5,0.25,0.25],"source":"human"}]}\n{"image":"b"}\n',
    },
    ['data.yaml', 'splits/train.txt', 'images/a.jpg', 'labels/a.txt', 'provenance.ndjson'],
  ],
  ['COCO', { 'instances_train.json': coco, 'a.jpg': picture }, ['instances_train.json', 'a.jpg']],
  [
    'Pascal VOC',
    { 'Annotations/a.xml': voc, 'JPEGImages/a.jpg': picture, 'ImageSets/Main/train.txt': 'a\n' },
    ['Annotations/a.xml', 'ImageSets/Main/train.txt', 'JPEGImages/a.jpg'],
  ],
]

describe('a folder with a file changed at random is read and judged, or refused in words', () => {
  test.each(folders)(
    '%s',
    (name, files, targets) => {
      const root = join(place, name)
      const write = (path: string, content: string | Uint8Array) => {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), content)
      }
      const content = (path: string) => new Uint8Array(Buffer.from(files[path] as string))
      for (const [path, text] of Object.entries(files)) write(path, text)
      const changes = targets.map((path) =>
        fc.tuple(fc.constant(path), mutated([content(path), content(targets[0] as string)])),
      )
      let judged = 0
      const property = fc.property(fc.oneof(...changes), ([path, bytes]) => {
        write(path, bytes)
        try {
          const dataset = readDataset(root, { md5: true })
          const findings = checkDataset(dataset, { today: '2026-11-23' })
          const { body } = findings
          const shown = [findingsTerminal(body, 'data', false), checkComment({ findings })]
          JSON.parse(findingsSarif(body, rules, '1.0.0', ''))
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
          for (const text of shown) expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|^\s*::/m)
          judged++
        } catch (error) {
          if (!(error instanceof UsageError || error instanceof EvidenceError)) throw error
        } finally {
          write(path, files[path] as string)
        }
      })
      fc.assert(property, { numRuns, seed })
      expect(judged).toBeGreaterThan(numRuns / 4)
    },
    120_000,
  )
})

test('an image of changed bytes is decoded, or refused in words', async () => {
  const seeds = await Promise.all([
    sharp(picture).jpeg({ progressive: true }).toBuffer(),
    sharp(picture).png().toBuffer(),
    sharp(picture).webp().toBuffer(),
  ])
  const path = join(place, 'picture')
  const property = fc.asyncProperty(mutated([picture, ...seeds]), async (bytes) => {
    writeFileSync(path, bytes)
    const answer = await lookSafely(path)
    if ('problem' in answer) expect(answer.problem).not.toBe('')
    else if ('look' in answer) expect(answer.look.phash).toMatch(/^[0-9a-f]{16}$/)
  })
  await fc.assert(property, { numRuns, seed })
}, 120_000)
