import type { Rule } from '../rule.ts'
import { limitFindings, shorterSide } from '../spec-limits.ts'

export const specSmallObject: Rule = {
  id: 'spec-small-object',
  severity: 'error',
  scope: 'image',
  title: 'A box is smaller than the spec lets it be',
  explanation:
    'In the spec labels.rules[].limits.minimumSide: the shorter side in pixels, at the native size of the picture or at training size, as the spec says. Pictures of unknown size are not judged.',
  mend: 'Remove the box, or mark it ignore in provenance if the object is there but too small to be drawn.',
  check: (context) =>
    limitFindings(context, ({ row, limits }) => {
      const wanted = limits.minimumSide
      const side = wanted ? shorterSide(context.dataset, row, wanted) : null
      if (!wanted || !side || side.pixels + side.rounding >= wanted.pixels) return null
      const at = wanted.reference === 'native' ? 'native size' : `training size ${wanted.trainingSize}`
      return `shorter side ${side.pixels.toFixed(1)} px at ${at}, at least ${wanted.pixels}`
    }),
}
