import { pairRule } from '../pair-rule.ts'
import { classNameOf } from '../rule.ts'

export const boxDuplicate = pairRule({
  id: 'box-duplicate',
  severity: 'error',
  title: 'An object is boxed twice',
  explanation:
    'Two boxes of one class in the same place teach the model to answer twice. The loader removes only rows that are equal.',
  mend: 'Remove one of the two boxes.',
  limit: { value: 0.95, meaning: 'overlap (IoU) from which two boxes are the same' },
  oncePerBox: true,
  fails: ({ sameClass, iou }, { limit }) => sameClass && iou >= limit,
  message: ({ earlier, later, iou }, dataset) => {
    const line = dataset.boxes.line[earlier]
    return `${classNameOf(dataset, later)} again: overlaps the box of line ${line} by ${iou.toFixed(2)}`
  },
})
