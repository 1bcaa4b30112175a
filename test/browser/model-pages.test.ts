import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelPages } from '../core/render/report/model-pages.ts'
import { openBrowser, openPage, overflow, views, violations } from './pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-browser-model-'))
let browser: Browser
beforeAll(async () => {
  for (const [name, page] of Object.entries(modelPages())) writeFileSync(join(folder, `${name}.html`), page)
  const long = modelPages((text) => `${text} ${'unbroken'.repeat(12)}`)
  for (const [name, page] of Object.entries(long)) writeFileSync(join(folder, `${name}-long.html`), page)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const names = ['compare', 'hard', 'parity', 'history'].flatMap((name) => [name, `${name}-long`])
const cases = names.flatMap((name) => Object.keys(views).map((view) => [name, view] as const))

test.each(cases)('the %s page, %s: nothing serious for axe, no sideways scroll, no request', async (name, view) => {
  const { page, trouble, close } = await openPage(browser, join(folder, `${name}.html`), views[view])
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  expect(trouble).toEqual([])
  expect(await violations(page)).toEqual([])
  await close()
})
