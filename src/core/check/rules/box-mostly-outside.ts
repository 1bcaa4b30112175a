import { visibleShare } from '../outside.ts'
import { type Rule, rowFindings } from '../rule.ts'

export const boxMostlyOutside: Rule = {
  id: 'box-mostly-outside',
  severity: 'error',
  scope: 'image',
  title: 'Most of a box is outside the image',
  explanation:
    'A box of which less than half can be seen is in the wrong place, or its coordinates are in another form.',
  mend: 'Check that the row is centre and size, not corners, and draw the box again.',
  limit: { value: 0.5, meaning: 'share of the box that is inside the image at least' },
  check: (context) =>
    rowFindings(context, (row) => {
      const share = visibleShare(context.dataset.boxes, row)
      return share < context.limit - 1e-9 ? `only ${(share * 100).toFixed(0)} % of the box is inside the image` : null
    }),
}
