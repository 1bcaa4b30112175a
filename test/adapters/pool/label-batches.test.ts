import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLabelBatches } from '../../../src/adapters/pool/label-batches.ts'
import { joinBatches, parseLabelFiles } from '../../../src/core/dataset/label-batch.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-batches-'))
const files = Array.from({ length: 1700 }, (_, i) => `${i}.txt`)
const texts = new Map<string, string>()
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  const random = seededRandom('batches')
  for (const file of files) {
    const rows = Array.from({ length: random.int(12) }, () => {
      const good = [random.int(3), ...[0, 1, 2, 3].map(() => random.next().toFixed(6))].join(' ')
      return random.next() < 0.02 ? random.pick(['9 0.5 0.5 0.1 0.1', '0 x 0.5 0.1 0.1', '0 0.5 0.5']) : good
    })
    texts.set(file, rows.join('\n'))
    writeFileSync(join(folder, file), rows.join('\n'))
  }
})

const imageOf = Uint32Array.from(files, (_, i) => i * 2)

test.each([1, 2, 4])('%i threads read what parsing the texts one by one gives', (threads) => {
  const read = (file: string) => {
    const bytes = Buffer.from(texts.get(file) as string)
    return { bytes, length: bytes.length }
  }
  const expected = parseLabelFiles(files, 0, files.length, 3, read)
  const batches = readLabelBatches(folder, files, 3, threads)
  expect(batches.flatMap(({ defects }) => defects)).toEqual(expected.defects)
  expect(expected.defects.length).toBeGreaterThan(50)
  expect(joinBatches(batches, imageOf)).toEqual(joinBatches([expected], imageOf))
})

test('a file that is not there is a defect of that file, whichever thread takes it', () => {
  const list = files.toSpliced(600, 0, 'gone.txt')
  for (const threads of [1, 3]) {
    const defects = readLabelBatches(folder, list, 3, threads).flatMap((batch) => batch.defects)
    expect(defects.filter(({ at }) => at === 600)).toMatchObject([{ code: 'label-encoding', key: 'unreadable' }])
  }
})
