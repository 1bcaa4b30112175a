import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { GatePolicyBody } from '../../../src/core/documents/declared.ts'
import { documentId } from '../../../src/core/documents/define.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judgeStrictly } from '../../../src/core/judge/judge-strictly.ts'
import { loosened } from '../../../src/core/judge/loosened.ts'
import { readPolicy } from '../../../src/core/judge/policy.ts'
import { evaluationOf, subject } from './planted.ts'

const floor: GateLine = { gate: 'minimum', evidence: 'Evaluation', measure: 'map', atLeast: 0.4 }
const margin: GateLine = { gate: 'no-regression', evidence: 'Comparison', margin: 0.02, minimumUnits: 30 }
const base: GatePolicyBody = { name: 'p', gates: [floor, margin] }
const with_ = (...gates: GateLine[]): GatePolicyBody => ({ name: 'p', gates })
const shipped = (name: string) => {
  const file = new URL(`../../../gates/${name}.yaml`, import.meta.url)
  return readPolicy(readFileSync(file, 'utf8'), name)
}

describe('what a policy takes back', () => {
  test.each<[string, GatePolicyBody, string[]]>([
    ['the same lines in another order', with_(margin, floor), []],
    ['a higher floor', with_({ ...floor, atLeast: 0.5 }, margin), []],
    ['a further line', with_(floor, margin, { ...floor, measure: 'map50' }), []],
    ['the lower bound for the point', with_({ ...floor, bound: 'lower' }, margin), []],
    ['the champion named, who was meant', with_(floor, { ...margin, target: 'champion', measure: 'map' }), []],
    ['a lower floor', with_({ ...floor, atLeast: 0.3 }, margin), ['minimum map: atLeast 0.4 becomes 0.3']],
    ['a wider margin', with_(floor, { ...margin, margin: 0.03 }), ['no-regression: margin 0.02 becomes 0.03']],
    ['fewer units', with_(floor, { ...margin, minimumUnits: 2 }), ['no-regression: minimumUnits 30 becomes 2']],
    ['a report', with_({ ...floor, whenInconclusive: 'report' }, margin), ['minimum map: hold becomes report']],
    ['a line less', with_(floor), ['no-regression: the line is gone']],
    ['another target', with_(floor, { ...margin, target: 'control' }), ['no-regression: the line is gone']],
    ['classes instead of all', with_({ ...floor, classes: ['a'] }, margin), ['minimum map: the line is gone']],
    ['no gates', { name: 'p' }, ['minimum map: the line is gone', 'no-regression: the line is gone']],
  ])('%s', (_, proposal, expected) => {
    expect(loosened(base, proposal)).toEqual(expected)
  })

  test('the point for the lower bound, and a class left out', () => {
    const strict = with_({ ...floor, bound: 'lower', classes: ['a', 'b'] })
    const loose = with_({ ...floor, classes: ['b', 'c'] })
    expect(loosened(strict, loose)).toEqual(['minimum map a and b: the lower bound becomes the point, a is left out'])
  })

  test('rules that say less, and limits that say something else', () => {
    const rules: GatePolicyBody = { name: 'p', rules: { a: { severity: 'error', limit: 0.1 }, b: { severity: 'off' } } }
    expect(
      loosened(rules, { name: 'p', rules: { a: { severity: 'warning', limit: 0.2 }, b: { severity: 'error' } } }),
    ).toEqual(['rule a: severity error becomes warning, limit 0.1 becomes 0.2'])
    expect(loosened(rules, { name: 'p' })).toHaveLength(2)
  })

  test('a rollout with less to see', () => {
    const rollout = shipped('rollout')
    expect(loosened(rollout, rollout)).toEqual([])
    const { rollout: steps } = rollout
    if (!steps) throw new Error('gates/rollout.yaml has lost its rollout')
    const looser = { ...steps, alpha: 0.01, steps: [0.5, 1], margins: { ...steps.margins, lost: 0.5 } }
    expect(loosened(rollout, { name: 'rollout', rollout: looser })).toEqual([
      'rollout alpha 0.05 becomes 0.01',
      'rollout margin lost 0.15 becomes 0.5',
      'rollout steps 0.05, 0.25, 0.5, 1 become 0.5, 1',
    ])
    expect(loosened(rollout, { name: 'rollout' })).toEqual(['rollout: it is gone'])
  })

  test('attestations that are asked of nobody, or of somebody else', () => {
    const asked = (more: object): GatePolicyBody => ({ name: 'p', attestations: { required: true, ...more } })
    expect(loosened(asked({}), { name: 'p' })).toEqual(['attestations: they are not required'])
    expect(loosened(asked({}), asked({ branch: 'b', selfHosted: true }))).toEqual([
      'attestations branch left out becomes b',
      'attestations selfHosted false becomes true',
    ])
    expect(loosened(asked({ required: false }), { name: 'p' })).toEqual([])
  })

  test.each(['dataset', 'model', 'latency', 'export', 'release', 'rollout'])(
    'gates/%s.yaml takes nothing back of itself',
    (name) => {
      expect(loosened(shipped(name), shipped(name))).toEqual([])
    },
  )
})

describe('judged by policy and base', () => {
  const evidence = [evaluationOf(0.35)]
  const at = (atLeast: number) => with_({ ...floor, atLeast })
  const floors = (atLeast: number) => [{ policy: at(atLeast), name: 'the base' }]

  test('a floor lowered in the change that needs it fails all the same, and is named', () => {
    const { body } = judgeStrictly(at(0.3), floors(0.4), evidence, subject)
    expect(body.verdict).toBe('fail')
    expect(body.notes).toEqual([
      'Judged by the proposal (pass) and the base (fail); the base decides.',
      'The proposal loosens the base: minimum map: atLeast 0.4 becomes 0.3.',
    ])
  })

  test('a floor raised is judged by the proposal, and nothing is loosened', () => {
    const { body } = judgeStrictly(at(0.4), floors(0.3), evidence, subject)
    expect(body.verdict).toBe('fail')
    expect(body.notes).toEqual(['Judged by the proposal (fail) and the base (pass); the proposal decides.'])
  })

  test('a policy emptied of gates does not pass, and one that passes both does', () => {
    expect(judgeStrictly({ name: 'p' }, floors(0.3), evidence, subject).body.verdict).toBe('inconclusive')
    expect(judgeStrictly(at(0.3), floors(0.35), evidence, subject).body.verdict).toBe('pass')
  })

  test('an acceptance names the joint verdict, not that of the proposal alone', () => {
    const held = judgeStrictly(at(0.3), floors(0.3), [], subject)
    const alone = judgeStrictly(at(0.3), [], [], subject)
    const accept = (verdict: string) => [{ verdict, reason: 'known', owner: 'ana', expires: '2027-01-01' }]
    const judged = (id: string) =>
      judgeStrictly(at(0.3), floors(0.3), [], subject, { accepted: accept(id), today: '2026-11-23' }).body.verdict
    expect([judged(documentId(held)), judged(documentId(alone))]).toEqual(['pass', 'inconclusive'])
  })
})
