import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { renderReport } from '../../../../src/core/render/report/page.ts'
import type { ReportInput } from '../../../../src/core/render/report-input.ts'

const attacks = [
  '<script>document.body.id=1</script>',
  '"><img src=x onerror="document.body.id=1">',
  "' onfocus='document.body.id=1' autofocus tabindex='1",
  ']]><svg onload=document.body.id=1>',
  '</style><script>document.body.id=1</script>',
  '</pre></title></textarea><iframe src="javascript:document.body.id=1">',
  'javascript:document.body.id=1',
  ' class="x" clip-path="url(https://example.org/a)" ',
  '&lt;script&gt;&#60;b&#62;',
]
const invented = (): ReportInput =>
  JSON.parse(readFileSync(new URL('report-input.json', import.meta.url), 'utf8')) as ReportInput
// What the program itself writes, never a proposal.
const own = new Set(['verdict', 'role', 'severity', 'status', 'judged', 'name', 'baseline', 'candidate', 'metric'])
const closed = new Set([...own, 'state', 'change', 'phase', 'decision', 'direction', 'channels', 'unit', 'source'])

/** The invented report with every free text (keys of class names included) followed by an attack. */
function spoil(value: unknown, attack: string, key = ''): unknown {
  if (typeof value === 'string') return closed.has(key) ? value : `${value}${attack}`
  if (Array.isArray(value)) return value.map((item) => spoil(item, attack, key))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [
    key === 'byClass' || key === 'bySplit' ? `${name}${attack}` : name,
    spoil(item, attack, name),
  ])
  return Object.fromEntries(entries)
}

const spoilt = (attack: string) => renderReport(spoil(invented(), attack) as ReportInput)

/** Elements and attributes of a page, as an XML parser sees them that knows HTML's void elements. */
function skeleton(page: string): string[] {
  const body = page.slice(page.indexOf('<body>'), page.indexOf('</html>')).replace(/<script>.*?<\/script>/, '')
  const xml = body.replace(/<(img|br)((?:\s[^<>]*?)?)\/?>/g, '<$1$2/>')
  expect(XMLValidator.validate(xml, { allowBooleanAttributes: true })).toBe(true)
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', preserveOrder: true })
  const found = new Map<string, number>()
  const walk = (nodes: Record<string, unknown>[]) => {
    for (const node of nodes) {
      const attributes = Object.keys((node[':@'] as object) ?? {}).sort()
      for (const [tag, children] of Object.entries(node)) {
        if (tag === ':@' || tag === '#text') continue
        const shape = `${tag} ${attributes.join(' ')}`
        found.set(shape, (found.get(shape) ?? 0) + 1)
        walk(children as Record<string, unknown>[])
      }
    }
  }
  walk(parser.parse(xml) as Record<string, unknown>[])
  return [...found.keys()].sort()
}

const clean = skeleton(renderReport(invented()))

test.each(attacks)(
  '%s in every text is shown as it was written, and stays text: the page has no other element and no other attribute',
  (attack) => {
    expect(clean.length).toBeGreaterThan(40)
    const page = spoilt(attack)
    // A picture's label may find no room beside a longer one; nothing else may differ.
    expect(skeleton(page).filter((shape) => !clean.includes(shape))).toEqual([])
    const escaped = attack.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    expect(page.replaceAll('&quot;', '"').replaceAll('&#39;', "'").split(escaped).length).toBeGreaterThan(100)
  },
)

test('a picture that is no embedded image is not fetched', () => {
  for (const source of [
    'https://example.org/a.png',
    'javascript:alert(1)',
    'data:text/html,<b>',
    'data:image/png;base64,"onerror="x',
  ]) {
    const input = invented()
    for (const item of input.pulls.flatMap((pull) => pull.pictures.flatMap((group) => group.items)))
      item.source = source
    const page = renderReport(input)
    expect([...page.matchAll(/<img[^>]* src="([^"]*)"/g)].map(([, value]) => value)).not.toContain(source)
    expect(page).toContain('src="data:,"')
  }
})

test('the page names no address outside itself', () => {
  const page = renderReport(invented())
  const addresses = [...page.matchAll(/(?:src|href|action|srcset|xlink:href|data)="([^"]*)"/g)].map(
    ([, value]) => value,
  )
  expect(addresses.length).toBeGreaterThan(5)
  for (const address of addresses) expect(address).toMatch(/^(#[\w-]+|data:image\/jpeg;base64,[\w+/=]+)$/)
  expect(page).not.toMatch(/https?:|url\(|@import|\/\/[a-z]+\.[a-z]/)
})

/** A page without its attributes' values and without its texts. */
const textless = (page: string) => page.replace(/="[^"]*"/g, '').replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')

test('a browser runs nothing of what the texts carry', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hostile-'))
  try {
    const page = join(folder, 'page.html')
    writeFileSync(page, spoilt(attacks.join(' ')))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${folder}/profile`]
    const found = await execa('chromium', [...flags, '--dump-dom', `file://${page}`], { reject: false })
    // Where no browser is installed, the parser above has judged already.
    const dom = found.failed && found.code === 'ENOENT' ? '' : found.stdout
    if (found.code !== 'ENOENT') expect(dom).toContain('</main>')
    expect(dom).not.toMatch(/<body[^>]/)
    const count = (text: string) =>
      ['<img ', '<figure ', '<table', '<section>', '<td'].map((tag) => text.split(tag).length)
    if (dom !== '') expect(count(textless(dom))).toEqual(count(textless(renderReport(invented()))))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
