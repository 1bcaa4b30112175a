import { expect, test } from 'vitest'
import { type Document, sha256 } from '../../../src/core/documents/define.ts'
import { refusalOf } from '../../../src/core/judge/binding.ts'
import { subjectOfEvidence } from '../../../src/core/judge/subject.ts'

const [model, data, rgb, bgr] = ['model', 'data', 'rgb', 'bgr'].map(sha256) as [string, string, string, string]
const about = { model, validationSet: data, target: data }
const document = (kind: string, serving?: string): Document => ({
  kind,
  version: 1,
  subject: { ...about, ...(serving ? { serving } : {}) },
  body: {},
})
const kinds = ['Evaluation', 'Comparison', 'Parity', 'Latency']

test.each(kinds)('%s of another serving, or of an untold one, is not about what is judged', (kind) => {
  const judged = { ...about, serving: rgb }
  expect(refusalOf(document(kind, rgb), judged)).toBeNull()
  expect(refusalOf(document(kind, bgr), judged)?.why).toMatch(/is about serving/)
  expect(refusalOf(document(kind), judged)?.why).toMatch(/does not say which serving/)
})

test.each(kinds)('%s from before servings were told is judged where none is told', (kind) => {
  expect(refusalOf(document(kind), about)).toBeNull()
})

test('evidence of a training or of data has no serving', () => {
  const judged = { ...about, serving: rgb, trainSet: data }
  const run = { ...document('TrainRun'), subject: { model, trainSet: data } }
  expect(refusalOf(run, judged)).toBeNull()
})

test('the serving of the evaluation is the one that is judged; where documents disagree some are refused', () => {
  const pile = [document('Latency', bgr), document('Evaluation', rgb), document('Parity', bgr)]
  const subject = subjectOfEvidence(pile)
  expect(subject.serving).toBe(rgb)
  expect(pile.filter((one) => refusalOf(one, subject) !== null).map(({ kind }) => kind)).toEqual(['Latency', 'Parity'])
  const two = [document('Evaluation', rgb), document('Evaluation', bgr)]
  const chosen = subjectOfEvidence(two)
  expect(subjectOfEvidence([...two].reverse())).toEqual(chosen)
  expect(two.filter((one) => refusalOf(one, chosen) !== null)).toHaveLength(1)
})

test('the serving of another model says nothing of this one', () => {
  const champion = { ...document('Evaluation', bgr), subject: { model: sha256('champion'), serving: bgr } }
  const comparison = { ...document('Comparison', rgb), body: { baseline: 'champion' } }
  expect(subjectOfEvidence([champion, document('Evaluation', rgb), comparison]).serving).toBe(rgb)
})
