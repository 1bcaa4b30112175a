import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { bad, good } from './fixtures.ts'
import { problemsOf, rules } from './rules.ts'
import { contextOf } from './workflow.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.github/workflows')
const shipped = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))

test.each(shipped)('%s keeps every rule', (file) => {
  expect(problemsOf(contextOf(file, readFileSync(join(folder, file), 'utf8')))).toEqual([])
})

test.each(good)('a sound workflow keeps every rule: $what', ({ file, text }) => {
  expect(problemsOf(contextOf(file, text))).toEqual([])
})

test.each(bad)('$rule finds $what', ({ rule, file, text }) => {
  const found = problemsOf(contextOf(file, text)).filter((problem) => problem.startsWith(rule))
  expect(found).not.toEqual([])
})

test('every rule has at least two bad workflows', () => {
  for (const { id } of rules) expect(bad.filter(({ rule }) => rule === id).length, id).toBeGreaterThanOrEqual(2)
})

test('every workflow that may be required runs on the merge queue too', () => {
  for (const file of shipped.filter((name) => /-pr\.yml$/.test(name))) {
    const { events } = contextOf(file, readFileSync(join(folder, file), 'utf8'))
    expect(events, file).toEqual(expect.arrayContaining(['pull_request', 'merge_group']))
  }
})

test('actions and npm packages are brought up to date after a week at the earliest', () => {
  const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8'))
  expect(updates.map((update: Record<string, unknown>) => update['package-ecosystem'])).toEqual([
    'github-actions',
    'npm',
  ])
  for (const update of updates) {
    expect(update.cooldown['default-days']).toBeGreaterThanOrEqual(7)
    expect(update['insecure-external-code-execution']).toBeUndefined()
  }
})
