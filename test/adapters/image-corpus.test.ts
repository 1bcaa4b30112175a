import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { datasetFolder, decodeImages, readDataset } from '../../src/adapters/dataset.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { imageCases } from '../corpus/images/cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-images-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const quiet = { update: () => undefined, end: () => undefined }

describe('an image file is answered for', () => {
  test.each(imageCases.map((each, i) => [`${each.id} ${JSON.stringify(each.name)}`, i, each] as const))(
    '%s',
    async (_, i, { name, bytes, told, decoded }) => {
      const root = join(folder, String(i))
      for (const part of ['images', 'labels']) mkdirSync(join(root, part), { recursive: true })
      writeFileSync(join(root, 'images', name), await bytes())
      writeFileSync(join(root, 'labels', name.replace(/\.\w+$/, '.txt')), '0 0.5 0.5 0.5 0.5\n')
      const ofImages = (dataset: ReturnType<typeof readDataset>) =>
        checkDataset(dataset, { today: '2026-11-01' })
          .body.findings.filter(({ rule }) => rule.startsWith('image-') || rule === 'path-outside')
          .map(({ rule, severity, message }) => ({ rule, severity, message }))
      const expected = told.map(({ part, ...rest }) => ({ ...rest, message: expect.stringContaining(part) }))
      const dataset = readDataset(root, { md5: true })
      expect(ofImages(dataset)).toEqual(decoded ? [] : expected)
      // Without hashes only the first and last bytes are read; a chunk in the middle is not seen then.
      if (name !== 'checksum.png') expect(ofImages(readDataset(root))).toEqual(decoded ? [] : expected)
      dataset.defects.push(...(await decodeImages(dataset, quiet)))
      expect(ofImages(dataset)).toEqual(expected)
      expect(datasetFolder(dataset)).toBe(root)
    },
  )
})
