import { rowRule } from '../row-rule.ts'

export const boxAspectExtreme = rowRule({
  id: 'box-aspect-extreme',
  severity: 'warning',
  title: 'A box is a thin strip',
  explanation: 'A box many times longer than wide is mostly a slip, or corners taken for a size.',
  mend: 'Draw the box again, or raise the limit in the policy if objects are this thin.',
  limit: { value: 20, meaning: 'longer over shorter side at most' },
  fails: ({ widthPx, heightPx }, { limit, limitOf }) =>
    Math.max(widthPx / heightPx, heightPx / widthPx) > limit &&
    Math.min(widthPx, heightPx) >= limitOf('box-zero-area') - 1e-6,
  message: ({ widthPx, heightPx }) => {
    const ratio = Math.max(widthPx / heightPx, heightPx / widthPx)
    return `a box of ${widthPx.toFixed(0)} × ${heightPx.toFixed(0)} px, ${ratio.toFixed(0)} to 1`
  },
})
