import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataFolder, found, modelFile, rowsOf } from '../steps/model-world.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-compare-page-'))
let data = ''
const sluice = (...args: string[]) => execa(process.execPath, [bin, ...args], { cwd: folder, reject: false })

beforeAll(async () => {
  const [dog] = found as [(typeof found)[number]]
  data = await dataFolder([rowsOf(found), rowsOf(found), rowsOf([dog]), rowsOf(found)])
  for (const [name, boxes] of [
    ['champion', [dog]],
    ['candidate', found],
  ] as const) {
    const model = modelFile(folder, `${name}.onnx`, [...boxes])
    const { exitCode } = await sluice('evaluate', '--model', model, '--data', data, '--evidence', `${name}.json`)
    expect(exitCode).toBe(0)
  }
})
afterAll(() => {
  for (const place of [folder, data]) rmSync(place, { recursive: true, force: true })
})

const compare = (...args: string[]) =>
  sluice('compare', 'champion.json', 'candidate.json', '--resamples', '100', ...args)

test('the page shows the pictures that the candidate fixes and breaks, both views side by side', async () => {
  const { exitCode, stdout } = await compare('--html', 'out/page.html', '--data', data)
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('images fixed 3, broken 1')])
  const page = readFileSync(join(folder, 'out/page.html'), 'utf8')
  expect(page.match(/<figure/g)).toHaveLength(4)
  expect(page.match(/<img [^>]*src="data:image\/jpeg/g)).toHaveLength(8)
  expect(page).toContain('1 of 1, most mistakes first.')
  expect(page).toContain('3 of 3, most mistakes first.')
})

test('without the data set the page says how to get its pictures', async () => {
  await compare('--html', 'plain.html')
  const page = readFileSync(join(folder, 'plain.html'), 'utf8')
  expect(page).not.toContain('<figure')
  expect(page).toContain('No pictures: --data names the folder that they lie in.')
  expect(page).toContain('3 images fixed, 1 broken')
})
