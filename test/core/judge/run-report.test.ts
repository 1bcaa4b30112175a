import { expect, test } from 'vitest'
import type { FindingsBody } from '../../../src/core/documents/findings.ts'
import type { VerdictBody } from '../../../src/core/documents/verdict.ts'
import {
  conclusionOfRun,
  judgeFindings,
  judgePromotion,
  judgeVerdict,
  subjectOfTitle,
} from '../../../src/core/judge/run-report.ts'

const finding = {
  rule: 'label-class',
  severity: 'error' as const,
  file: 'a.txt',
  line: 1,
  image: null,
  message: '',
  fingerprint: '',
}
const body = (verdict: FindingsBody['verdict'], findings: FindingsBody['findings'] = [], images = 3): FindingsBody => ({
  verdict,
  counts: { error: 0, warning: 0, info: 0 },
  findings,
  scope: { images, boxes: images, rules: [], format: 'yolo', imagesRead: images },
})

test('findings are counted again: a pass that lists a new error is none', () => {
  expect(judgeFindings(body('pass')).verdict).toBe('pass')
  expect(judgeFindings(body('pass', [finding])).verdict).toBe('fail')
  expect(
    judgeFindings(
      body('pass', [
        { ...finding, status: 'old' },
        { ...finding, status: 'waived' },
      ]),
    ).verdict,
  ).toBe('pass')
  expect(judgeFindings(body('inconclusive')).verdict).toBe('inconclusive')
  expect(judgeFindings(body('fail', [finding])).verdict).toBe('fail')
  expect(judgeFindings(body('pass', [], 0)).verdict).toBe('inconclusive')
})

test('a verdict counts only when the base’s gates say the same over the same evidence', () => {
  const line = {
    gate: 'minimum',
    measure: 'map',
    observed: 0.5,
    limit: 0.4,
    direction: 'at least' as const,
    unit: '',
    evidence: null,
    reason: '',
  }
  const verdict = (word: VerdictBody['verdict'], limit: number): VerdictBody => ({
    policy: 'model',
    verdict: word,
    reason: 'r',
    counts: { pass: 1, fail: 0, inconclusive: 0 },
    lines: [{ ...line, limit, verdict: word }],
  })
  expect(judgeVerdict(verdict('pass', 0.4), verdict('pass', 0.4)).verdict).toBe('pass')
  expect(judgeVerdict(verdict('pass', 0.1), verdict('pass', 0.4)).verdict).toBe('fail')
  expect(judgeVerdict(verdict('pass', 0.4), verdict('fail', 0.4)).verdict).toBe('fail')
  expect(judgeVerdict(verdict('inconclusive', 0.4), verdict('inconclusive', 0.4)).verdict).toBe('inconclusive')
})

test('a promotion’s lines are counted again; no lines, another commit, or a word that they do not give is no pass', () => {
  const headSha = 'a'.repeat(40)
  const about = { headSha, baseSha: 'b'.repeat(40), reason: 'nothing of channels/ changes' }
  const check = (lines: ('pass' | 'fail' | 'inconclusive')[], verdict: 'pass' | 'fail' = 'pass', head = headSha) => ({
    ...{ channel: 'production', head, base: 'b'.repeat(40), verdict, reason: 'all hold' },
    lines: lines.map((word, i) => ({ check: `c${i}`, verdict: word, proof: 'again' as const, reason: 'r' })),
  })
  expect(judgePromotion(null, about)).toEqual({ verdict: 'pass', reason: 'nothing of channels/ changes' })
  expect(judgePromotion(check(['pass', 'pass']), about)).toEqual({ verdict: 'pass', reason: 'all hold' })
  expect(judgePromotion(check(['pass', 'inconclusive', 'fail']), about)).toEqual({ verdict: 'fail', reason: 'c2: r' })
  expect(judgePromotion(check(['pass', 'inconclusive']), about).verdict).toBe('inconclusive')
  expect(judgePromotion(check([]), about).verdict).toBe('fail')
  expect(judgePromotion(check(['pass'], 'fail'), about).verdict).toBe('fail')
  expect(judgePromotion(check(['pass'], 'pass', 'c'.repeat(40)), about).verdict).toBe('fail')
  expect(judgePromotion(check(['pass']), { ...about, baseSha: headSha }).verdict).toBe('fail')
})

test('only a trusted pass is green, and nothing is neutral', () => {
  const untrusted = { trusted: false as const, why: 'w', mend: 'm' }
  const conclusions = (['pass', 'fail', 'inconclusive'] as const).map((verdict) => [
    conclusionOfRun({ verdict, reason: '' }, { trusted: true }),
    conclusionOfRun({ verdict, reason: '' }, untrusted),
  ])
  expect(conclusions).toEqual([
    ['success', 'action_required'],
    ['failure', 'failure'],
    ['action_required', 'action_required'],
  ])
})

test('a run by hand is about what its name says, written in full', () => {
  const sha = 'a'.repeat(40)
  for (const name of ['Data set', 'Train', 'Promotion']) {
    expect(subjectOfTitle(`${name} #7 at ${sha}`)).toEqual({ pullRequest: 7, headSha: sha })
  }
  for (const title of [
    'Data set',
    `Data set #0 at ${sha}`,
    `Data set #7 at ${sha.slice(1)}`,
    `x Data set #7 at ${sha}`,
    `Data set #7 at ${sha}\n`,
  ]) {
    expect(subjectOfTitle(title)).toBeNull()
  }
})
