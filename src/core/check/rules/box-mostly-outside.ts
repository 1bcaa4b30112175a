import { isInside, visibleShare } from '../outside.ts'
import { rowRule } from '../row-rule.ts'

export const boxMostlyOutside = rowRule({
  id: 'box-mostly-outside',
  severity: 'error',
  title: 'Most of a box is outside the image',
  explanation:
    'A box of which less than half can be seen is in the wrong place, or its coordinates are in another form.',
  mend: 'Check that the row is centre and size, not corners, and draw the box again.',
  limit: { value: 0.5, meaning: 'share of the box that is inside the image at least' },
  fails: (row, { limit }) => !isInside(row) && visibleShare(row) < limit - 1e-9,
  message: (row) => `only ${(visibleShare(row) * 100).toFixed(0)} % of the box is inside the image`,
})
