import { overlappingPairs } from '../overlaps.ts'
import { classNameOf, type RawFinding, type Rule, rowFinding } from '../rule.ts'

export const boxNearDuplicate: Rule = {
  id: 'box-near-duplicate',
  severity: 'warning',
  scope: 'image',
  title: 'Two boxes of one class nearly coincide',
  explanation: 'Often one object was boxed by two people or passes; sometimes objects really are that close.',
  mend: 'Look at the image and remove one box if there is one object.',
  limit: { value: 0.8, meaning: 'overlap (IoU) from which two boxes are suspicious' },
  check: (context) => {
    const { dataset, start } = context
    const same = context.limitOf('box-duplicate')
    const found: RawFinding[] = []
    for (const image of context.images) {
      for (const pair of overlappingPairs(
        dataset,
        start[image] as number,
        start[image + 1] as number,
        context.limit,
        'same',
      )) {
        if (pair.iou >= same) continue
        const line = dataset.boxes.line[pair.earlier]
        const message = `${classNameOf(dataset, pair.later)} overlaps the box of line ${line} by ${pair.iou.toFixed(2)}`
        found.push(rowFinding(context, pair.later, message, pair.earlier))
      }
    }
    return found
  },
}
