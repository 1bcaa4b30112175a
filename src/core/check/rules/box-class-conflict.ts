import { pairRule } from '../pair-rule.ts'
import { classNameOf } from '../rule.ts'

export const boxClassConflict = pairRule({
  id: 'box-class-conflict',
  severity: 'warning',
  title: 'One object has two classes',
  explanation:
    'Two boxes in the same place with different classes contradict each other, unless the classes overlap by intent.',
  mend: 'Keep the box with the right class.',
  limit: { value: 0.95, meaning: 'overlap (IoU) from which two boxes are the same' },
  fails: ({ sameClass, iou }, { limit }) => !sameClass && iou >= limit,
  message: ({ earlier, later, iou }, dataset) => {
    const [name, other] = [classNameOf(dataset, later), classNameOf(dataset, earlier)]
    return `${name} where line ${dataset.boxes.line[earlier]} says ${other} (overlap ${iou.toFixed(2)})`
  },
})
