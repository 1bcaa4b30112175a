import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { quickLook } from '../../src/adapters/dataset/quick-look.ts'
import { readDataset } from '../../src/adapters/dataset.ts'
import { readText } from '../../src/adapters/files.ts'
import { home } from '../../src/adapters/tools.ts'
import { gatePolicy } from '../../src/core/documents/declared.ts'
import type { Finding } from '../../src/core/documents/findings.ts'
import { parseDeclared } from '../../src/core/documents/parse.ts'
import { UsageError } from '../../src/core/errors.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { badDescriptions, badFiles, goodFiles } from './check-table/file-cases.ts'
import { badLabels, goodLabels } from './check-table/label-cases.ts'
import { type Level, soundSet, type TableCase, writeFiles } from './check-table/tiny-set.ts'

const root = mkdtempSync(join(tmpdir(), 'sluice-table-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const policy = parseDeclared(gatePolicy, readText(join(home, 'gates/dataset.yaml')), 'gates/dataset.yaml')
const bad = [...badLabels, ...badFiles, ...badDescriptions]
const good = [...goodLabels, ...goodFiles]
const counted = { reported: 0, blamed: 0 }

/** What the shipped policy says of a tiny data set, its pictures decoded: findings, or the reason of a refusal. */
async function answer({ name, change }: TableCase): Promise<Finding[] | string> {
  const files = await soundSet()
  await change(files)
  const folder = join(root, name.replace(/[^a-z]/gi, '-'))
  writeFiles(folder, files)
  try {
    const dataset = readDataset(folder, { md5: true })
    await quickLook(folder)(dataset)
    return checkDataset(dataset, { policy, today: '2026-11-23' }).body.findings
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

const loudness: { [level in Level]: number } = { refused: 0, error: 0, warning: 1, info: 2 }
const told = (findings: Finding[]) => findings.map((one) => `${one.severity} ${one.rule}: ${one.message}`).join('\n')

describe('tiny data sets that must be reported', () => {
  test.each(bad.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const found = await answer(one)
    if (typeof found !== 'string') {
      expect(one.least, told(found)).not.toBe('refused')
      const least = loudness[one.least as Level]
      expect(found.filter(({ severity }) => loudness[severity] <= least).length, told(found)).toBeGreaterThan(0)
    }
    counted.reported++
  })
})

describe('tiny data sets that are odd and right', () => {
  test.each(good.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const found = await answer(one)
    if (typeof found === 'string' || found.some(({ severity }) => severity !== 'info')) counted.blamed++
    expect(typeof found === 'string' ? found : told(found.filter(({ severity }) => severity !== 'info'))).toBe('')
  })
})

test('every bad one is reported, no good one is blamed', () => {
  expect(new Set([...bad, ...good].map(({ name }) => name)).size).toBe(bad.length + good.length)
  expect(counted).toEqual({ reported: bad.length, blamed: 0 })
  expect([bad.length, good.length]).toEqual([86, 25])
})
