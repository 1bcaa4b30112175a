import { XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import type { DatasetDiffBody } from '../../../../src/core/documents/dataset-diff.ts'
import { type Finding, findings } from '../../../../src/core/documents/findings.ts'
import { renderCheckReport } from '../../../../src/core/render/report/check-page.ts'
import type { CheckReportInput } from '../../../../src/core/render/report-input.ts'
import { hostileNames } from '../hostile-names.ts'

const pixel =
  'data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2gAIAQEAAD8AKwD/2Q=='

/** A check in which every text that data can choose is `text`. */
function checkOf(text: string, more: Partial<Finding> = {}, count = 4): CheckReportInput {
  const list = Array.from(
    { length: count },
    (_, i): Finding => ({
      ...{ rule: i % 2 ? 'label-class' : 'box-tiny', severity: i % 2 ? 'error' : 'warning' },
      ...{ file: text, line: i, image: text, message: text, mend: text, fingerprint: `${i}`, status: 'new' as const },
      boxes: [{ label: text, role: 'finding', box: [0.5, 0.5, 0.2, 0.2] }],
      ...more,
    }),
  )
  const fresh = more.status === undefined ? count : 0
  const counts = { error: Math.floor(fresh / 2), warning: Math.ceil(fresh / 2), info: 0 }
  const scope = { images: 3, boxes: 9, rules: ['label-class'], format: text, imagesRead: 3 }
  const boxes = { added: 1, removed: 0, moved: 0, relabelled: 0, unchanged: 2 }
  const diff: DatasetDiffBody = {
    classes: { added: [text], removed: [], renamed: [{ from: text, to: text }] },
    images: { added: 1, removed: 0, renamed: 0, resplit: 0, modified: 0 },
    boxes,
    byClass: Object.fromEntries([[text, boxes]]),
    bySplit: Object.fromEntries([[text, { images: { added: 1, removed: 0 }, boxes }]]),
    bySource: Object.fromEntries([[text, boxes]]),
    byImage: [],
  }
  const shot = { source: pixel, width: 20, height: 20 }
  const drawn = [{ label: text, role: 'added' as const, box: [0.5, 0.5, 0.4, 0.4] }]
  const item = {
    ...shot,
    title: text,
    caption: text,
    boxes: drawn,
    before: drawn,
    words: [text, text] as [string, string],
  }
  return {
    title: text,
    judgedOn: text,
    findings: findings.make(
      { labels: 'a'.repeat(64) },
      {
        verdict: 'fail',
        counts,
        findings: list,
        scope,
        notes: [text],
        balance: [{ className: text, split: 'train', boxes: 3, images: 1, share: 1 }],
      },
    ),
    diff,
    splits: Object.fromEntries([[text, 'train']]),
    pictures: [
      { title: text, chosen: text, items: [{ ...item, facets: { split: text } }] },
      {
        title: text,
        chosen: text,
        items: [{ ...item, facets: { rule: 'box-tiny', severity: 'warning', split: text } }],
      },
    ],
    recompute: [text],
  }
}

/** Elements with the names of their attributes, in order; the page must be well-formed for it. */
function skeleton(page: string): string[] {
  const body = page.slice(page.indexOf('<body>'), page.indexOf('</html>')).replace(/<script>[\s\S]*?<\/script>/, '')
  const xml = body.replace(/<(img|br|input)((?:\s[^<>]*?)?)\/?>/g, '<$1$2/>').replace(/ (hidden)(?=[ >])/g, ' $1=""')
  expect(XMLValidator.validate(xml)).toBe(true)
  return [...xml.matchAll(/<([a-z0-9]+)((?:\s+[a-z-]+="[^"]*")*)\s*\/?>/g)].map(
    ([, tag, attributes = '']) =>
      `${tag} ${[...attributes.matchAll(/\s([a-z-]+)="[^"]*"/g)].map(([, name]) => name).join(' ')}`,
  )
}

const clean = skeleton(renderCheckReport(checkOf('plain')))

test.each(hostileNames.map((name) => [name.slice(0, 40), name]))(
  '%j in every text adds no element and no attribute',
  (_, name) => {
    const page = renderCheckReport(checkOf(name))
    // A picture's label may find no room; nothing else may differ.
    const rest = (shapes: string[]) => shapes.filter((shape) => !shape.startsWith('text '))
    expect(rest(skeleton(page))).toEqual(rest(clean))
  },
)

test('with 5,000 findings the page stays below 3 MB, holds 2,000 rows and says how many are not in it', () => {
  const page = renderCheckReport(checkOf('labels/train/a-name-of-usual-length-0001.txt', {}, 5000))
  expect(page.length).toBeLessThan(3_000_000)
  expect(page.match(/<li class="finding"/g)).toHaveLength(2000)
  expect(page).toContain('3000 more new ones')
})

test('repeats of a rule are folded after six, and the mend is said once a rule', () => {
  const page = renderCheckReport(
    checkOf('labels/a.txt', { mend: 'Mend it so.', rule: 'label-class', severity: 'error' }, 40),
  )
  expect(page).toContain('and 34 more of this rule')
  expect(page.match(/Mend it so\./g)).toHaveLength(1)
})

test('old, waived and accepted findings are counts', () => {
  for (const [status, words] of [
    ['old', '4 that the base has too'],
    ['waived', '4 waived'],
    ['accepted', '4 accepted in triage'],
  ] as const) {
    const page = renderCheckReport(checkOf('labels/a.txt', { status }))
    expect(page).toContain(`Not listed: ${words}.`)
    expect(page).not.toContain('<li class="finding"')
  }
})

test('the page carries the id of its findings and their subject, and only its own script may run', () => {
  const page = renderCheckReport(checkOf('plain'))
  expect(page).toMatch(/<main data-of="[0-9a-f]{64}" data-subject="\{&quot;labels&quot;/)
  expect(page).toMatch(/default-src 'none';[^"]*script-src 'sha256-[^']+'/)
  expect(page.match(/<script/g)).toHaveLength(1)
  expect(page.slice(page.indexOf('<script>'), page.indexOf('</script>')).length).toBeLessThan(8000)
})

test('the same input gives the same bytes', () => {
  expect(renderCheckReport(checkOf('a'))).toBe(renderCheckReport(checkOf('a')))
})
