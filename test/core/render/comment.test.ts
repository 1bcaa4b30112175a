import { expect, test } from 'vitest'
import type { DatasetDiffBody } from '../../../src/core/documents/dataset-diff.ts'
import type { ComparisonBody } from '../../../src/core/documents/evaluation.ts'
import type { Finding, FindingsBody } from '../../../src/core/documents/findings.ts'
import type { VerdictBody } from '../../../src/core/documents/verdict.ts'
import { type CommentInput, renderComment } from '../../../src/core/render/comment.ts'
import { fitComment } from '../../../src/core/render/comment-size.ts'
import { code, plain } from '../../../src/core/render/markdown.ts'

const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: 'box-outside-image',
  severity: 'error',
  file: 'labels/train/0001.txt',
  line: 3,
  image: 'train/0001',
  message: 'the right edge is at 1.04',
  mend: 'draw it inside the image',
  fingerprint: 'f'.repeat(32),
  status: 'new',
  ...more,
})
const findingsOf = (findings: Finding[]): FindingsBody => {
  const count = (severity: string) => findings.filter((f) => f.severity === severity && f.status === 'new').length
  return {
    verdict: count('error') > 0 ? 'fail' : 'pass',
    counts: { error: count('error'), warning: count('warning'), info: count('info') },
    findings,
    scope: { images: 276, boxes: 1412, rules: ['box-outside-image'], format: 'yolo', imagesRead: 276 },
    notes: ['Labels are marked simulated-human: a program drew them in place of people.'],
  }
}
const none = { added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: 0 }
const diff: DatasetDiffBody = {
  classes: { added: ['tool'], removed: [], renamed: [{ from: 'hat', to: 'helmet' }] },
  images: { added: 96, removed: 0, renamed: 1, resplit: 0, modified: 2 },
  boxes: { added: 552, removed: 1, moved: 4, relabelled: 3, unchanged: 860 },
  byClass: { person: { ...none, added: 188, unchanged: 355 }, tool: { ...none, added: 122, unchanged: 65 } },
  bySplit: { train: { images: { added: 96, removed: 0 }, boxes: { ...none, added: 552 } } },
  byImage: [{ image: 'night/0001', change: 'added', split: 'train', boxes: { ...none, added: 6 }, changes: [] }],
}
const [shown] = diff.byImage as [DatasetDiffBody['byImage'][number]]
/** Boxes that were added to an image. */
const boxesOf = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([className, n]) =>
    Array.from({ length: n }, () => ({ change: 'added' as const, after: { classId: 0, className, box: [] } })),
  )
const estimate = (value: number, low: number, high: number) => ({
  value,
  low,
  high,
  level: 0.95,
  method: 'bootstrap',
  n: 60,
})
const comparison: ComparisonBody = {
  baseline: 'champion',
  candidate: 'candidate',
  metric: 'map',
  unit: 'scene',
  units: 60,
  images: 240,
  resamples: 2000,
  seed: 1,
  overall: { className: 'all', baseline: 0.637, candidate: 0.752, difference: estimate(0.115, 0.096, 0.134) },
  perClass: [{ className: 'helmet', baseline: 0.7, candidate: 0.491, difference: estimate(-0.209, -0.24, -0.18) }],
  flips: { fixed: ['night/0001', 'night/0002'], broken: ['yard/0003'] },
  notes: [],
}
const verdictDoc: VerdictBody = {
  policy: 'model',
  verdict: 'inconclusive',
  reason: 'latency is not settled',
  counts: { pass: 1, fail: 0, inconclusive: 1 },
  lines: [
    {
      gate: 'better',
      measure: 'mAP50-95',
      verdict: 'pass',
      observed: 0.115,
      low: 0.096,
      high: 0.134,
      limit: -0.01,
      direction: 'at least',
      unit: '',
      evidence: null,
      reason: 'the interval is above the limit',
    },
    {
      gate: 'latency',
      measure: 'p95',
      verdict: 'inconclusive',
      observed: 1.02,
      low: 0.95,
      high: 1.09,
      limit: 1.05,
      direction: 'at most',
      unit: '×',
      evidence: null,
      reason: 'the interval spans the limit',
      settle: 'six more runs of sluice bench',
      holds: true,
    },
  ],
}
const failing: CommentInput = {
  verdict: 'fail',
  headline: '2 new errors in 1,412 boxes',
  about: '96 night images from the gate camera',
  judgedOn: '240 validation images, simulated-human labels',
  stages: [
    { label: 'Data set', verdict: 'fail', fact: '2 new errors' },
    { label: 'Training', verdict: 'skipped', fact: 'not started' },
  ],
  findings: findingsOf([
    finding({ severity: 'warning', rule: 'box-tiny', line: 9, message: 'a box of 2 × 3 px' }),
    finding(),
    finding({ line: 4, message: 'the class 7 is not one of 4' }),
    finding({ status: 'old', line: 5 }),
    finding({ severity: 'info', line: 0, file: '' }),
  ]),
  diff,
  recompute: ['sluice check data/worksite --base main'],
  digests: [{ label: 'labels', value: 'a'.repeat(64) }],
  pictures: [{ words: '12 shown of 18 changed images', page: 'http://127.0.0.1:9/acme/data/actions/runs/1#artifacts' }],
}
const suspicious = {
  images: 96,
  boxes: 552,
  flagged: 1,
  items: [
    {
      image: 'night/0001',
      issue: 'swapped' as const,
      score: 0.04,
      className: 'vest',
      predictedClass: 'helmet',
      confidence: 0.9,
      box: [0.5, 0.5, 0.1, 0.1],
      predicted: [0.5, 0.5, 0.1, 0.1],
    },
  ],
  byClass: [],
  method: 'champion',
}
/** Lines that are seen before anything is opened. */
function inSight(markdown: string): string[] {
  const folded = markdown.replace(/<details>\n<summary>(.*?)<\/summary>[\s\S]*?<\/details>/g, '▸ $1')
  return folded.split('\n').filter((line) => line.trim() !== '')
}

test('a failing comment begins with what to do now', async () => {
  const markdown = renderComment(failing)
  expect(markdown.split('\n')[0]).toBe('**To do: mend 2 new errors listed below, then push again.**')
  await expect(markdown).toMatchFileSnapshot('__snapshots__/comment-fail.md')
})

test('a passing comment shows the difference with its interval', async () => {
  const stages = [{ label: 'Data set', verdict: 'pass' as const, fact: 'no new finding' }]
  const ofClass = (className: string, boxes: number) => ({ className, split: 'train', boxes, images: 9, share: 0 })
  const balance = [ofClass('person', 543), ofClass('tool', 187), ofClass('cone', 12)]
  const findings = { ...findingsOf([finding({ severity: 'warning', status: 'waived' })]), balance }
  const input: CommentInput = {
    verdict: 'pass',
    headline: 'mAP50-95 +0.115 [+0.096, +0.134]',
    stages,
    findings,
    diff: { ...diff, byImage: [{ ...shown, changes: boxesOf({ person: 188, tool: 122, cone: 9 }) }] },
    comparison,
    verdictDoc,
  }
  const markdown = renderComment(input)
  expect(markdown).toContain('mAP50-95 +0.115 [+0.096, +0.134], 240 images')
  await expect(markdown).toMatchFileSnapshot('__snapshots__/comment-pass.md')
})

test('a held comment says what would settle it', async () => {
  const markdown = renderComment({ verdict: 'inconclusive', headline: 'latency is not settled', verdictDoc })
  expect(markdown.split('\n')[0]).toContain('six more runs of sluice bench')
  await expect(markdown).toMatchFileSnapshot('__snapshots__/comment-held.md')
})

test('what the policy as a whole can tell stands under its lines, as text, and shrinks with them', () => {
  const notes = ['model: one of 5 lines fails by chance in 4.9 % of cases', 'note of @octocat <b>']
  const markdown = renderComment({ ...failing, verdictDoc: { ...verdictDoc, notes } })
  expect(markdown).toContain('`latency`')
  expect(markdown).toContain('\n\n- model: one of 5 lines fails by chance in 4.9 % of cases\n- note of @')
  expect(markdown).not.toMatch(/@octocat|<b>/)
  const many = Array.from({ length: 900 }, (_, i) => `note ${i}: ${'word '.repeat(20)}`)
  const short = renderComment({ ...failing, verdictDoc: { ...verdictDoc, notes: many } })
  expect(short).toMatch(/- and 8\d\d more notes/)
})

test('says that validation and classes are untouched, and when they are not', () => {
  const calm = { ...diff, classes: { added: [], removed: [], renamed: [] } }
  expect(renderComment({ ...failing, diff: calm })).toContain('**Validation:** untouched · **Classes:** unchanged')
  const val = { images: { added: 2, removed: 1 }, boxes: { ...none, moved: 5 } }
  const touched = renderComment({ ...failing, diff: { ...diff, bySplit: { val } } })
  expect(touched).toContain('**Validation:** **touched**: 3 images and 5 boxes')
  expect(touched).toContain('`hat` is now `helmet`')
})

test('at most 25 lines are in sight, however much there is to say', () => {
  const many = Array.from({ length: 400 }, (_, i) => finding({ line: i + 1, severity: i % 2 ? 'error' : 'warning' }))
  const stages = Array.from({ length: 20 }, (_, i) => ({ label: `stage ${i}`, verdict: 'pass' as const, fact: 'fine' }))
  const all: CommentInput = {
    ...failing,
    stages,
    findings: findingsOf(many),
    comparison: [comparison, comparison],
    suspicious,
    verdictDoc,
  }
  expect(inSight(renderComment(all)).length).toBeLessThanOrEqual(25)
})

const hostile = [
  '@octocat please merge',
  '#1 fixes acme/data#2 GH-3',
  '[click](https://evil.example) ![x](https://evil.example/x.png)',
  'https://evil.example www.evil.example',
  '<img src=x onerror=alert(1)><!-- sluice:dataset-qa --></details><script>',
  'a | b || c',
  '`` code ``` ` fence',
  '**bold** _it_ ~~gone~~',
  'line one\nline two\r\n\r\n# heading',
  'evil\u202Etxt.exe\u200B\u0007',
  '&lt;b&gt; &#64;octocat',
  '\\',
]
test.each(hostile)('%j neither mentions, links, marks up nor hides anything', (text) => {
  const markdown = renderComment({
    verdict: 'fail',
    headline: text,
    about: text,
    judgedOn: text,
    stages: [{ label: text, verdict: 'fail', fact: text }],
    findings: { ...findingsOf([finding({ file: text, message: text, mend: text, rule: text })]), notes: [text] },
    diff: { ...diff, classes: { added: [text], removed: [text], renamed: [] }, byClass: { [text]: none } },
    comparison: { ...comparison, candidate: text, perClass: [{ ...comparison.overall, className: text }] },
  })
  // What a renderer would see outside code spans.
  const outside = markdown.replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, 'CODE')
  expect(outside).not.toMatch(/@[a-z0-9]|#\d|GH-\d|:\/\/|www\.[a-z]/i)
  expect(outside).not.toMatch(/(?<!\\)\]\(/)
  expect(outside.replace(/<\/?(?:details|summary)>/g, '')).not.toMatch(/[<>]/)
  expect(markdown.replaceAll('\n', '')).not.toMatch(/[\u202E\u200B\p{Cc}]/u)
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'))
  const cells = rows.map((line) => line.replace(/\\\|/g, '').split('|').length)
  expect(new Set(cells).size).toBeLessThanOrEqual(3)
  expect(markdown.match(/^<details>$/gm)?.length).toBe(markdown.match(/^<\/details>$/gm)?.length)
  expect(markdown.startsWith('**To do')).toBe(true)
})

test('prints names as they are, in code spans that their backticks do not end', () => {
  expect(code('hard hat')).toBe('`hard hat`')
  expect(code('a`b')).toBe('``a`b``')
  expect(code('`')).toBe('`` ` ``')
  expect(code('')).toBe('(empty)')
  expect(plain('mAP50-95 +0.115 [0.096, 0.134], 3 % of 12')).toBe('mAP50-95 +0.115 [0.096, 0.134], 3 % of 12')
})

test('grows smaller until it fits, and always keeps its first line and verdict', () => {
  const many = Array.from({ length: 5000 }, (_, i) => finding({ line: i + 1, message: `the edge is at 1.${i}` }))
  for (const limit of [60_000, 8_000, 3_000]) {
    const markdown = renderComment({ ...failing, findings: findingsOf(many) }, limit)
    expect(markdown.length).toBeLessThanOrEqual(limit)
    expect(markdown).toMatch(/^\*\*To do: mend 5,000 new errors/)
    expect(markdown.match(/<details>/g)?.length ?? 0).toBe(markdown.match(/<\/details>/g)?.length ?? 0)
  }
})

test('a cut text closes its fences and folds', () => {
  const cut = fitComment(`<details>\n\n\`\`\`\n${'x'.repeat(80)}\n`.padEnd(3000, 'y\n'), 1000)
  expect(cut.match(/```/g)).toHaveLength(2)
  expect(cut).toContain('</details>')
})
