import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hardNegatives } from '../../src/core/documents/hard-negatives.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { decodePredictions } from '../../src/core/metrics/predictions-file.ts'
import { dataFolder, found, modelFile, rowsOf } from '../steps/model-world.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-hard-'))
let data = ''
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

beforeAll(async () => {
  const [dog, cat] = found as [(typeof found)[number], (typeof found)[number]]
  // The model says the same of every picture; on the second a dog is not labelled, on the third a cat is called dog,
  // on the fourth there is one dog more.
  const extra = { classId: 0, cx: 26, cy: 5, w: 9, h: 8 }
  data = await dataFolder([
    rowsOf(found),
    rowsOf([cat]),
    rowsOf([dog, { ...cat, classId: 0 }]),
    rowsOf([dog, cat, extra]),
  ])
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [
      ...[bin, 'evaluate', '--model', modelFile(folder, 'm.onnx', found), '--data', data],
      ...['--evidence', 'e.json', '--hard', 'queue.json', '--html', 'sheet.html'],
    ],
    { cwd: folder, reject: false },
  )
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('error')])
  expect(stdout).toContain('label-error    2 false alarms, 0 missed')
})
afterAll(() => {
  for (const place of [folder, data]) rmSync(place, { recursive: true, force: true })
})

test('the queue holds the images to look at, suspected labels first, with boxes in pixels', () => {
  const queue = JSON.parse(read('queue.json'))
  expect(queue.items.map(({ image }: { image: string }) => image)).toEqual(['picture1', 'picture2', 'picture3'])
  expect(queue.items[1]).toMatchObject({
    reason: 'label-error: labelled dog, and as sure as where cat is right',
    boxes: [
      { className: 'cat', role: 'predicted', box: [40, 24, 16, 32] },
      { className: 'dog', role: 'labelled', box: [40, 24, 16, 32] },
    ],
  })
})

test('the document beside the evidence is about the same model and data', () => {
  const document = parseEvidence(hardNegatives, read('e.hard-negatives.json'), 'e.hard-negatives.json')
  expect(document.subject).toEqual(JSON.parse(read('e.json')).subject)
  expect([document.body.falseAlarms, document.body.misses]).toEqual([2, 1])
})

test('the sheet shows the pictures of each cause and fetches nothing', () => {
  const page = read('sheet.html')
  expect(page.match(/<figure/g)).toHaveLength(3)
  expect(page).toContain('2 false alarms and 1 miss in 4 images.')
  expect(page).not.toMatch(/(src|href)="(?!data:image|#)/)
})

describe('of a predictions file against COCO ground truth', () => {
  const place = mkdtempSync(join(tmpdir(), 'sluice-hard-files-'))
  afterAll(() => rmSync(place, { recursive: true, force: true }))
  const evaluate = (...args: string[]) =>
    execa(process.execPath, [bin, 'evaluate', ...args], { cwd: place, reject: false })

  beforeAll(async () => {
    // The same four pictures, labels and detections in the form of COCO: ids that are no places, names in a folder.
    const { truth, detections, images } = decodePredictions(read('e.predictions.json'), 'e.predictions.json')
    const idOf = (image: number) => 70 - 10 * image
    const box = (from: typeof truth | typeof detections, row: number) =>
      [from.x, from.y, from.w, from.h].map((side) => side[row] as number)
    const rows = <T>(count: number, of: (row: number) => T) => Array.from({ length: count }, (_, row) => of(row))
    const annotations = rows(truth.count, (row) => ({
      ...{ id: row + 1, image_id: idOf(truth.image[row]!), category_id: 5 + truth.classId[row]! },
      ...{ bbox: box(truth, row), area: truth.area[row], iscrowd: 0 },
    }))
    const categories = ['dog', 'cat'].map((name, i) => ({ id: 5 + i, name }))
    const listed = images.map((name, i) => ({ id: idOf(i), file_name: `${name}.png`, width: 64, height: 64 }))
    const results = rows(detections.count, (row) => ({
      ...{ image_id: idOf(detections.image[row]!), category_id: 5 + detections.classId[row]! },
      ...{ bbox: box(detections, row), score: detections.score[row] },
    }))
    const write = (file: string, content: unknown) => writeFileSync(join(place, file), JSON.stringify(content))
    mkdirSync(join(place, 'annotations'))
    write('annotations/instances_val.json', { images: listed, annotations, categories })
    write('results.json', results)
    cpSync(join(data, 'images'), join(place, 'images'), { recursive: true })
  })
  const files = ['--truth', 'annotations/instances_val.json', '--predictions', 'results.json']

  test('the queue and the sheet are those of the model, with the pictures that lie beside the annotations', async () => {
    const run = await evaluate(...files, '--evidence', 'c.json', '--hard', 'q.json', '--html', 's.html')
    expect([run.exitCode, run.stdout]).toEqual([0, expect.stringContaining('label-error    2 false alarms, 0 missed')])
    const queueOf = (text: string) =>
      JSON.parse(text).items.map(({ image, ...rest }: { image: string }) => ({
        ...rest,
        image: image.replace('.png', ''),
      }))
    const own = (name: string) => readFileSync(join(place, name), 'utf8')
    const byImage = (a: { image: string }, b: { image: string }) => (a.image < b.image ? -1 : 1)
    expect(queueOf(own('q.json')).sort(byImage)).toEqual(queueOf(read('queue.json')).sort(byImage))
    expect(own('s.html').match(/<figure/g)).toHaveLength(3)
    expect(own('s.html')).toContain('Against the ground truth of instances_val.json, 4 images.')
    const document = parseEvidence(hardNegatives, own('c.hard-negatives.json'), 'c.hard-negatives.json')
    expect(document.subject).toEqual(JSON.parse(own('c.json')).subject)
  })

  test('pictures elsewhere are found where --images says, and where none are the sheet says so', async () => {
    renameSync(join(place, 'images'), join(place, 'elsewhere'))
    const page = async (...more: string[]) => {
      expect((await evaluate(...files, '--html', 's.html', ...more)).exitCode).toBe(0)
      return readFileSync(join(place, 's.html'), 'utf8')
    }
    expect((await page('--images', 'elsewhere')).match(/<figure/g)).toHaveLength(3)
    const without = await page()
    expect(without).not.toContain('<figure')
    expect(without).toContain('3 pictures are not shown: not at hand or cannot be read.')
  })
})
