import type { Rule } from '../rule.ts'
import { limitFindings, touchedEdges } from '../spec-limits.ts'

export const specTruncation: Rule = {
  id: 'spec-truncation',
  severity: 'warning',
  scope: 'image',
  title: 'A box at the edge is not marked truncated',
  explanation:
    'In the spec labels.rules[].limits.truncated: required. A box within 2 px of the edge of the picture carries the attribute truncated in provenance. Pictures of unknown size are not judged.',
  mend: 'Write "truncated": true for the box to provenance.ndjson, or draw the box off the edge.',
  check: (context) =>
    limitFindings(context, ({ row, limits, attributes }) => {
      if (limits.truncated !== 'required' || attributes?.truncated) return null
      const edges = touchedEdges(context.dataset, row) ?? []
      return edges.length > 0 ? `touches the ${edges.join(' and ')} edge and is not marked truncated` : null
    }),
}
