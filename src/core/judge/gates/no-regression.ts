import { comparison } from '../../documents/evaluation.ts'
import { comparisonMeasures, differenceAlarm, isComparisonOf, overallLine, perClassLines } from '../comparison-lines.ts'
import { defineGate } from '../gate-kind.ts'

/** Non-inferiority: the interval of candidate minus baseline lies above minus the margin. */
export const noRegression = defineGate(comparison, {
  name: 'no-regression',
  summary: 'The candidate is not worse than the champion by more than the margin, in all or in every class.',
  terms: `Non-inferiority: d is candidate − baseline, L its lower 95 % and U its upper 99 % bound, one-sided. Per class (the greatest drop allowed), each class is judged for itself, and a fail is claimed at 1 % after Holm's correction.`,
  decides: ['pass  L > −margin', 'fail  d < −margin and U < 0', 'open  anything else'],
  example: [
    '{ gate: no-regression, evidence: Comparison, target: champion, margin: 0.02, minimumUnits: 30 }',
    '{ gate: no-regression, evidence: Comparison, target: champion, perClass: true, margin: 0.05, minimumUnits: 30 }',
  ],
  measures: comparisonMeasures('margin'),
  targets: ['champion', 'control'],
  perClass: 'optional',
  units: 'scenes or images',
  tooLittle: 'no interval, a class left out, or fewer units than asked: open',
  falseAlarm: () => differenceAlarm,
  whenInconclusive: 'hold',
  comparesWith: (line) => (line.target === 'control' ? 'control' : 'champion'),
  selects: (body, line) => isComparisonOf(body, line, 'champion'),
  judge: (body, line, context) => {
    const limit = -(line.margin ?? 0)
    return line.perClass ? perClassLines(body, limit, line, context) : [overallLine(body, limit, line)]
  },
})
