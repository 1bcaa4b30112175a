import { expect, test } from 'vitest'
import { familyWise, familyWiseNote } from '../../../src/core/judge/family-wise.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { comparisonOf, subject } from './planted.ts'

const line: GateLine = { gate: 'no-regression', evidence: 'Comparison', margin: 0.02 }
const floor: GateLine = { gate: 'minimum', evidence: 'Evaluation', atLeast: 0.4 }

test('ten lines at one in a hundred fail by chance in nearly a tenth of cases', () => {
  const found = familyWise({ gates: Array.from({ length: 10 }, () => line) })
  // 1 − 0.99^10, and Bonferroni's 10 × 0.01.
  expect(found.independent).toBeCloseTo(0.0956179, 7)
  expect(found.most).toBeCloseTo(0.1, 12)
})

test('a point has no error of its own, its lower bound has', () => {
  expect(familyWise({ gates: [floor, line] })).toMatchObject({ counted: 1, uncounted: 1 })
  expect(familyWise({ gates: [{ ...floor, bound: 'lower' }, line] })).toMatchObject({ counted: 2, uncounted: 0 })
  expect(familyWiseNote({ gates: [floor] })).toBeNull()
})

test('a margin that the data cannot resolve is told with its power and what would resolve it', () => {
  // A half-width of 0.03 is a standard error of 0.0153; z(0.02 / 0.0153 − 1.645) = 0.367.
  const bounds = { lower95: -0.0251776, upper99: 0.0356069 }
  const weak = comparisonOf('champion', [0, 0.03])
  const body = weak.body as { overall: object }
  const document = { ...weak, body: { ...body, overall: { ...body.overall, bounds } } }
  const [, note] = judge({ name: 'p', gates: [line] }, [document], subject).body.notes ?? []
  expect(note).toBe(
    'no-regression: at a margin of 0.02 240 scenes pass equal models in 37 % of cases (map against the champion); for 80 % it needs 870 scenes, or a margin of 0.038',
  )
  const sure = { ...weak, body: { ...body, overall: { ...body.overall, bounds: { lower95: -0.01, upper99: 0.0141 } } } }
  expect(judge({ name: 'p', gates: [line] }, [sure], subject).body.notes).toHaveLength(1)
})
