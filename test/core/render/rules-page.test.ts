import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rules } from '../../../src/core/check/rules.ts'
import { rulesPage } from '../../../src/core/render/rules-page.ts'

test('docs/rules.md is what the rules say', () => {
  const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8')
  expect(page).toBe(rulesPage(rules))
})
