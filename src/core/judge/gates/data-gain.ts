import { comparison } from '../../documents/evaluation.ts'
import { comparisonMeasures, differenceAlarm, isComparisonOf, overallLine } from '../comparison-lines.ts'
import { defineGate } from '../gate-kind.ts'

/** Superiority: what the data brought beyond what more training alone brings. */
export const dataGain = defineGate(comparison, {
  name: 'data-gain',
  summary: 'The proposed data gains at least this much over the control arm, which trained as long without it.',
  terms: 'Superiority: d is candidate − control, L its lower 95 % and U its upper 99 % bound, one-sided.',
  decides: ['pass  L > atLeast (0 unless set)', 'fail  d < atLeast and U < atLeast', 'open  anything else'],
  example: ['{ gate: data-gain, evidence: Comparison, target: control, atLeast: 0.01, whenInconclusive: hold }'],
  measures: comparisonMeasures('atLeast'),
  targets: ['champion', 'control'],
  perClass: 'never',
  units: 'scenes or images',
  tooLittle: 'no interval, or fewer units than asked: open',
  // A gain that was asked for and is missing is no false alarm.
  falseAlarm: (line) => ((line.atLeast ?? 0) > 0 ? null : differenceAlarm),
  whenInconclusive: 'report',
  comparesWith: (line) => (line.target === 'champion' ? 'champion' : 'control'),
  selects: (body, line) => isComparisonOf(body, line, 'control'),
  judge: (body, line) => [overallLine(body, line.atLeast ?? 0, line)],
})
