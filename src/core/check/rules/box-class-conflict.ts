import { overlappingPairs } from '../overlaps.ts'
import { classNameOf, type RawFinding, type Rule, rowFinding } from '../rule.ts'

export const boxClassConflict: Rule = {
  id: 'box-class-conflict',
  severity: 'warning',
  scope: 'image',
  title: 'One object has two classes',
  explanation:
    'Two boxes in the same place with different classes contradict each other, unless the classes overlap by intent.',
  mend: 'Keep the box with the right class.',
  limit: { value: 0.95, meaning: 'overlap (IoU) from which two boxes are the same' },
  check: (context) => {
    const { dataset, start } = context
    const found: RawFinding[] = []
    for (const image of context.images) {
      for (const pair of overlappingPairs(
        dataset,
        start[image] as number,
        start[image + 1] as number,
        context.limit,
        'different',
      )) {
        const [name, other] = [classNameOf(dataset, pair.later), classNameOf(dataset, pair.earlier)]
        const message = `${name} where line ${dataset.boxes.line[pair.earlier]} says ${other} (overlap ${pair.iou.toFixed(2)})`
        found.push(rowFinding(context, pair.later, message, pair.earlier))
      }
    }
    return found
  },
}
