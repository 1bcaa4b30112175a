import { describe, expect, test } from 'vitest'
import type { Document } from '../../../src/core/documents/define.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { comparisonOf, type Difference, evaluationOf, other, subject } from './planted.ts'

const lines = (line: GateLine, ...evidence: Document[]) =>
  judge({ name: 'p', gates: [line] }, evidence, subject).body.lines
const wordOf = (line: GateLine, ...evidence: Document[]) => lines(line, ...evidence).map(({ verdict }) => verdict)

const overall: GateLine = { gate: 'no-regression', evidence: 'Comparison', target: 'champion', margin: 0.02 }
const perClass: GateLine = { ...overall, perClass: true, margin: 0.05 }
const noHarm: GateLine = { gate: 'no-harm', evidence: 'Comparison', margin: 0.05 }
const gain: GateLine = { gate: 'data-gain', evidence: 'Comparison', atLeast: 0 }

describe('no-regression in all', () => {
  test.each<[string, number, number, string]>([
    ['a gain far above the margin', 0.115, 0.019, 'pass'],
    ['no difference, within a narrow interval', 0, 0.019, 'pass'],
    ['no difference, within a wide interval', 0, 0.05, 'inconclusive'],
    // One-sided: 1.645 and 2.326 standard errors, where the interval given here has 1.96.
    ['a lower bound just inside the margin', 0, 0.0238, 'pass'],
    ['a lower bound just beyond the margin', 0, 0.0239, 'inconclusive'],
    ['a loss beyond the margin with an upper bound just above zero', -0.04, 0.0338, 'inconclusive'],
    ['a loss beyond the margin with an upper bound just below zero', -0.04, 0.0336, 'fail'],
    ['a certain loss within the margin', -0.01, 0.005, 'pass'],
    ['identical predictions', 0, 0, 'pass'],
    ['a gain that cannot be', 1.2, 0.01, 'inconclusive'],
    ['a loss wholly beyond the margin', -0.058, 0.02, 'fail'],
    ['a certain loss beyond the margin, though its interval reaches back over it', -0.029, 0.0185, 'fail'],
  ])('%s', (_, value, half, expected) => {
    expect(wordOf(overall, comparisonOf('champion', [value, half]))).toEqual([expected])
  })

  test('a comparison with the control does not answer for the champion', () => {
    expect(lines(overall, comparisonOf('control', [0.1, 0.01]))[0]).toMatchObject({
      verdict: 'inconclusive',
      reason: 'map: there is no Comparison for champion among the evidence',
    })
  })

  test('a number that is none, or an interval that is missing or turned round, never passes', () => {
    const good = comparisonOf('champion', [0.1, 0.01])
    const body = good.body as { overall: { difference: Record<string, unknown> } }
    for (const wrong of [
      { value: Number.NaN },
      { low: Number.NaN },
      { low: undefined },
      { low: 0.2 },
      { high: Infinity },
    ]) {
      const difference = { ...body.overall.difference, ...wrong }
      const bad = { ...good, body: { ...body, overall: { ...body.overall, difference } } }
      expect(wordOf(overall, bad)).toEqual(['inconclusive'])
    }
    expect(wordOf(overall, good)).toEqual(['pass'])
  })

  test('too few scenes decide nothing, neither way', () => {
    const line = { ...overall, minimumUnits: 30 }
    expect(wordOf(line, comparisonOf('champion', [0.1, 0.01], [], { units: 29 }))).toEqual(['inconclusive'])
    expect(wordOf(line, comparisonOf('champion', [-0.1, 0.01], [], { units: 29 }))).toEqual(['inconclusive'])
    expect(wordOf(line, comparisonOf('champion', [0.1, 0.01], [], { units: 30 }))).toEqual(['pass'])
  })

  test('says how many scenes would settle an open question', () => {
    // The lower bound, 0.0252 away at 240 scenes, must come to 0.02, the distance to the margin: 240 × 1.59, and one more.
    const [line] = lines(overall, comparisonOf('champion', [0, 0.03]))
    expect(line?.settle).toBe(
      'about 382 scenes instead of 240 would settle it, if the value stays; 240 scenes resolve a margin of 0.038 (equal models pass in 80 % of cases), a margin of 0.02 needs about 869',
    )
    expect(wordOf(overall, comparisonOf('champion', [0, 0.03 * Math.sqrt(240 / 382)], [], { units: 382 }))).toEqual([
      'pass',
    ])
  })

  test('of two comparisons the worse counts, in either order', () => {
    const both = [comparisonOf('champion', [0.1, 0.01]), comparisonOf('champion', [-0.1, 0.01])]
    expect(wordOf(overall, ...both)).toEqual(['fail'])
    expect(wordOf(overall, ...both.reverse())).toEqual(['fail'])
  })
})

describe('per class', () => {
  const clean: Difference[] = [
    ['person', 0.1, 0.03],
    ['helmet', 0.09, 0.04],
    ['vest', 0.08, 0.04],
    ['tool', 0.15, 0.05],
  ]
  const swapped: Difference[] = [
    ['person', 0.1, 0.03],
    ['helmet', -0.209, 0.05],
    ['vest', -0.176, 0.05],
    ['tool', 0.2, 0.05],
  ]
  const shifted: Difference[] = [
    ['person', -0.03, 0.03],
    ['helmet', -0.07, 0.03],
    ['vest', -0.124, 0.035],
    ['tool', -0.01, 0.05],
  ]

  test('clean data passes every class', () => {
    expect(wordOf(noHarm, comparisonOf('control', [0.09, 0.018], clean))).toEqual(['pass', 'pass', 'pass', 'pass'])
  })

  test('a gain in all does not mask the harm to two classes, which are named', () => {
    const found = lines(noHarm, comparisonOf('control', [0.09, 0.018], swapped)).filter(
      ({ verdict }) => verdict === 'fail',
    )
    expect(found.map(({ measure }) => measure)).toEqual([
      'map of helmet against the control',
      'map of vest against the control',
    ])
    expect(found[0]?.reason).toBe(
      'map of helmet against the control: −0.209 (at most −0.15 with 99 % confidence) is a loss beyond −0.05',
    )
  })

  test('boxes shifted by a quarter fail at the classes that suffer most', () => {
    expect(wordOf(perClass, comparisonOf('champion', [-0.058, 0.02], shifted))).toEqual([
      'inconclusive',
      'fail',
      'fail',
      'inconclusive',
    ])
  })

  test('what one class fails alone, it does not fail among eighty that might fail by chance', () => {
    const alone: Difference[] = [['a', -0.08, 0.065]]
    const many: Difference[] = [...alone, ...Array.from({ length: 79 }, (_, i): Difference => [`c${i}`, 0.1, 0.03])]
    expect(wordOf(noHarm, comparisonOf('control', [0.1, 0.01], alone))).toEqual(['fail'])
    const [first, rest, ...more] = lines(noHarm, comparisonOf('control', [0.1, 0.01], many))
    expect(first).toMatchObject({ verdict: 'inconclusive', measure: 'map of a against the control' })
    expect(first?.reason).toContain('Holm’s correction over 80 classes'.replace('’', "'"))
    expect(rest).toMatchObject({ verdict: 'pass', measure: 'map of 79 classes against the control' })
    expect(more).toEqual([])
  })

  test('a class that the evaluation has and the comparison leaves out is open', () => {
    const evaluated = evaluationOf(0.7, [
      ['person', 0.9, 500],
      ['helmet', 0.9, 300],
      ['ghost', 0, 0],
    ])
    const compared = comparisonOf('control', [0.1, 0.01], [['person', 0.1, 0.03]])
    expect(wordOf(noHarm, compared, evaluated)).toEqual(['pass', 'inconclusive'])
  })

  test('a comparison without classes is open', () => {
    expect(wordOf(noHarm, comparisonOf('control', [0.1, 0.01]))).toEqual(['inconclusive'])
  })
})

describe('data-gain', () => {
  test.each([
    [0.09, 0.018, 'pass'],
    [0.01, 0.018, 'inconclusive'],
    [-0.03, 0.018, 'fail'],
  ])('a gain of %d ± %d over the control: %s', (value, half, expected) => {
    expect(wordOf(gain, comparisonOf('control', [value, half]))).toEqual([expected])
  })

  test('only reports when it is open', () => {
    expect(lines(gain, comparisonOf('control', [0.01, 0.018]))[0]?.holds).toBe(false)
  })
})

describe('minimum', () => {
  const floor: GateLine = { gate: 'minimum', evidence: 'Evaluation', measure: 'map', atLeast: 0.4 }
  test.each([
    [0.41, 'pass'],
    [0.4, 'pass'],
    [0.3999, 'fail'],
    [-1, 'inconclusive'],
    [1.0001, 'inconclusive'],
    [1e300, 'inconclusive'],
  ])('mAP %d against 0.4: %s', (map, expected) => {
    expect(wordOf(floor, evaluationOf(map))).toEqual([expected])
  })

  test('per class, the class below the floor fails and one without ground truth is open', () => {
    const line: GateLine = { ...floor, measure: 'map50', perClass: true, atLeast: 0.3 }
    const evaluated = evaluationOf(0.7, [
      ['person', 0.9, 500],
      ['tool', 0.2, 60],
      ['ghost', 0, 0],
    ])
    expect(wordOf(line, evaluated)).toEqual(['pass', 'fail', 'inconclusive'])
    expect(wordOf(line, evaluationOf(0.7))).toEqual(['inconclusive'])
  })

  test('the champion’s evaluation does not answer for the candidate', () => {
    const champions = evaluationOf(0.9, [], { ...subject, model: other })
    expect(lines(floor, champions)[0]).toMatchObject({ verdict: 'inconclusive', evidence: null })
    expect(wordOf(floor, champions, evaluationOf(0.3))).toEqual(['fail'])
    expect(wordOf(floor, evaluationOf(0.9, [], { ...subject, validationSet: other }))).toEqual(['inconclusive'])
  })
})
