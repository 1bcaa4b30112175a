import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { applyTriage, waiversFor } from '../../../src/core/check/apply-triage.ts'
import { rules } from '../../../src/core/check/rules.ts'
import { waivers } from '../../../src/core/documents/declared.ts'
import { documentId, type Subject } from '../../../src/core/documents/define.ts'
import { type Finding, findings } from '../../../src/core/documents/findings.ts'
import { parseDeclared, problemsOf } from '../../../src/core/documents/parse.ts'
import { type TriageBody, triage } from '../../../src/core/documents/triage.ts'
import { EvidenceError } from '../../../src/core/errors.ts'

const finding = (rule: string, severity: Finding['severity'], more: Partial<Finding> = {}): Finding => ({
  ...{ rule, severity, file: `labels/${rule}.txt`, line: 3, image: rule, message: 'it is so', status: 'new' },
  fingerprint: rule.padEnd(32, '0'),
  ...more,
})
const subject: Subject = { labels: 'a'.repeat(64), base: 'b'.repeat(64) }
const checked = findings.make(subject, {
  verdict: 'fail',
  counts: { error: 1, warning: 2, info: 1 },
  findings: [
    finding('label-class', 'error'),
    finding('box-tiny', 'warning'),
    finding('box-zero-area', 'warning'),
    finding('class-unused', 'info'),
    finding('box-duplicate', 'error', { status: 'old' }),
  ],
  scope: { images: 3, boxes: 9, rules: [], format: 'yolo', imagesRead: 3 },
  notes: ['a note'],
})
const decided = (pairs: Record<string, 'accept' | 'reject'>, more: Partial<TriageBody> = {}, of = subject) =>
  triage.make(of, {
    of: documentId(checked),
    decisions: Object.entries(pairs).map(([rule, decision]) => ({ rule, fingerprint: rule.padEnd(32, '0'), decision })),
    ...more,
  })
const statusOf = (body: typeof checked.body, rule: string) => body.findings.find((item) => item.rule === rule)

test('an accepted warning is not shown again, and is told and counted', () => {
  const { document, told } = applyTriage(checked, decided({ 'box-tiny': 'accept' }, { by: 'ana' }))
  expect(statusOf(document.body, 'box-tiny')?.status).toBe('accepted')
  expect(document.body.counts).toEqual({ error: 1, warning: 1, info: 1 })
  expect(told).toEqual(['1 finding accepted in triage by ana, not shown again.'])
  expect(document.body.notes).toEqual(['a note', ...told])
  expect(problemsOf(findings, document.body)).toEqual([])
})

test('an accepted error still blocks, and the waiver to propose names it', () => {
  const { document, told, acceptedErrors } = applyTriage(checked, decided({ 'label-class': 'accept' }))
  expect(document.body.verdict).toBe('fail')
  expect(document.body.counts.error).toBe(1)
  expect(told).toEqual(['1 error accepted in triage still blocks: mend or waive.'])
  const yaml = waiversFor(acceptedErrors, rules)
  // Who proposes it has to say why, who and until when: as it stands it is refused.
  expect(() => parseDeclared(waivers, yaml, 'waivers.yaml')).toThrow(/reason/)
  const filled = yaml
    .replace('reason: #', 'reason: known #')
    .replace('owner: #', 'owner: ana #')
    .replace('expires: #', 'expires: 2027-01-01 #')
  expect(parseDeclared(waivers, filled, 'waivers.yaml').waivers[0]).toMatchObject({
    rule: 'label-class',
    fingerprint: 'label-class'.padEnd(32, '0'),
  })
})

test('a rule that is never waived gets a sentence instead of a waiver', () => {
  const [known] = rules
  if (!known) throw new Error('there are rules')
  const yaml = waiversFor(
    [finding(known.id, 'error'), finding('x', 'error', { file: 'a\n- rule: y\u0085' })],
    [{ ...known, neverWaived: true }],
  )
  expect(yaml).toContain(`${known.id} is never waived, it must be mended`)
  expect(parse(yaml)).toMatchObject({ waivers: [{ rule: 'x', reason: null }] })
  expect(parse(yaml).waivers).toHaveLength(1)
})

test('a rejected warning blocks as an error, with its note', () => {
  const body = decided({}).body
  const decisions = [
    { rule: 'box-tiny', fingerprint: 'box-tiny'.padEnd(32, '0'), decision: 'reject' as const, note: 'too small' },
  ]
  const clean = {
    ...checked,
    body: {
      ...checked.body,
      verdict: 'pass' as const,
      counts: { error: 0, warning: 2, info: 1 },
      findings: checked.body.findings.slice(1),
    },
  }
  const { document } = applyTriage(clean, triage.make(subject, { ...body, decisions }))
  expect(document.body.verdict).toBe('fail')
  expect(document.body.counts).toEqual({ error: 1, warning: 1, info: 1 })
  expect(document.body.findings[0]).toMatchObject({
    rule: 'box-tiny',
    severity: 'error',
    message: 'it is so (rejected in triage: too small)',
  })
})

test('one triage after another holds both, and a repeated one changes nothing', () => {
  const [first, second] = [
    decided({ 'box-tiny': 'accept' }),
    decided({ 'box-zero-area': 'reject', 'box-tiny': 'accept' }),
  ]
  const both = applyTriage(applyTriage(checked, first).document, second).document
  expect(both.body.counts).toEqual({ error: 2, warning: 0, info: 1 })
  const { document, told } = applyTriage(both, second)
  expect(document.body.counts).toEqual(both.body.counts)
  expect(document.body.findings).toEqual(both.body.findings)
  expect(told.filter((sentence) => sentence.includes('no finding'))).toEqual([])
})

test('what is old stays old, whatever the triage says', () => {
  const { document } = applyTriage(checked, decided({ 'box-duplicate': 'reject' }))
  expect(document.body.counts).toEqual(checked.body.counts)
  expect(statusOf(document.body, 'box-duplicate')).toMatchObject({ status: 'old', message: 'it is so' })
})

test('a decision that meets no finding is told, and so is one whose rule is another', () => {
  const { told, document } = applyTriage(checked, decided({ 'box-gone': 'accept' }))
  expect(told[0]).toMatch(/^1 decision of the triage meet no finding of this check: box-gone box-gone0/)
  expect(document.body.findings).toEqual(checked.body.findings)
})

test('holds for the same labels and for later pushes on the same base, and is refused for anything else', () => {
  const other = 'c'.repeat(64)
  const none = { of: other }
  for (const of of [{ labels: 'a'.repeat(64) }, { labels: other, base: 'b'.repeat(64) }])
    expect(applyTriage(checked, decided({ 'box-tiny': 'accept' }, none, of)).told).toHaveLength(1)
  for (const of of [{}, { labels: other }, { base: other }, { images: 'a'.repeat(64) }]) {
    const refused = () => applyTriage(checked, decided({ 'box-tiny': 'accept' }, none, of))
    expect(refused).toThrow(EvidenceError)
    expect(refused).toThrow('another data set')
  }
  // Two data sets without base have nothing in common by having none.
  const bare = findings.make({}, checked.body)
  expect(() => applyTriage(bare, triage.make({}, { of: other, decisions: [] }))).toThrow(EvidenceError)
})
