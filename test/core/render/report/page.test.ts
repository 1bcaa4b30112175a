import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { datasetDiff } from '../../../../src/core/documents/dataset-diff.ts'
import type { DocumentKind } from '../../../../src/core/documents/define.ts'
import { comparison, evaluation } from '../../../../src/core/documents/evaluation.ts'
import { findings } from '../../../../src/core/documents/findings.ts'
import { drift, latency, parity, suspicious } from '../../../../src/core/documents/operational.ts'
import { parseEvidence } from '../../../../src/core/documents/parse.ts'
import { releaseManifest, rolloutState } from '../../../../src/core/documents/release.ts'
import { smoke, trainRun } from '../../../../src/core/documents/training.ts'
import { verdict } from '../../../../src/core/documents/verdict.ts'
import { renderReport } from '../../../../src/core/render/report/page.ts'
import type { PullRequestReport, ReportInput } from '../../../../src/core/render/report-input.ts'

const invented = (): ReportInput =>
  JSON.parse(readFileSync(new URL('report-input.json', import.meta.url), 'utf8')) as ReportInput
const textOf = (page: string) =>
  page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
const parts = [
  'diff',
  'findings',
  'drift',
  'suspicious',
  'smoke',
  'runs',
  'evaluations',
  'comparisons',
  'latency',
  'gate',
] as const

test('the invented report is made of documents that the schemas accept', () => {
  const input = invented()
  const holds = <Body>(kind: DocumentKind<string, Body>, bodies: (Body | undefined)[]) => {
    const present = bodies.filter((body) => body !== undefined)
    expect(present.length, kind.kind).toBeGreaterThan(0)
    for (const body of present) {
      parseEvidence(kind, JSON.stringify(kind.make({}, body)), 'report-input.json')
    }
  }
  const { pulls } = input
  holds(
    datasetDiff,
    pulls.map((pull) => pull.diff),
  )
  holds(
    findings,
    pulls.map((pull) => pull.findings),
  )
  holds(
    drift,
    pulls.map((pull) => pull.drift),
  )
  holds(
    suspicious,
    pulls.map((pull) => pull.suspicious),
  )
  holds(
    smoke,
    pulls.map((pull) => pull.smoke),
  )
  holds(
    trainRun,
    pulls.flatMap((pull) => pull.runs ?? []),
  )
  holds(
    evaluation,
    pulls.flatMap((pull) => (pull.evaluations ?? []).map(({ body }) => body)),
  )
  holds(
    comparison,
    pulls.flatMap((pull) => pull.comparisons ?? []),
  )
  holds(
    latency,
    pulls.map((pull) => pull.latency),
  )
  holds(
    verdict,
    pulls.map((pull) => pull.gate),
  )
  holds(
    releaseManifest,
    input.releases.map((release) => release.manifest),
  )
  holds(
    parity,
    input.releases.flatMap((release) => release.parity.map(({ body }) => body)),
  )
  holds(
    rolloutState,
    input.rollouts.map(({ state }) => state),
  )
})

test('the page of the invented report is as it was seen and found good', async () => {
  await expect(renderReport(invented())).toMatchFileSnapshot('__snapshots__/invented.html')
})

test('the same documents give the same page, and are left as they were', () => {
  const input = invented()
  const first = renderReport(input)
  expect(renderReport(input)).toBe(first)
  expect(input).toEqual(invented())
})

test('the verdict, then the number that decides, come before everything else', () => {
  const text = textOf(renderReport(invented()))
  const places = [
    '? inconclusive',
    'p95 latency on linux x64: 0.956 [0.77, 1.179]',
    'A repository',
    'What changed',
  ].map((words) => text.indexOf(words))
  expect(places).not.toContain(-1)
  expect(places).toEqual([...places].sort((a, b) => a - b))
})

test('every difference, ratio and harm in a table stands with its interval', () => {
  const page = renderReport(invented())
  const estimates = [...page.matchAll(/<span class="estimate">(.*?)<\/span><\/span>|<span class="estimate">/g)].map(
    ([whole]) => whole,
  )
  // 2 comparisons over 3 classes and all of them, 2 ratios, 2 gates, 2 parities, 4 measures of two rollouts, and looks.
  expect(estimates.length).toBeGreaterThan(8 + 2 + 2 + 2 + 8)
  for (const estimate of estimates) expect(textOf(estimate)).toMatch(/[\d.]+ ?%? +\[[+−]?[\d.]+ ?%?, [+−]?[\d.]+ ?%?\]/)
  const cells = [...page.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => textOf(cell ?? ''))
  const signedCells = cells.filter((cell) => /[+−]0?\.\d/.test(cell) && !/[≥≤]/.test(cell))
  expect(signedCells.length).toBeGreaterThan(8)
  for (const cell of signedCells) expect(cell).toMatch(/\[.+, .+\]/)
})

test('an artefact that was not measured shows no number', () => {
  const page = renderReport(invented())
  const row = /<tr>(?:(?!<tr>)[\s\S])*?TensorRT<br>[\s\S]*?<\/tr>/.exec(page)?.[0] ?? ''
  expect(textOf(row)).toContain('not measured')
  expect(textOf(row)).not.toMatch(/[+−]?\.0000/)
})

test('gates stand worst first, and what is open says what would settle it', () => {
  const page = renderReport(invented())
  const gates = page.slice(page.indexOf('<h3>Gates'))
  const words = [...gates.slice(0, gates.indexOf('</table>')).matchAll(/<td><span class="badge (\w+)"/g)]
  expect(words.map(([, word]) => word)).toEqual(['inconclusive', 'inconclusive', 'pass', 'pass', 'pass'])
  expect(textOf(gates)).toContain('To settle it: about 26 runs instead of 10')
})

test('under the gates stands what the policy as a whole can tell, and a line that was measured again says so', () => {
  const input = invented()
  const pull = input.pulls.find(({ gate }) => gate) as PullRequestReport
  const { gate } = pull as { gate: NonNullable<PullRequestReport['gate']> }
  gate.notes = ['at a margin of 0.02 60 scenes pass equal models in 22 % of cases', '<b>loosened</b>']
  gate.lines = gate.lines.map((line, i) => (i === 0 ? { ...line, measured: 3 } : line))
  const page = renderReport(input)
  const part = page.slice(page.indexOf('<h3>Gates'))
  expect(part).toContain('<li>at a margin of 0.02 60 scenes pass equal models in 22 % of cases</li>')
  expect(page).not.toContain('<b>loosened</b>')
  expect(textOf(part)).toMatch(/measured 3 times, the worst counts\./)
})

test('a planted fault that the gates let through stands in the open, those caught are folded; names are text', () => {
  const row = (id: string, verdict: 'fail' | 'pass') => ({ id, outcome: verdict, verdict, by: '', summary: `<b>${id}` })
  const rows = [row('let-through', 'fail'), row('stopped', 'pass')]
  const told = { caught: 1, planted: 2, headline: '1 of 2 caught', sample: '4 images', rows, notes: [] }
  const none = { ...told, rows: [], untested: 'there is no image' }
  const page = renderReport({
    ...invented(),
    gateTests: [
      { ...told, of: 'data' },
      { ...none, of: 'model' },
    ],
  })
  const part = page.slice(page.indexOf('<h2 id="gate-tests">'), page.indexOf('<h2 id="recompute">'))
  const [open = '', folded = ''] = part.split('<details>')
  expect([open.includes('let-through'), open.includes('stopped')]).toEqual([true, false])
  expect([folded.includes('stopped'), folded.includes('let-through')]).toEqual([true, false])
  expect(textOf(part)).toContain('Not tested: there is no image.')
  expect(part).not.toContain('<b>let')
  expect(renderReport(invented())).not.toContain('gate-tests')
})

test('old, waived and informative findings are a count, new ones are listed worst first', () => {
  const text = textOf(renderReport(invented()))
  expect(text).toContain('New findings: 2 errors, 1 warning')
  expect(text.indexOf('split-leak', text.indexOf('New findings'))).toBeLessThan(
    text.indexOf('label-class', text.indexOf('New findings')),
  )
  expect(text).toContain('Not listed: 1 informative, 1 that the base has too.')
  expect(text).not.toContain('person again')
})

test.each(parts)('a report without %s renders, and says nothing undefined', (part) => {
  const input = invented()
  const pulls = input.pulls.map((pull) => ({ ...pull, [part]: undefined }) as PullRequestReport)
  expect(textOf(renderReport({ ...input, pulls }))).not.toMatch(/undefined|NaN|\[object/)
})

test('a report of nothing still says so', () => {
  const empty = {
    ...invented(),
    timeline: [],
    pulls: [],
    releases: [],
    rollouts: [],
    recompute: [],
    digests: [],
    notes: [],
  }
  const text = textOf(renderReport(empty))
  expect(text).toContain('No evidence was written.')
  expect(text).not.toMatch(/undefined|NaN/)
})
