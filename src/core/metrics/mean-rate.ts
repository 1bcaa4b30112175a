import type { EvaluationBody } from '../documents/evaluation.ts'

/** Mean of a rate at the operating point: every class with ground truth counts alike, as in mAP; -1 without any. */
export function meanRate(perClass: EvaluationBody['perClass'], name: 'precision' | 'recall' | 'f1'): number {
  const present = perClass.filter(({ boxes }) => boxes > 0)
  return present.length === 0 ? -1 : present.reduce((sum, row) => sum + row[name], 0) / present.length
}
