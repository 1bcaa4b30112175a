import { smoke as smokeDocument } from '../../documents/training.ts'
import { decidePoint, facts, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const share = { low: 0, high: 1, range: [0, 1] } as const

/** Training works on this data: it learns a handful of images, and does not when their labels are shuffled. */
export const smoke = defineGate(smokeDocument, {
  name: 'smoke',
  summary: 'A smoke train learns a handful of images, and fails to when their labels are shuffled.',
  terms:
    'x is what the smoke train reached; loss-fall is 1 − mean of the last three / first of the box losses. Without a limit the line takes that of the smoke train itself.',
  decides: ['pass  learns, loss-fall: x ≥ atLeast; shuffled: x ≤ atMost', 'fail  the limit is missed'],
  example: [
    '{ gate: smoke, evidence: Smoke, measure: learns, atLeast: 0.5 }',
    '{ gate: smoke, evidence: Smoke, measure: shuffled, atMost: 0.4 }',
  ],
  measures: [
    { name: 'learns', says: 'mAP50 on the images it trained on', unit: 'AP50', limit: 'atLeast', ...share },
    { name: 'loss-fall', says: 'share by which the box loss fell', unit: 'share', limit: 'atLeast', low: 0, high: 1 },
    { name: 'shuffled', says: 'mAP50 with shuffled labels', unit: 'AP50', limit: 'atMost', ...share },
  ],
  perClass: 'never',
  tooLittle: 'no image trained on: open',
  whenInconclusive: 'hold',
  judge: (body, line) => {
    const measure = measureOf(smoke, line)
    const direction = measure.limit === 'atLeast' ? ('at least' as const) : ('at most' as const)
    const [value, recipeLimit] =
      measure.name === 'learns'
        ? [body.learns.map50, body.learns.limitMap50]
        : measure.name === 'loss-fall'
          ? [body.learns.boxLossFall, body.learns.limitFall]
          : [body.shuffled.map50, body.shuffled.limitMap50]
    const limit = line[measure.limit] ?? recipeLimit
    const question = {
      measure: `smoke train, ${measure.says}`,
      unit: measure.unit,
      limit,
      direction,
      range: measure.range,
    }
    const base = { ...facts(question), observed: value }
    if (body.images === 0) return [unsettled(base, 'no image was trained on', 'run the smoke train again')]
    const draft = decidePoint(value, question)
    if (draft.verdict === 'pass' && body.verdict === 'inconclusive')
      return [unsettled(base, body.reason, 'run the smoke train again')]
    return [draft]
  },
})
