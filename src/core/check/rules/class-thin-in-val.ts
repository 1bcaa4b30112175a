import { classCounts } from '../balance.ts'
import { type Rule, wholeFinding } from '../rule.ts'

export const classThinInVal: Rule = {
  id: 'class-thin-in-val',
  severity: 'info',
  scope: 'dataset',
  title: 'A class has few boxes in validation',
  explanation: 'Its score is too uncertain to tell two models apart.',
  mend: 'Label more validation images that show the class.',
  limit: { value: 30, meaning: 'boxes of a class in the validation split at least' },
  check: ({ dataset, limit }) => {
    const val = classCounts(dataset, 'val')
    return dataset.classes.flatMap((name, id) => {
      const boxes = val.boxes[id] ?? 0
      return boxes > 0 && boxes < limit ? [wholeFinding(`class "${name}" has ${boxes} boxes in val`, name)] : []
    })
  },
}
