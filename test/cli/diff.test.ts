import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { datasetDiff } from '../../src/core/documents/dataset-diff.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'

const bin = fileURLToPath(new URL('../../bin/sluice.mjs', import.meta.url))
const sluice = (...args: string[]) => execa('node', [bin, 'diff', ...args], { reject: false })

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-diff-'))
  const base = { 'train/a': '0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.1 0.1\n', 'train/b': '1 0.5 0.5 0.2 0.2\n', 'val/c': '' }
  await write('base', ['helmet', 'vest'], base)
  // The class map is turned round together with the labels, the rows too; then b's box is relabelled.
  await write('head', ['vest', 'helmet'], {
    'train/a': '0 0.3 0.3 0.1 0.1\n1 0.50 0.5 0.200000 2e-1\n',
    'train/b': '1 0.5 0.5 0.2 0.2\n',
    'val/c': '',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function write(name: string, classes: string[], labels: Record<string, string>): Promise<void> {
  const put = (path: string, content: string | Uint8Array) => {
    const file = join(folder, name, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  put('data.yaml', `path: .\ntrain: images/train\nval: images/val\nnames: [${classes.join(', ')}]\n`)
  for (const [i, [image, rows]] of Object.entries(labels).entries()) {
    const background = { r: 40 * i, g: 100, b: 30 }
    put(
      `images/${image}.png`,
      await sharp({ create: { width: 32, height: 32, channels: 3, background } })
        .png()
        .toBuffer(),
    )
    put(`labels/${image}.txt`, rows)
  }
}

test('prints, and writes the JSON contract, the document and the Markdown', async () => {
  const file = (name: string) => join(folder, name)
  const args = ['--json', file('d.json'), '--evidence', file('e.json'), '--md', file('d.md')]
  const { stdout, exitCode } = await sluice(file('base'), file('head'), ...args)
  expect(exitCode).toBe(0)
  expect(stdout).toContain('boxes:  0 added, 0 removed, 0 moved or resized, 1 relabelled, 2 unchanged')
  expect(JSON.parse(readFileSync(file('d.json'), 'utf8'))).toEqual({
    classes: { added: [], removed: [], renamed: [] },
    images: { added: 0, removed: 0, renamed: 0, resplit: 0, modified: 1, replaced: 0 },
    boxes: { added: 0, removed: 0, moved: 0, relabelled: 1, unchanged: 2 },
    byClass: {
      helmet: { added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: 1 },
      vest: { added: 0, removed: 0, moved: 0, relabelled: 1, unchanged: 1 },
    },
    byImage: [expect.objectContaining({ change: 'modified', split: 'train' })],
    scope: 'all',
  })
  const document = parseEvidence(datasetDiff, readFileSync(file('e.json'), 'utf8'), 'e.json')
  expect(document.subject).toMatchObject({ labels: expect.any(String), base: expect.any(String) })
  expect(document.subject.labels).not.toBe(document.subject.base)
  expect(readFileSync(file('d.md'), 'utf8')).toContain('| vest | 0 | 0 | 0 | 1 | 1 |')
})

test('a data set does not differ from itself', async () => {
  const { stdout, exitCode } = await sluice(join(folder, 'base'), join(folder, 'base'))
  expect([stdout, exitCode]).toEqual(['no difference: 3 boxes are the same', 0])
})

test('a folder that is not there is bad input', async () => {
  const { stderr, exitCode } = await sluice(join(folder, 'base'), join(folder, 'nowhere'))
  expect(exitCode).toBe(2)
  expect(stderr).toContain('nowhere: there is no such file or folder')
})
