import { overlappingPairs } from '../overlaps.ts'
import { classNameOf, type RawFinding, type Rule, rowFinding } from '../rule.ts'

export const boxDuplicate: Rule = {
  id: 'box-duplicate',
  severity: 'error',
  scope: 'image',
  title: 'An object is boxed twice',
  explanation:
    'Two boxes of one class in the same place teach the model to answer twice. The loader removes only rows that are equal.',
  mend: 'Remove one of the two boxes.',
  limit: { value: 0.95, meaning: 'overlap (IoU) from which two boxes are the same' },
  check: (context) => {
    const { dataset, start } = context
    const found: RawFinding[] = []
    for (const image of context.images) {
      const from = start[image] as number
      // One finding a box, however many earlier ones it repeats.
      const told = new Set<number>()
      for (const { earlier, later, iou } of overlappingPairs(
        dataset,
        from,
        start[image + 1] as number,
        context.limit,
        'same',
      )) {
        if (told.has(later)) continue
        told.add(later)
        const name = classNameOf(dataset, later)
        const line = dataset.boxes.line[earlier]
        found.push(
          rowFinding(context, later, `${name} again: overlaps the box of line ${line} by ${iou.toFixed(2)}`, earlier),
        )
      }
    }
    return found
  },
}
