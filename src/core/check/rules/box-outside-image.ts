import { overshoot, visibleShare } from '../outside.ts'
import { type Rule, rowFindings } from '../rule.ts'

export const boxOutsideImage: Rule = {
  id: 'box-outside-image',
  severity: 'warning',
  scope: 'image',
  title: 'A box leaves the image',
  explanation:
    'The loader looks at centre and size only, so that a box may hang over the edge; its part outside is never seen.',
  mend: 'Clip the box to the image.',
  limit: { value: 1, meaning: 'pixels that a corner may be outside, or 0.1 % of the side where that is more' },
  check: (context) =>
    rowFindings(context, (row) => {
      const { side, pixels, share } = overshoot(context.dataset, row)
      if (pixels === null ? share <= 0.002 : pixels <= Math.max(context.limit, 0.001 * side.length) + 1e-6) return null
      if (visibleShare(context.dataset.boxes, row) < context.limitOf('box-mostly-outside')) return null
      const by = pixels === null ? `${(share * 100).toFixed(1)} %` : `${Number(pixels.toFixed(1))} px`
      return `the ${side.name} edge is ${by} outside the image`
    }),
}
