import { rowRule } from '../row-rule.ts'

export const boxTiny = rowRule({
  id: 'box-tiny',
  severity: 'warning',
  title: 'A box is tiny',
  explanation: 'Boxes of a few pixels are mostly slips of the hand; where they are meant, few detectors can find them.',
  mend: 'Draw the box again, remove it, or raise the limit in the policy if objects are this small.',
  limit: { value: 3, meaning: 'pixels of the stored image that the shorter side has at least' },
  fails: ({ widthPx, heightPx }, { limit, limitOf }) => {
    const shorter = Math.min(widthPx, heightPx)
    return shorter < limit - 1e-6 && shorter >= limitOf('box-zero-area') - 1e-6
  },
  message: ({ widthPx, heightPx }) => `a box of ${Number(widthPx.toFixed(1))} × ${Number(heightPx.toFixed(1))} px`,
})
