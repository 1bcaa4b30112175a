import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { GatePolicyBody } from '../../../src/core/documents/declared.ts'
import { type Document, documentId } from '../../../src/core/documents/define.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { verdict } from '../../../src/core/documents/verdict.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { readPolicy } from '../../../src/core/judge/policy.ts'
import { subjectOfEvidence } from '../../../src/core/judge/subject.ts'
import { comparisonOf, type Difference, evaluationOf, other, smokeOf, subject, trainRunOf } from './planted.ts'

const file = new URL('../../../gates/model.yaml', import.meta.url)
const policy = readPolicy(readFileSync(file, 'utf8'), 'gates/model.yaml')

const names = ['person', 'helmet', 'vest', 'tool']
const rows = (...values: [number, number, number, number]): Difference[] =>
  values.map((value, i) => [names[i] as string, value, 0.04])
/** Evidence as the clean proposal gives it; each input can be replaced. */
const slices = [{ slice: 'size', value: 'small', images: 90, boxes: 300, units: 60, baseline: 0.5, candidate: 0.6 }]
const clean = {
  smoke: smokeOf(),
  run: trainRunOf(),
  evaluation: evaluationOf(
    0.75,
    names.map((name) => [name, 0.93, 300]),
  ),
  champion: comparisonOf('champion', [0.115, 0.019], rows(0.1, 0.12, 0.08, 0.16), {
    slices: slices.map((slice) => ({ ...slice, difference: 0.1, standardError: 0.02 })),
  }),
  control: comparisonOf('control', [0.09, 0.018], rows(0.07, 0.09, 0.06, 0.14)),
}
const judged = (change: Partial<Record<keyof typeof clean, Document | null>> = {}) =>
  judge(
    policy,
    Object.values({ ...clean, ...change }).filter((document) => document !== null),
    subject,
  ).body

test('clean night data passes the shipped policy', () => {
  const body = judged()
  expect(body.verdict).toBe('pass')
  expect(body.counts).toMatchObject({ fail: 0, inconclusive: 0 })
  expect(body.reason).toBe(
    'no-regression passes: map against the champion: 0.115 (at least 0.099 with 95 % confidence) is above −0.02, and 20 more pass.',
  )
})

test.each<[string, Partial<Record<keyof typeof clean, Document | null>>, string]>([
  ['a smoke train that learns nothing', { smoke: smokeOf({ learns: 0.2 }) }, 'fail'],
  ['shuffled labels that are learnt too', { smoke: smokeOf({ shuffled: 0.8 }) }, 'fail'],
  ['a smoke train that was not run', { smoke: null }, 'inconclusive'],
  [
    'mAP below the floor',
    {
      evaluation: evaluationOf(
        0.3,
        names.map((name) => [name, 0.9, 300]),
      ),
    },
    'fail',
  ],
  [
    'a class below the floor',
    {
      evaluation: evaluationOf(
        0.75,
        names.map((name) => [name, name === 'tool' ? 0.1 : 0.9, 300]),
      ),
    },
    'fail',
  ],
  ['no evaluation', { evaluation: null }, 'inconclusive'],
  [
    'a loss against the champion',
    { champion: comparisonOf('champion', [-0.058, 0.02], rows(0.1, 0.12, 0.08, 0.16)) },
    'fail',
  ],
  [
    'a class lost against the champion',
    { champion: comparisonOf('champion', [0.115, 0.019], rows(0.1, -0.21, -0.18, 0.16)) },
    'fail',
  ],
  ['no comparison with the champion', { champion: null }, 'inconclusive'],
  [
    'classes swapped in the new labels',
    { control: comparisonOf('control', [-0.03, 0.018], rows(0.05, -0.21, -0.18, 0.14)) },
    'fail',
  ],
  [
    'boxes shifted in the new labels',
    { control: comparisonOf('control', [-0.08, 0.02], rows(-0.03, -0.09, -0.15, -0.01)) },
    'fail',
  ],
  ['no control arm', { control: null }, 'inconclusive'],
  [
    'a validation set too small to tell',
    { champion: comparisonOf('champion', [0.01, 0.06], rows(0.1, 0.12, 0.08, 0.16)) },
    'inconclusive',
  ],
  [
    'no gain that can be shown, yet no harm',
    { control: comparisonOf('control', [0.005, 0.018], rows(0.01, 0.01, 0.01, 0.01)) },
    'pass',
  ],
])('one planted change decides: %s', (_, change, expected) => {
  expect(judged(change).verdict).toBe(expected)
})

test('evidence about another model is refused, by every gate that reads it', () => {
  const about = { ...subject, model: other }
  for (const change of [
    {
      evaluation: evaluationOf(
        0.75,
        names.map((name) => [name, 0.93, 300]),
        about,
      ),
    },
    { champion: comparisonOf('champion', [0.115, 0.019], rows(0.1, 0.1, 0.1, 0.1), {}, about) },
    { control: comparisonOf('control', [0.115, 0.019], rows(0.1, 0.1, 0.1, 0.1), {}, about) },
    { champion: comparisonOf('champion', [0.1, 0.01], rows(0.1, 0.1, 0.1, 0.1), {}, { ...subject, champion: other }) },
    { control: comparisonOf('control', [0.1, 0.01], rows(0.1, 0.1, 0.1, 0.1), {}, { ...subject, control: other }) },
    {
      champion: comparisonOf(
        'champion',
        [0.1, 0.01],
        rows(0.1, 0.1, 0.1, 0.1),
        {},
        { ...subject, validationSet: other },
      ),
    },
  ]) {
    const body = judged(change)
    expect(body.verdict).toBe('inconclusive')
    expect(body.lines.find(({ verdict }) => verdict === 'inconclusive')?.reason).toMatch(
      /is about \w+ [0-9a-f]{12}, judged is [0-9a-f]{12}$/,
    )
  }
})

test('a policy from which every gate was removed is not a pass', () => {
  for (const empty of [{ name: 'p' }, { name: 'p', gates: [] }]) {
    expect(judge(empty, Object.values(clean), subject).body).toMatchObject({
      verdict: 'inconclusive',
      reason: 'Nothing was judged: the policy has no gate.',
    })
  }
})

test('nothing passes without evidence, and nothing passes where nothing is judged', () => {
  for (const body of [judge(policy, [], subject).body, judge(policy, Object.values(clean), {}).body])
    expect([body.verdict, body.counts.pass]).toEqual(['inconclusive', 0])
})

test('a first release is judged by absolute gates only, and only where there is no champion', () => {
  const { champion: _, control: __, ...first } = subject
  const evidence = [clean.smoke, clean.run, clean.evaluation]
  const body = judge(policy, evidence, first, { firstRelease: true }).body
  expect(body.verdict).toBe('pass')
  expect(new Set(body.lines.map(({ gate }) => gate))).toEqual(
    new Set(['smoke', 'training-sanity', 'minimum', 'calibration']),
  )
  expect(body.notes).toBeUndefined()
  expect(judge(policy, evidence, first).body.verdict).toBe('inconclusive')
  expect(judge(policy, evidence, subject, { firstRelease: true }).body.verdict).toBe('inconclusive')
  expect(judge(policy, [], first, { firstRelease: true }).body.verdict).toBe('inconclusive')
})

test('an acceptance releases exactly the held verdict that it names, until it expires', () => {
  const evidence = [clean.smoke, clean.run, clean.evaluation, clean.champion]
  const held = judge(policy, evidence, subject)
  const acceptance = { verdict: documentId(held), reason: 'night data is urgent', owner: 'ana', expires: '2027-01-31' }
  const accepted = (today: string | undefined, of = evidence) =>
    judge(policy, of, subject, { accepted: [acceptance], today }).body
  expect(held.body.verdict).toBe('inconclusive')
  expect(accepted('2027-01-31')).toMatchObject({ verdict: 'pass', counts: held.body.counts })
  expect(accepted('2027-01-31').reason).toBe(
    'Accepted by ana until 2027-01-31 with 2 open lines: night data is urgent.',
  )
  expect(accepted('2027-02-01').verdict).toBe('inconclusive')
  expect(accepted(undefined).verdict).toBe('inconclusive')
  expect(accepted('2027-01-31', [clean.smoke, clean.evaluation]).verdict).toBe('inconclusive')
})

test('a fail is never accepted', () => {
  const evidence = [smokeOf({ learns: 0.1 }), clean.evaluation, clean.champion, clean.control]
  const failed = judge(policy, evidence, subject)
  const accepted = [{ verdict: documentId(failed), reason: 'please', owner: 'ana', expires: '2099-01-01' }]
  expect(judge(policy, evidence, subject, { accepted, today: '2026-11-23' }).body.verdict).toBe('fail')
})

test('the same evidence gives the same verdict in any order, and a sound document', () => {
  const evidence = Object.values(clean)
  const forward = judge(policy, evidence, subject)
  expect(documentId(judge(policy, evidence.toReversed(), subject))).toBe(documentId(forward))
  expect(problemsOf(verdict, forward.body)).toEqual([])
  expect(forward.subject.policy).toMatch(/^[0-9a-f]{64}$/)
})

test('malformed evidence beside good evidence of its kind is not passed over', () => {
  const broken = { ...clean.evaluation, body: { ...clean.evaluation.body, coco: null } } as unknown as Document
  const body = judge(policy, [...Object.values(clean), broken], subject).body
  expect(body.verdict).toBe('inconclusive')
  expect(body.reason).toContain('the Evaluation is malformed')
})

test('where nobody says what is judged, comparisons say which model, and disagreement leaves it open', () => {
  const champions = evaluationOf(0.6, [], { ...subject, model: subject.champion })
  expect(subjectOfEvidence([champions, ...Object.values(clean)]).model).toBe(subject.model)
  const second = comparisonOf('champion', [0, 0.1], [], {}, { ...subject, model: other })
  expect(subjectOfEvidence([clean.champion, second]).model).toBeUndefined()
})

const lineOf = (policy: GatePolicyBody) => () => judge(policy, [], subject)
test('a policy that is not sound is refused, not judged', () => {
  expect(lineOf({ name: 'p', gates: [{ gate: 'no-regresion', evidence: 'Comparison', margin: 0.1 }] })).toThrow(
    'there is no gate "no-regresion"; did you mean "no-regression"?',
  )
})
