import { classCounts } from '../balance.ts'
import { type Rule, wholeFinding } from '../rule.ts'

export const classUnused: Rule = {
  id: 'class-unused',
  severity: 'warning',
  scope: 'dataset',
  title: 'A class has no boxes',
  explanation: 'The model has an output for it that nothing ever teaches; it may also be a sign of ids that moved.',
  mend: 'Label the class, or take it out of the names (which renumbers those after it).',
  check: ({ dataset }) => {
    const { boxes } = classCounts(dataset)
    const unused = dataset.classes.filter((_, id) => boxes[id] === 0)
    return unused.map((name) => wholeFinding(`class "${name}" has no boxes`, name))
  },
}
