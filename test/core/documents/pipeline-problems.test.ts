import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pipeline } from '../../../src/core/documents/declared.ts'
import { parseDeclared } from '../../../src/core/documents/parse.ts'
import { pipelineProblems, reservedArguments } from '../../../src/core/documents/pipeline-problems.ts'

const root = new URL('../../../', import.meta.url)

test('what a run sets itself is what the driver refuses as an argument', () => {
  const driver = readFileSync(new URL('src/adapters/ultralytics/training.py', root), 'utf8')
  const ours = /^OURS = \{([^}]+)\}/m.exec(driver)?.[1] ?? ''
  const names = [...ours.matchAll(/"(\w+)"/g)].map(([, name]) => name as string)
  expect([...reservedArguments].sort()).toEqual(names.sort())
})

test.each(readdirSync(new URL('pipelines', root)).filter((file) => file.endsWith('.yaml')))(
  'the shipped pipeline %s is sound',
  (file) => {
    const text = readFileSync(new URL(`pipelines/${file}`, root), 'utf8')
    expect(pipelineProblems(parseDeclared(pipeline, text, file))).toEqual([])
  },
)
