import { type Rule, wholeFinding } from '../rule.ts'
import { targetsOf } from '../targets.ts'

export const specTarget: Rule = {
  id: 'spec-target',
  severity: 'info',
  scope: 'dataset',
  title: 'There is less or more data than the spec aims at',
  explanation:
    'The aims under targets in the spec: human-labelled seed images, images in all, validation images, boxes of each class. A target is an aim, not a gate.',
  mend: 'Collect what is missing, or change the target in a signed change of the spec.',
  check: ({ dataset, spec }) =>
    targetsOf(dataset, spec)
      .filter(({ met }) => !met)
      .map(({ key, says }) => wholeFinding(says, key)),
}
