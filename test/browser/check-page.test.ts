import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyTriage } from '../../src/core/check/apply-triage.ts'
import type { Document } from '../../src/core/documents/define.ts'
import type { FindingsBody } from '../../src/core/documents/findings.ts'
import { parseEvidence } from '../../src/core/documents/parse.ts'
import { triage } from '../../src/core/documents/triage.ts'
import { renderReport } from '../../src/core/render/report/page.ts'
import type { ReportInput } from '../../src/core/render/report-input.ts'
import { checkReport } from '../../src/steps/check-report.ts'
import { checkWorld } from './check-world.ts'
import { openBrowser, openPage, overflow, views, violations } from './pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-browser-'))
const pages = { check: join(folder, 'check.html'), story: join(folder, 'story.html') }
let browser: Browser
let findings: Document<'Findings', FindingsBody>

beforeAll(async () => {
  const { images, remove, ...world } = await checkWorld()
  findings = world.findings
  const recompute = ['sluice check data/worksite --base main']
  writeFileSync(pages.check, await checkReport({ images }, { title: 'data/worksite', ...world, recompute }))
  remove()
  const input = readFileSync(new URL('../core/render/report/report-input.json', import.meta.url), 'utf8')
  writeFileSync(pages.story, renderReport(JSON.parse(input) as ReportInput))
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const cases = Object.keys(pages).flatMap((page) => Object.keys(views).map((view) => [page, view] as const))

test.each(cases)(
  'the %s page, %s: nothing serious for axe, no sideways scroll, no request, no refused script',
  async (name, view) => {
    const { page, trouble, close } = await openPage(browser, pages[name as keyof typeof pages], views[view])
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(trouble).toEqual([])
    expect(await violations(page)).toEqual([])
    await close()
  },
)

test('a filter leaves what fits it, says how many, and opens what was folded', async () => {
  const { page, close } = await openPage(browser, pages.check)
  const shown = () => page.locator('li.finding:visible').count()
  const all = await page.locator('li.finding').count()
  await page.selectOption('[data-filter=rule]', 'box-duplicate')
  expect(await shown()).toBe(9)
  expect(await page.locator('.filters output').textContent()).toBe(`9 of ${all} shown`)
  expect(
    await page
      .locator('figure[data-rule]:visible')
      .evaluateAll((f) => f.every((e) => e.getAttribute('data-rule') === 'box-duplicate')),
  ).toBe(true)
  await page.selectOption('[data-filter=rule]', 'box-outside-image')
  await page.selectOption('[data-filter=class]', 'person')
  const ofPerson = findings.body.findings.filter(
    ({ rule, boxes, status }) => rule === 'box-outside-image' && boxes?.[0]?.label === 'person' && status === 'new',
  )
  expect(ofPerson.length).toBeGreaterThan(0)
  expect(await shown()).toBe(ofPerson.length)
  await page.selectOption('[data-filter=class]', '')
  await page.selectOption('[data-filter=rule]', '')
  await page.selectOption('[data-filter=severity]', 'warning')
  expect(await shown()).toBe(findings.body.counts.warning)
  await page.selectOption('[data-filter=split]', 'val')
  expect(await shown()).toBe(0)
  await close()
})

test('keys move, accept, reject and undo; what is saved is a triage that the check takes', async () => {
  const { page, trouble, close } = await openPage(browser, pages.check)
  const row = page.locator('li.finding')
  const decisions = () =>
    row.evaluateAll((rows) => rows.map((element) => element.getAttribute('data-decision')).slice(0, 4))
  await page.keyboard.press('j')
  expect(await row.nth(0).getAttribute('aria-current')).toBe('true')
  for (const key of 'rjajajkk') await page.keyboard.press(key)
  expect(await row.nth(1).getAttribute('aria-current')).toBe('true')
  expect(await decisions()).toEqual(['reject', 'accept', 'accept', ''])
  await page.keyboard.press('u')
  expect(await decisions()).toEqual(['reject', 'accept', '', ''])
  expect(await page.locator('.bar output').textContent()).toMatch(/^2 of \d+ decided: 1 accepted, 1 rejected$/)
  const warning = page.locator('li.finding[data-severity=warning]').first()
  await warning.getByRole('button', { name: 'reject' }).click()
  await page.fill('.bar input', 'ana')
  await row.nth(0).locator('.note').fill('draw it again')
  expect(await row.nth(1).locator('.note').isVisible()).toBe(false)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'save decisions' }).click(),
  ])
  const file = join(folder, download.suggestedFilename())
  await download.saveAs(file)
  const saved = parseEvidence(triage, readFileSync(file, 'utf8'), file)
  expect(saved.body).toMatchObject({
    by: 'ana',
    decisions: [{ decision: 'reject', note: 'draw it again' }, { decision: 'accept' }, { decision: 'reject' }],
  })
  const { document, acceptedErrors } = applyTriage(findings, saved)
  expect(document.body.counts).toMatchObject({
    error: findings.body.counts.error + 1,
    warning: findings.body.counts.warning - 1,
  })
  expect(acceptedErrors).toHaveLength(1)
  expect(trouble).toEqual([])
  expect(await violations(page)).toEqual([])
  await page.reload()
  expect(await row.nth(0).locator('.note').inputValue()).toBe('draw it again')
  expect(await decisions()).toEqual(['reject', 'accept', '', ''])
  await close()
})

test('axe is asked in earnest: it finds a planted fault', async () => {
  const file = join(folder, 'faulty.html')
  writeFileSync(file, '<html lang="en"><title>x</title><main><img src="data:,"><p style="color:#ccc">pale</p></main>')
  const { page, close } = await openPage(browser, file)
  expect((await violations(page)).map((text) => text.split(':')[0])).toEqual(['color-contrast', 'image-alt'])
  await close()
})

test('keys typed into a field decide nothing', async () => {
  const { page, close } = await openPage(browser, pages.check)
  await page.fill('.bar input', '')
  await page.locator('.bar input').pressSequentially('jar')
  expect(await page.locator('.bar input').inputValue()).toBe('jar')
  expect(await page.locator('.bar output').textContent()).toMatch(/^0 of/)
  await close()
})

test('without a script every finding can be read and nothing dead is shown', async () => {
  const { page, close } = await openPage(browser, pages.check, { javaScriptEnabled: false })
  const text = (await page.locator('main').textContent()) ?? ''
  for (const { message, status } of findings.body.findings) if (status === 'new') expect(text).toContain(message)
  expect(await page.locator('button:visible, select:visible, input:visible').count()).toBe(0)
  await close()
})
