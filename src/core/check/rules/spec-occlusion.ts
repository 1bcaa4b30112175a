import type { Rule } from '../rule.ts'
import { limitFindings } from '../spec-limits.ts'

export const specOcclusion: Rule = {
  id: 'spec-occlusion',
  severity: 'error',
  scope: 'image',
  title: 'A box is occluded by more than the spec allows',
  explanation:
    'In the spec labels.rules[].limits.maximumOcclusion against the attribute occlusion of provenance, 0 to 1. A box without the attribute is not judged.',
  mend: 'Remove the box, or mark it ignore in provenance.',
  check: (context) =>
    limitFindings(context, ({ limits: { maximumOcclusion }, attributes }) => {
      const occlusion = attributes?.occlusion
      if (maximumOcclusion === undefined || occlusion === undefined || occlusion <= maximumOcclusion) return null
      return `occlusion ${occlusion}, at most ${maximumOcclusion}`
    }),
}
