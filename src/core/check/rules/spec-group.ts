import type { Rule } from '../rule.ts'
import { limitFindings } from '../spec-limits.ts'

export const specGroup: Rule = {
  id: 'spec-group',
  severity: 'error',
  scope: 'image',
  title: 'One box covers a group where the spec does not allow it',
  explanation:
    'In the spec labels.rules[].limits.groups: forbidden, or as-ignore, which allows one marked ignore only. A group is what the attribute group of provenance says.',
  mend: 'Draw a box an object, or mark the group ignore in provenance where the spec allows that.',
  check: (context) =>
    limitFindings(context, ({ limits: { groups = 'free' }, attributes }) => {
      if (groups === 'free' || !attributes?.group) return null
      return groups === 'forbidden' ? 'a box over a group' : 'a box over a group that is not marked ignore'
    }),
}
