import { pairRule } from '../pair-rule.ts'
import { classNameOf } from '../rule.ts'

export const boxNearDuplicate = pairRule({
  id: 'box-near-duplicate',
  severity: 'warning',
  title: 'Two boxes of one class nearly coincide',
  explanation: 'Often one object was boxed by two people or passes; sometimes objects really are that close.',
  mend: 'Look at the image and remove one box if there is one object.',
  limit: { value: 0.8, meaning: 'overlap (IoU) from which two boxes are suspicious' },
  fails: ({ sameClass, iou }, { limit, limitOf }) => sameClass && iou >= limit && iou < limitOf('box-duplicate'),
  message: ({ earlier, later, iou }, dataset) =>
    `${classNameOf(dataset, later)} overlaps the box of line ${dataset.boxes.line[earlier]} by ${iou.toFixed(2)}`,
})
