import { type DatasetDiffBody, datasetDiff } from '../../documents/dataset-diff.ts'
import { decidePoint, unsettled } from '../decide.ts'
import { defineGate, measureOf } from '../gate-kind.ts'

const wholeNumber = { limit: 'atMost', low: 0, high: 1e9 } as const

/** What a proposal may change: the yardstick (validation, test) stays as it is, and little is thrown away. */
export const diff = defineGate(datasetDiff, {
  name: 'diff',
  summary: 'The proposal leaves validation and test alone, and throws away no more than allowed.',
  terms:
    'x is the number counted; boxes-removed is removed / (removed + moved + relabelled + unchanged), of the old boxes.',
  decides: ['pass  x ≤ atMost (0 unless set)', 'fail  x > atMost'],
  example: [
    '{ gate: diff, evidence: DatasetDiff, measure: validation-touched, atMost: 0 }',
    '{ gate: diff, evidence: DatasetDiff, measure: boxes-removed, atMost: 0.05 }',
  ],
  measures: [
    {
      name: 'validation-touched',
      says: 'images of validation or test that were added, removed, renamed, moved between splits or changed',
      unit: 'images',
      ...wholeNumber,
    },
    { name: 'classes-changed', says: 'classes added, removed or renamed', unit: 'classes', ...wholeNumber },
    { name: 'images-removed', says: 'images removed', unit: 'images', ...wholeNumber },
    {
      name: 'boxes-removed',
      says: 'share of the old boxes that were removed',
      unit: 'share',
      limit: 'atMost',
      low: 0,
      high: 1,
    },
  ],
  perClass: 'never',
  tooLittle: 'nothing to compare with: open',
  whenInconclusive: 'hold',
  judge: (body, line) => {
    const { name, unit } = measureOf(diff, line)
    const question = { measure: name, unit, limit: line.atMost ?? 0, direction: 'at most' as const }
    if (name !== 'validation-touched') return [decidePoint(amountOf(body, name), question)]
    const touched = touchedYardstick(body)
    const draft = decidePoint(touched.count, question)
    const first = touched.example ? `; for example ${touched.example}` : ''
    if (draft.verdict === 'fail') return [{ ...draft, reason: `${draft.reason}${first}` }]
    return [
      addsUp(body) ? draft : unsettled(draft, 'its splits do not add up to its totals', 'make the difference again'),
    ]
  },
})

function amountOf({ boxes, classes, images }: DatasetDiffBody, name: string): number {
  if (name === 'classes-changed') return classes.added.length + classes.removed.length + classes.renamed.length
  if (name === 'images-removed') return images.removed
  const before = boxes.removed + boxes.moved + boxes.relabelled + boxes.unchanged
  return before === 0 ? 0 : boxes.removed / before
}

/** Every image and box is of one split, so that a split that was taken out of the document shows. */
function addsUp({ bySplit, boxes, images }: DatasetDiffBody): boolean {
  const splits = Object.values(bySplit)
  const sum = (of: (split: (typeof splits)[number]) => number) => splits.reduce((total, split) => total + of(split), 0)
  const keys = Object.keys(boxes) as (keyof typeof boxes)[]
  return (
    keys.every((key) => sum((split) => split.boxes[key]) === boxes[key]) &&
    // An image that changes its split leaves one and joins another.
    (['added', 'removed'] as const).every((key) => sum((split) => split.images[key]) === images[key] + images.resplit)
  )
}

/** Counted twice, by image and by split, and the larger taken: a listing that leaves images out hides nothing. */
function touchedYardstick(body: DatasetDiffBody): { count: number; example: string | null } {
  const isYardstick = (split: string | undefined) => split === 'val' || split === 'test'
  const named = body.byImage.filter(
    ({ change, split, from }) => isYardstick(split) || (change === 'resplit' && isYardstick(from)),
  )
  let bySplit = 0
  for (const [split, { images, boxes }] of Object.entries(body.bySplit)) {
    if (!isYardstick(split)) continue
    const changed = boxes.added + boxes.removed + boxes.moved + boxes.relabelled
    bySplit += Math.max(images.added + images.removed, changed > 0 ? 1 : 0)
  }
  return { count: Math.max(named.length, bySplit), example: named[0]?.image ?? null }
}
