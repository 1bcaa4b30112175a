import { type EvaluationBody, evaluation } from '../../documents/evaluation.ts'
import { nearest } from '../../documents/suggest.ts'
import { meanRate } from '../../metrics/mean-rate.ts'
import { normalCdf } from '../../stats/distributions.ts'
import { holmAdjusted } from '../../stats/multiple-tests.ts'
import { differenceAlarm } from '../comparison-lines.ts'
import { type Bounds, decideFloor, decidePoint, facts, unsettled } from '../decide.ts'
import { type Draft, defineGate, type GateLine, type Measure, measureOf } from '../gate-kind.ts'

const share = { unit: 'AP', limit: 'atLeast', low: 0, high: 1, range: [0, 1], limitRequired: true } as const
const atPoint = { ...share, unit: 'share', bounded: true } as const

type Name = 'map' | 'map50' | 'precision' | 'recall' | 'f1'
/** One number to judge: of what, from how many images and boxes, and how sure it is. */
type Row = { of: string; value: number; images: number; boxes: number; bounds: Bounds | null }

/** An absolute floor, by COCO's definition of average precision; all that a first release can be judged by. */
export const minimum = defineGate(evaluation, {
  name: 'minimum',
  summary:
    'The candidate reaches an absolute floor on the validation set, in all, in every class, or in the classes named; with `bound: lower` its lower bound does.',
  terms:
    'x is the estimate; with `bound: lower`, L is its lower 95 % bound and U its upper 99 % bound, both one-sided.',
  decides: [
    'by point       pass  x ≥ atLeast',
    '               fail  x < atLeast',
    'bound: lower   pass  L ≥ atLeast',
    `               fail  U < atLeast, at 1 % after Holm's correction over the classes judged together`,
    '               open  anything else',
  ],
  example: [
    '{ gate: minimum, evidence: Evaluation, measure: map, atLeast: 0.4 }',
    '{ gate: minimum, evidence: Evaluation, measure: map, bound: lower, atLeast: 0.35 }',
    '{ gate: minimum, evidence: Evaluation, measure: map50, perClass: true, atLeast: 0.3 }',
    '{ gate: minimum, evidence: Evaluation, measure: recall, classes: [person], bound: lower, atLeast: 0.8 }',
  ],
  measures: [
    { name: 'map', says: 'mAP 50 to 95 (COCO)', ...share, bounded: true },
    { name: 'map50', says: 'mAP at IoU 0.5 (COCO)', ...share, bounded: true },
    { name: 'precision', says: 'precision at the operating point, mean over the classes', ...atPoint },
    { name: 'recall', says: 'recall at the operating point, mean over the classes', ...atPoint },
    { name: 'f1', says: 'F1 at the operating point, mean over the classes', ...atPoint },
  ],
  perClass: 'optional',
  takesClasses: true,
  units: 'images',
  tooLittle: 'no ground truth, no interval where the lower bound is asked for, or fewer images than asked: open',
  falseAlarm: (line) => (line.bound === 'lower' ? differenceAlarm : null),
  whenInconclusive: 'hold',
  judge: (body, line) => {
    const { name, unit, range } = measureOf(minimum, line) as Measure & { name: Name }
    const interval = isAp(name) ? body.mapInterval : body.rateInterval
    const question = (of: string) => ({
      measure: `${name}${of}`,
      unit,
      limit: line.atLeast ?? 0,
      range,
      direction: 'at least' as const,
      units: interval?.units,
      unitName: interval?.unit,
    })
    const { rows, unknown } = rowsOf(body, name, line)
    // That a class is below its floor is claimed with Holm's correction over the classes judged together.
    const claimed = holmAdjusted(rows.map((row) => belowPValue(row, line.atLeast ?? 0)))
    const lines = rows.map((row, i): Draft => {
      const base = { ...facts(question(row.of)), observed: null }
      // COCO writes -1 where there is no ground truth.
      if (row.boxes === 0 || row.value < 0)
        return unsettled(
          base,
          'there is no ground truth',
          `add validation images${row.of ? ` with${row.of.slice(3)}` : ''}`,
        )
      const wanted = line.minimumUnits ?? 0
      if (row.images < wanted)
        return unsettled(base, `${row.images} images, fewer than ${wanted}`, `at least ${wanted} images`)
      if (line.bound !== 'lower') return decidePoint(row.value, question(row.of))
      return decideFloor(row.value, row.bounds, question(row.of), (claimed[i] as number) <= differenceAlarm)
    })
    for (const className of unknown) {
      const known = body.classes.slice(0, 20).join(', ')
      const hint = nearest(className, body.classes)
      const base = { ...facts(question(` of ${className}`)), observed: null }
      const what = `the evaluation has no such class${hint ? `; did you mean "${hint}"?` : ''} It has ${known || 'none'}`
      lines.push(unsettled(base, what, 'mend the class in the policy, or evaluate on data that has it'))
    }
    const nothing = { ...facts(question(' of every class')), observed: null }
    return lines.length > 0 ? lines : [unsettled(nothing, 'there is no ground truth', 'add validation images')]
  },
})

function rowsOf(body: EvaluationBody, name: Name, line: GateLine): { rows: Row[]; unknown: string[] } {
  if (!line.perClass && !line.classes) {
    const value = isAp(name) ? (body.coco.stats[name === 'map' ? 0 : 1] ?? Number.NaN) : meanRate(body.perClass, name)
    const bounds = (isAp(name) ? body.mapInterval?.overall[name] : body.rateInterval?.overall[name]) ?? null
    return { rows: [{ of: '', value, images: body.images, boxes: body.images, bounds }], unknown: [] }
  }
  const key = name === 'map' ? 'ap' : name === 'map50' ? 'ap50' : name
  const wanted = line.classes
  const rows = body.perClass
    .filter(({ className }) => wanted?.includes(className) ?? true)
    .map((row) => {
      const isRow = ({ className }: { className: string }) => className === row.className
      const bounds = isAp(name)
        ? body.mapInterval?.perClass.find(isRow)?.[name]
        : body.rateInterval?.perClass.find(isRow)?.[name]
      return {
        of: ` of ${row.className}`,
        value: row[key],
        images: row.images,
        boxes: row.boxes,
        bounds: bounds ?? null,
      }
    })
  const seen = new Set(body.perClass.map(({ className }) => className))
  return { rows, unknown: (wanted ?? []).filter((className) => !seen.has(className)) }
}

function isAp(name: Name): name is 'map' | 'map50' {
  return name === 'map' || name === 'map50'
}

/** One-sided p-value against "at the floor", from the upper bound. */
function belowPValue({ value, bounds }: Row, limit: number): number {
  if (!bounds || !Number.isFinite(value)) return 1
  const error = (bounds.upper99 - value) / 2.3263479
  return error > 0 ? normalCdf((value - limit) / error) : value < limit ? 0 : 1
}
