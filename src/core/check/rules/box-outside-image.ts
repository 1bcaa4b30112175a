import { clipped, isInside, overshoot, visibleShare } from '../outside.ts'
import { rowRule } from '../row-rule.ts'

export const boxOutsideImage = rowRule({
  id: 'box-outside-image',
  severity: 'warning',
  title: 'A box leaves the image',
  explanation:
    'The loader looks at centre and size only, so that a box may hang over the edge; its part outside is never seen.',
  mend: 'Clip the box to the image.',
  limit: { value: 1, meaning: 'pixels that a corner may be outside, or 0.1 % of the side where that is more' },
  fails: (row, { limit, limitOf }) => {
    if (isInside(row)) return false
    const { side, pixels, share } = overshoot(row)
    const reaches = pixels === null ? share > 0.002 : pixels > Math.max(limit, 0.001 * side.length) + 1e-6
    return reaches && visibleShare(row) >= limitOf('box-mostly-outside')
  },
  message: (row) => {
    const { side, pixels, share } = overshoot(row)
    const by = pixels === null ? `${(share * 100).toFixed(1)} %` : `${Number(pixels.toFixed(1))} px`
    return `the ${side.name} edge is ${by} outside the image; clipped the box is ${clipped(row)}`
  },
})
