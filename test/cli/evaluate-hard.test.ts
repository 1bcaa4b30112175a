import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hardNegatives } from '../../src/core/documents/hard-negatives.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
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
