import { evaluation } from '../../documents/evaluation.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, type Measure, measureOf } from '../gate-kind.ts'

const loss = (type: string, says: string): Measure => ({
  name: `${type}-loss`,
  says: `AP50 that mending ${says} alone would win`,
  unit: 'AP50',
  limit: 'atMost',
  low: 0,
  high: 1,
  range: [0, 1],
  limitRequired: true,
})

/** Where a model errs, not only how much: a guard's detector may misplace a person, it may not miss one. */
export const errorTypes = defineGate(evaluation, {
  name: 'error-types',
  summary: 'No kind of error (TIDE, at IoU 0.5) costs more AP50 than allowed.',
  terms: 'x = AP50 with that one kind of error mended − AP50 as it is.',
  decides: ['pass  x ≤ atMost', 'fail  x > atMost'],
  example: ['{ gate: error-types, evidence: Evaluation, measure: missed-loss, atMost: 0.1, minimumUnits: 100 }'],
  measures: [
    loss('missed', 'objects without any detection'),
    loss('background', 'detections of nothing'),
    loss('localisation', 'boxes of the right class in a poor place'),
    loss('classification', 'well-placed boxes of a wrong class'),
    loss('duplicate', 'second boxes of one object'),
    loss('both', 'boxes of a wrong class in a poor place'),
  ],
  perClass: 'never',
  units: 'images',
  tooLittle: 'an evaluation that does not say, no image, or fewer than asked: open',
  whenInconclusive: 'report',
  judge: (body, line) => {
    const measure = measureOf(errorTypes, line)
    const question = {
      measure: measure.name,
      unit: measure.unit,
      limit: line.atMost ?? Number.NaN,
      range: measure.range,
      direction: 'at most' as const,
    }
    const base = { ...facts(question), observed: null }
    const found = body.errors?.find(({ type }) => `${type}-loss` === measure.name)
    if (!found) return [unsettled(base, 'the evaluation does not say', 'evaluate again')]
    const wanted = Math.max(1, line.minimumUnits ?? 1)
    if (body.images < wanted)
      return [unsettled(base, `${body.images} images, fewer than ${wanted}`, `at least ${wanted} images`)]
    const [map50 = -1] = body.coco.stats.slice(1, 2)
    if (map50 < 0) return [unsettled(base, 'there is no ground truth', 'add validation images')]
    return [decidePoint(found.loss, question)]
  },
})
