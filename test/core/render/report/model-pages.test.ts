import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { hostileNames } from '../hostile-names.ts'
import { modelPages } from './model-pages.ts'

const clean = modelPages()
const kinds = Object.keys(clean) as (keyof typeof clean)[]

test.each(kinds)('the %s page is as it was seen and found good', async (kind) => {
  await expect(clean[kind]).toMatchFileSnapshot(`__snapshots__/model-${kind}.html`)
})

test('the same input gives the same bytes', () => {
  expect(modelPages()).toEqual(clean)
})

/** Elements of a page with the names of their attributes. */
function shapes(page: string): Set<string> {
  const body = page.slice(page.indexOf('<body>'), page.indexOf('</html>')).replace(/<script>.*?<\/script>/, '')
  const xml = body.replace(/<(img|br)((?:\s[^<>]*?)?)\/?>/g, '<$1$2/>')
  expect(XMLValidator.validate(xml, { allowBooleanAttributes: true })).toBe(true)
  const found = new Set<string>()
  const walk = (nodes: Record<string, unknown>[]) => {
    for (const node of nodes) {
      const attributes = Object.keys((node[':@'] as object) ?? {}).sort()
      for (const [tag, children] of Object.entries(node)) {
        if (tag === ':@' || tag === '#text') continue
        found.add(`${tag} ${attributes.join(' ')}`)
        walk(children as Record<string, unknown>[])
      }
    }
  }
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', preserveOrder: true })
  walk(parser.parse(xml) as Record<string, unknown>[])
  return found
}

const safe = new Set(kinds.flatMap((kind) => [...shapes(clean[kind])]))

test('hostile names stay text on every page: no further element, no further attribute', () => {
  expect(safe.size).toBeGreaterThan(40)
  for (const name of hostileNames) {
    for (const page of Object.values(modelPages((text) => `${text}${name}`))) {
      expect([...shapes(page)].filter((shape) => !safe.has(shape))).toEqual([])
    }
  }
}, 120_000)

test('the pages name no address outside themselves', () => {
  for (const page of Object.values(clean)) {
    const addresses = [...page.matchAll(/(?:src|href|action|srcset)="([^"]*)"/g)].map(([, value]) => value)
    for (const address of addresses) expect(address).toMatch(/^(#[\w-]+|data:image\/png;base64,[\w+/=]+)$/)
    expect(page).not.toMatch(/https?:|url\(|@import/)
  }
})

const textOf = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('slices come worst first, each with its support and interval', () => {
  const section = /<h3>Where:.*?<\/section>/s.exec(clean.compare)?.[0] ?? ''
  const rows = [...section.matchAll(/<tr><td>(.*?)<\/tr>/g)].map(([, row]) => textOf(row ?? ''))
  expect(rows.length).toBeGreaterThan(2)
  const ends = rows.map((row) => Number(/, ([+−]?)(\.\d+)\]/.exec(row)?.slice(1).join('').replace('−', '-')))
  expect(ends).toEqual([...ends].sort((a, b) => a - b))
})

test('the parts of an attribution add up to its whole on the page', () => {
  const section = /<h3>Where the change comes from.*?<\/section>/s.exec(clean.compare)?.[0] ?? ''
  const values = [...section.matchAll(/class="estimate">([+−]?)(\.\d+)/g)].map(([, sign, digits]) =>
    Number(`${sign === '−' ? '-' : ''}${digits}`),
  )
  const whole = values.pop() ?? Number.NaN
  expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(whole, 2)
  expect(whole).toBeGreaterThan(0)
})

test('scores on another validation set are not joined to those before', () => {
  const chart = /aria-label="mAP50-95 by release.*?<\/svg>/s.exec(clean.history)?.[0] ?? ''
  expect(chart.match(/stroke-width="1.5"/g)).toHaveLength(1)
  expect(chart.match(/stroke-dasharray="3 3"/g)).toHaveLength(1)
  expect(chart.match(/stroke-width="3"/g)).toHaveLength(3)
})

test('the history draws mAP50, recall and calibration too; recall at another operating point is not joined', () => {
  const chartOf = (label: string) => new RegExp(`aria-label="${label}.*?</svg>`, 's').exec(clean.history)?.[0] ?? ''
  const [map50, recall, ece] = ['mAP50 by release', 'recall by release', 'calibration error by release'].map(chartOf)
  for (const chart of [map50, recall, ece]) expect(chart?.match(/<circle /g)).toHaveLength(3)
  expect(map50?.match(/stroke-width="3"/g)).toHaveLength(3)
  expect(`${recall}${ece}`).not.toContain('stroke-width="3"')
  // Once between the validation sets, once where the confidence changed on the same set.
  expect(map50?.match(/stroke-dasharray="3 3"/g)).toHaveLength(1)
  expect(recall?.match(/stroke-dasharray="3 3"/g)).toHaveLength(2)
})
