import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The system's browser; these tests prove nothing without one, so they fail when it is missing. */
export async function openBrowser(): Promise<Browser> {
  if (!program) throw new Error('chromium is missing: apt-get install -y chromium')
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] })
}

export const views: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
}

/** A page of our own with what went wrong on it: requests, refused scripts, errors. */
export async function openPage(browser: Browser, file: string, view: BrowserContextOptions = {}) {
  // axe is put into the page from outside; the page's own policy is watched before that.
  const context = await browser.newContext({ ...view, offline: true, acceptDownloads: true })
  const page = await context.newPage()
  const trouble: string[] = []
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) trouble.push(`requests ${request.url()}`)
  })
  page.on('pageerror', (error) => trouble.push(`throws ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(`says ${message.text()}`)
  })
  await page.goto(`file://${file}`)
  return { page, trouble, close: () => context.close() }
}

/** Rules of axe that a page breaks seriously or critically, each with the first place. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200) + ' ' + nodes[0].failureSummary))`)
  return found as string[]
}

/** Pixels by which the page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number
}
