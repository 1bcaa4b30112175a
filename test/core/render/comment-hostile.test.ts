import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding } from '../../../src/core/documents/findings.ts'
import { type CommentInput, renderComment } from '../../../src/core/render/comment.ts'
import { liveParts, markdownDom } from '../../markdown/dom.ts'
import { hostileNames } from './hostile-names.ts'

const none = { added: 1, removed: 0, moved: 0, relabelled: 0, unchanged: 0 }

/** A check in which every text that data can choose is `text`. */
function checkOf(text: string, count = 3, limit?: number) {
  const finding = (i: number): Finding => ({
    rule: i % 2 ? 'split-leak' : 'label-class',
    severity: i % 3 ? 'warning' : 'error',
    file: `${text}`,
    line: i,
    image: text,
    message: text,
    mend: text,
    fingerprint: String(i),
    status: 'new',
    ...(i % 2 ? { pair: { image: text, file: text, split: text } } : {}),
  })
  const list = Array.from({ length: count }, (_, i) => finding(i))
  const counts = { error: Math.ceil(count / 3), warning: count - Math.ceil(count / 3), info: 0 }
  const scope = { images: 3, boxes: 9, rules: ['label-class'], format: text, imagesRead: 3 }
  const ofClass = { className: text, split: 'train', boxes: 3, images: 1, share: 1 }
  const balance = [ofClass, { ...ofClass, className: 'other', boxes: 30 }]
  const estimate = { value: 0.1, low: -0.1, high: 0.2, level: 0.95, method: text, n: 3 }
  const row = { className: text, baseline: 0.5, candidate: 0.6, difference: estimate }
  const line = { gate: text, measure: text, observed: 0.1, low: -0.1, high: 0.2, limit: 0, unit: text, evidence: null }
  const input: CommentInput = {
    verdict: 'fail',
    headline: text,
    toDo: text,
    about: text,
    stages: [{ label: text, verdict: 'fail', fact: text }],
    digests: [{ label: 'labels', value: text }],
    findings: { verdict: 'fail', counts, findings: list, scope, balance, notes: [text] },
    comparison: {
      ...{ baseline: text, candidate: text, metric: 'map', unit: 'scene', units: 3, images: 3, resamples: 9, seed: 1 },
      ...{ overall: row, perClass: [row], flips: { fixed: [text], broken: [text] }, notes: [text] },
    },
    verdictDoc: {
      ...{ policy: text, verdict: 'fail', reason: text, counts: { pass: 0, fail: 1, inconclusive: 0 }, notes: [text] },
      lines: [{ ...line, verdict: 'fail', direction: 'at least', reason: text }],
    },
    judgedOn: text,
    pictures: [{ words: text, page: null }],
    recompute: [`sluice check ${text}`],
    diff: {
      classes: { added: [text], removed: [text], renamed: [{ from: text, to: text }] },
      images: { added: 1, removed: 0, renamed: 0, resplit: 0, modified: 0 },
      boxes: none,
      byClass: Object.fromEntries([[text, none]]),
      bySplit: Object.fromEntries([
        [text, { images: { added: 1, removed: 0 }, boxes: none }],
        ['val', { images: { added: 1, removed: 0 }, boxes: none }],
      ]),
      byImage: [
        {
          image: text,
          change: 'added',
          split: text,
          boxes: none,
          changes: [{ change: 'added', after: { classId: 0, className: text, box: [0.5, 0.5, 1, 1] } }],
        },
      ],
    },
    drift: {
      measures: [{ name: text, unit: text, value: 2, limit: 1, exceeded: true, detail: text }],
      shares: [],
      declared: [text],
      notes: [text],
    },
    suspicious: {
      images: 1,
      boxes: 1,
      flagged: 1,
      method: text,
      byClass: [],
      items: [
        {
          image: text,
          issue: 'swapped',
          score: 1,
          className: text,
          predictedClass: text,
          confidence: 0.9,
          box: [],
          predicted: [],
        },
      ],
    },
  }
  return renderComment(input, limit)
}

/** All of it, before anything is left out for length. */
const wholeOf = (text: string) => checkOf(text, 3, 60_000)

/** Markdown with each code span as CODE, read as CommonMark says: runs of equal length, no escapes within. */
function outsideCode(markdown: string): string {
  let out = ''
  for (let at = 0; at < markdown.length; ) {
    const run = /^`+/.exec(markdown.slice(at, at + 400))?.[0]
    if (markdown[at] === '\\') {
      out += markdown.slice(at, at + 2)
      at += 2
    } else if (run) {
      const line = markdown.slice(at + run.length).split('\n', 1)[0] ?? ''
      const close = new RegExp(`(?<!\`)\`{${run.length}}(?!\`)`).exec(line)
      out += close ? 'CODE' : run
      at += run.length + (close ? close.index + run.length : 0)
    } else out += markdown[at++]
  }
  return out
}
const clean = wholeOf('clean')
const shapeOf = (markdown: string) =>
  markdown.split('\n').map((line) => /^(<\/?details>|<summary>|\||- |\*\*|$)/.exec(line)?.[0] ?? 'text')

function holds(text: string): void {
  const markdown = wholeOf(text)
  const outside = outsideCode(markdown)
  expect(outside).not.toMatch(/(?<!\\)@[a-z0-9]|#\d|GH-\d|:\/\/|www\.[a-z]|(?<!\\)\$|:[\w+-]+:/i)
  expect(outside).not.toMatch(/(?<!\\)\][([:]/)
  expect(outside.replace(/<\/?(?:details|summary)>/g, '')).not.toMatch(/[<>]/)
  expect(markdown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029]|(?!\u2060)\p{Cf}/u)
  expect(markdown).not.toMatch(/^\s*(::|##\[)/m)
  // The text opens no line, list, table or fold that a plain word would not open.
  expect(shapeOf(markdown)).toEqual(shapeOf(clean))
  expect(columnsOf(outside)).toEqual(columnsOf(outsideCode(clean)))
}

/** Cells of each table row. */
const columnsOf = (outside: string) =>
  outside
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((row) => row.replace(/\\[\\|]/g, '').split('|').length)

test.each(hostileNames.map((name) => [name.slice(0, 60), name]))(
  '%j stays text wherever data can put it',
  (_, name) => {
    holds(name)
  },
)

test('GitHub’s own reader of Markdown finds words, code, lists, tables and folds in them, and nothing else', () => {
  const found = markdownDom(...hostileNames.map(wholeOf)).map(liveParts)
  expect(Object.fromEntries(hostileNames.map((name, i) => [name, found[i]]))).toEqual(
    Object.fromEntries(hostileNames.map((name) => [name, []])),
  )
  // It would find them.
  expect(markdownDom('@octocat', '<b>x</b>', '[a](b)', 'deadbeef1').map((dom) => liveParts(dom).length)).toEqual([
    1, 1, 1, 1,
  ])
})

test('so does any other text', () => {
  const odd = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 })
  const signs = fc.string({
    unit: fc.constantFrom(...'`|<>[]()!@#$&\\*_~:-+=1. \n\r\tw/'),
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(fc.oneof(odd, signs), (text) => {
      fc.pre(text.trim() !== '')
      holds(text)
    }),
    { numRuns: 1000, seed: 1 },
  )
})

test('100,000 findings, or the longest names, make a comment of less than 12,000 characters that says how many there are', () => {
  const cases: [string, number, string][] = [
    ['`|'.repeat(200), 3000, '1,000'],
    ['@'.repeat(300), 3000, '1,000'],
    ['\u202e'.repeat(300), 3000, '1,000'],
    ['plain', 100_000, '33,334'],
  ]
  for (const [name, count, errors] of cases) {
    const markdown = checkOf(name, count)
    expect(markdown.length).toBeLessThan(12_000)
    expect(markdown).toContain(`${errors} errors`)
    expect(markdown.match(/^<details>$/gm)?.length ?? 0).toBe(markdown.match(/^<\/details>$/gm)?.length ?? 0)
  }
})

test('the same check gives the same bytes', () => {
  expect(checkOf('a name')).toBe(checkOf('a name'))
})
