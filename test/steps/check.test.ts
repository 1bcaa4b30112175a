import { describe, expect, test } from 'vitest'
import type { Dataset, DatasetImage } from '../../src/core/dataset/model.ts'
import type { GatePolicyBody, WaiversBody } from '../../src/core/documents/declared.ts'
import { findings } from '../../src/core/documents/findings.ts'
import { problemsOf } from '../../src/core/documents/parse.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import { checkDataset } from '../../src/steps/check.ts'
import { addRow, type Draft, datasetOf, validDraft } from '../core/check/valid-dataset.ts'

const today = '2026-11-22'
const spoiled = (): Draft => {
  const draft = validDraft(seededRandom('check'))
  addRow(draft, 4, { classId: 1, cx: 0.5, cy: 0.02, w: 0, h: 0.03 })
  return draft
}
const check = (dataset: Dataset, more: Partial<Parameters<typeof checkDataset>[1]> = {}) =>
  checkDataset(dataset, { today, ...more }).body
const fingerprints = (draft: Draft) => check(datasetOf(draft)).findings.map((finding) => finding.fingerprint)

test('sound data passes, and the document is sound itself', () => {
  const document = checkDataset(datasetOf(validDraft(seededRandom(1))), { today })
  expect(document.body).toMatchObject({ verdict: 'pass', counts: { error: 0, warning: 0, info: 0 }, findings: [] })
  expect(document.body.scope).toMatchObject({ images: 80, imagesRead: 80, format: 'yolo' })
  expect(problemsOf(findings, document.body)).toEqual([])
  expect(document.subject.labels).toMatch(/^[0-9a-f]{64}$/)
})

test('shares of the balance add up to one in each split', () => {
  const { balance = [] } = check(datasetOf(validDraft(seededRandom(2))))
  for (const split of ['train', 'val']) {
    const shares = balance.filter((row) => row.split === split).map((row) => row.share)
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
  }
})

test('an error fails, and comes before warnings and info', () => {
  const draft = spoiled()
  draft.classes.push('tool')
  draft.images[8]!.provenance = null
  const body = check(datasetOf(draft))
  expect(body.verdict).toBe('fail')
  expect(body.findings.map(({ severity }) => severity)).toEqual(['error', 'warning', 'info'])
})

describe('with a base', () => {
  test('a finding that the base has too is old and does not fail', () => {
    const body = check(datasetOf(spoiled()), { base: datasetOf(spoiled()) })
    expect(body.verdict).toBe('pass')
    expect(body.findings.map(({ status }) => status)).toEqual(['old'])
    expect(body.counts.error).toBe(0)
  })

  test('a second finding of the same kind in another image is new and fails', () => {
    const head = spoiled()
    addRow(head, 6, { classId: 1, cx: 0.5, cy: 0.02, w: 0, h: 0.03 })
    const body = check(datasetOf(head), { base: datasetOf(spoiled()) })
    expect(body.verdict).toBe('fail')
    expect(body.findings.map(({ status, image }) => `${status} ${image}`)).toEqual(['new frame-006', 'old frame-004'])
  })

  test('the same defect once more in the same image is new', () => {
    const head = spoiled()
    addRow(head, 4, { classId: 1, cx: 0.7, cy: 0.02, w: 0, h: 0.03 })
    expect(check(datasetOf(head), { base: datasetOf(spoiled()) }).counts.error).toBe(1)
  })
})

describe('a fingerprint survives', () => {
  const before = fingerprints(spoiled())
  test.each<[string, (draft: Draft) => void]>([
    [
      'another name of the image',
      (d) => Object.assign(d.images[4] as DatasetImage, { name: 'x', file: 'images/x.png', labelFile: 'labels/x.txt' }),
    ],
    [
      'another order of rows',
      (d) => {
        for (const [i, row] of (d.rows[4] ?? []).reverse().entries()) row.line = i + 1
      },
    ],
    [
      'coordinates that were rounded to six decimals',
      (d) => {
        for (const row of d.rows[4] ?? []) row.cx += 2e-7
      },
    ],
    [
      'classes in another order',
      (d) => {
        d.classes = ['helmet', 'person', 'vest']
        for (const row of d.rows.flat()) row.classId = [1, 0, 2][row.classId] as number
        for (const image of d.images) image.provenance!.boxes = []
      },
    ],
  ])('%s', (_, change) => {
    const draft = spoiled()
    change(draft)
    expect(fingerprints(draft)).toEqual(before)
  })

  test('but not another class or place', () => {
    const draft = spoiled()
    draft.rows[4]!.at(-1)!.cx = 0.51
    draft.images[4]!.provenance!.boxes!.at(-1)!.box[0] = 0.51
    expect(fingerprints(draft)).not.toEqual(before)
  })
})

describe('waivers', () => {
  const waiver = {
    rule: 'box-zero-area',
    file: 'labels/frame-00*.txt',
    reason: 'known',
    owner: 'ana',
    expires: '2026-12-31',
  }
  const waived = (changes: object) => {
    const waivers: WaiversBody = { waivers: [{ ...waiver, ...changes }] }
    return check(datasetOf(spoiled()), { waivers })
  }

  test('one in force covers the finding', () => {
    expect(waived({})).toMatchObject({ verdict: 'pass', findings: [{ rule: 'box-zero-area', status: 'waived' }] })
  })
  test('one holds on its last day', () => expect(waived({ expires: today }).verdict).toBe('pass'))
  test('an expired one covers nothing and is an error itself', () => {
    const { verdict, findings: found } = waived({ expires: '2026-11-21' })
    expect(verdict).toBe('fail')
    expect(found.map(({ rule }) => rule).sort()).toEqual(['box-zero-area', 'waiver-expired'])
  })
  test('one that covers nothing is a warning', () => {
    const { findings: found } = waived({ file: 'labels/other/*.txt' })
    expect(found.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
      'box-zero-area error',
      'waiver-unused warning',
    ])
  })
  test('a star stays within a folder, and other signs are plain text', () => {
    expect(waived({ file: '*' }).verdict).toBe('fail')
    expect(waived({ file: 'labels.frame-004.txt' }).verdict).toBe('fail')
    expect(waived({ file: '**4.txt' }).verdict).toBe('pass')
  })
})

describe('the policy', () => {
  const policy = (rules: GatePolicyBody['rules']): GatePolicyBody => ({ name: 'dataset', rules })
  test('turns a rule off, or makes it weaker', () => {
    const off = check(datasetOf(spoiled()), { policy: policy({ 'box-zero-area': { severity: 'off' } }) })
    expect(off.findings).toEqual([])
    expect(off.scope.rules).not.toContain('box-zero-area')
    const weaker = check(datasetOf(spoiled()), { policy: policy({ 'box-zero-area': { severity: 'info' } }) })
    expect(weaker).toMatchObject({ verdict: 'pass', counts: { error: 0, info: 1 } })
  })
  test('sets a limit', () => {
    const body = check(datasetOf(validDraft(seededRandom(3))), { policy: policy({ 'box-tiny': { limit: 30 } }) })
    expect(body.counts.warning).toBeGreaterThan(10)
  })
  test('may not name a rule that does not exist', () => {
    expect(() => check(datasetOf(spoiled()), { policy: policy({ 'box-zero-aera': { severity: 'off' } }) })).toThrow(
      /did you mean "box-zero-area"/,
    )
  })
})
