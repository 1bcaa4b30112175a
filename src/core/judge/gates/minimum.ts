import { evaluation } from '../../documents/evaluation.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const share = { unit: 'AP', limit: 'atLeast', low: 0, high: 1, limitRequired: true } as const

/** An absolute floor, by COCO's definition of average precision; all that a first release can be judged by. */
export const minimum = defineGate(evaluation, {
  name: 'minimum',
  summary: 'The candidate reaches an absolute floor on the validation set, in all or in every class.',
  measures: [
    { name: 'map', says: 'mAP 50 to 95 (COCO)', ...share },
    { name: 'map50', says: 'mAP at IoU 0.5 (COCO)', ...share },
    { name: 'precision', says: 'precision at the operating point', ...share, unit: 'share' },
    { name: 'recall', says: 'recall at the operating point', ...share, unit: 'share' },
    { name: 'f1', says: 'F1 at the operating point', ...share, unit: 'share' },
  ],
  perClass: 'optional',
  whenInconclusive: 'hold',
  judge: (body, line) => {
    const measure = measureOf(minimum, line)
    const name = measure.name as 'map' | 'map50' | 'precision' | 'recall' | 'f1'
    const limit = line.atLeast ?? 0
    const ask = (value: number, of: string, truth: number) => {
      const question = { measure: `${name}${of}`, unit: measure.unit, limit, direction: 'at least' as const }
      const base = { ...facts(question), observed: null }
      // COCO writes -1 where there is no ground truth.
      if (truth === 0 || value < 0)
        return unsettled(base, 'there is no ground truth', `add validation images${of ? ` with${of.slice(3)}` : ''}`)
      return decidePoint(value, question)
    }
    if (!line.perClass) {
      const value =
        name === 'map' || name === 'map50'
          ? (body.coco.stats[name === 'map' ? 0 : 1] ?? Number.NaN)
          : body.ultralytics[name]
      return [ask(value, '', body.images)]
    }
    const key = name === 'map' ? 'ap' : name === 'map50' ? 'ap50' : name
    const lines = body.perClass.map((row) => ask(row[key], ` of ${row.className}`, row.boxes))
    return lines.length > 0 ? lines : [ask(-1, ' of every class', 0)]
  },
})
