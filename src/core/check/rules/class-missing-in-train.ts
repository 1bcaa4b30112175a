import { classCounts } from '../balance.ts'
import { type Rule, wholeFinding } from '../rule.ts'

export const classMissingInTrain: Rule = {
  id: 'class-missing-in-train',
  severity: 'warning',
  scope: 'dataset',
  title: 'A class is judged but never trained',
  explanation:
    'A class with boxes in validation or test and none in training scores zero whatever the model: often its images all went to one side, or training calls it by another id.',
  mend: 'Move whole scenes with this class into training, or take the class out.',
  check: ({ dataset }) => {
    const train = classCounts(dataset, 'train')
    if (train.boxCount === 0) return []
    const judged = (['val', 'test'] as const).map((split) => ({ split, boxes: classCounts(dataset, split).boxes }))
    return dataset.classes.flatMap((name, id) => {
      if ((train.boxes[id] ?? 0) > 0) return []
      const there = judged.filter(({ boxes }) => (boxes[id] ?? 0) > 0).map(({ split }) => split)
      return there.length === 0
        ? []
        : [wholeFinding(`class "${name}" has boxes in ${there.join(' and ')} and none in train`, name)]
    })
  },
}
