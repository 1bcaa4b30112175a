import type { Rule } from '../rule.ts'
import { limitFindings, visibleShare } from '../spec-limits.ts'

export const specVisible: Rule = {
  id: 'spec-visible',
  severity: 'error',
  scope: 'image',
  title: 'Less of an object is seen than the spec asks for',
  explanation:
    'In the spec labels.rules[].limits.minimumVisible against (1 − occlusion) × the share of the box inside the picture; without the attribute occlusion the second alone.',
  mend: 'Remove the box, or mark it ignore in provenance.',
  check: (context) =>
    limitFindings(context, ({ row, limits: { minimumVisible }, attributes }) => {
      if (minimumVisible === undefined) return null
      const visible = visibleShare(context.dataset, row, attributes)
      return visible + 1e-5 >= minimumVisible ? null : `visible ${visible.toFixed(2)}, at least ${minimumVisible}`
    }),
}
