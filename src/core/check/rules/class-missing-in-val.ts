import { classCounts } from '../balance.ts'
import { type Rule, wholeFinding } from '../rule.ts'

export const classMissingInVal: Rule = {
  id: 'class-missing-in-val',
  severity: 'warning',
  scope: 'dataset',
  title: 'A class is trained but never judged',
  explanation: 'Without boxes in the validation split a class has no score, so that a model that lost it passes.',
  mend: 'Move whole scenes with this class into the validation split.',
  check: ({ dataset }) => {
    const val = classCounts(dataset, 'val')
    if (val.imageCount === 0) return []
    const train = classCounts(dataset, 'train')
    return dataset.classes
      .filter((_, id) => (train.boxes[id] ?? 0) > 0 && val.boxes[id] === 0)
      .map((name) => wholeFinding(`class "${name}" has boxes in train and none in val`, name))
  },
}
