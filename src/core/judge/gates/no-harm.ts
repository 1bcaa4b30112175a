import { comparison } from '../../documents/evaluation.ts'
import { comparisonMeasures, differenceAlarm, isComparisonOf, perClassLines } from '../comparison-lines.ts'
import { defineGate } from '../gate-kind.ts'

/** The proposed data harms no class: against the control arm, which had the same training without that data. */
export const noHarm = defineGate(comparison, {
  name: 'no-harm',
  summary: 'No class loses more than the margin to the proposed data; a gain elsewhere does not outweigh it.',
  terms: `d, L and U are those of no-regression, for every class, against the control arm; a fail is claimed at 1 % after Holm's correction over the classes.`,
  decides: ['pass  L > −margin', 'fail  d < −margin and U < 0', 'open  anything else'],
  example: ['{ gate: no-harm, evidence: Comparison, target: control, margin: 0.05, minimumUnits: 30 }'],
  measures: comparisonMeasures('margin'),
  targets: ['champion', 'control'],
  perClass: 'always',
  units: 'scenes or images',
  tooLittle: 'no interval, a class left out, or fewer units than asked: open',
  falseAlarm: () => differenceAlarm,
  whenInconclusive: 'hold',
  comparesWith: (line) => (line.target === 'champion' ? 'champion' : 'control'),
  selects: (body, line) => isComparisonOf(body, line, 'control'),
  judge: (body, line, context) => perClassLines(body, -(line.margin ?? 0), line, context),
})
