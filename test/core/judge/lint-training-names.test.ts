import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { home } from '../../../src/adapters/tools.ts'
import { knownArguments } from '../../../src/core/judge/lint-training/arguments.ts'
import { lintTraining } from '../../../src/core/judge/lint-training/lint-training.ts'

test('knows exactly the arguments of the installed trainer', () => {
  const packages = join(home, '.tools/python/lib')
  const [python] = readdirSync(packages)
  const file = join(packages, python as string, 'site-packages/ultralytics/cfg/default.yaml')
  const installed = Object.keys(parse(readFileSync(file, 'utf8')) as object)
  // Two more are taken beside the list of defaults.
  expect([...knownArguments].sort()).toEqual([...installed, 'augmentations', 'save_dir'].sort())
})

test('the pipelines that ship have no finding', () => {
  const folder = fileURLToPath(new URL('../../../pipelines/', import.meta.url))
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && file !== 'dvc.yaml')
  expect(files.length).toBeGreaterThanOrEqual(4)
  for (const file of files) {
    expect(lintTraining(readFileSync(join(folder, file), 'utf8'), file).body.findings).toEqual([])
  }
})
