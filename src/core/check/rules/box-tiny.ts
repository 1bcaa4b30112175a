import { pixelSize, type Rule, rowFindings } from '../rule.ts'

export const boxTiny: Rule = {
  id: 'box-tiny',
  severity: 'warning',
  scope: 'image',
  title: 'A box is tiny',
  explanation: 'Boxes of a few pixels are mostly slips of the hand; where they are meant, few detectors can find them.',
  mend: 'Draw the box again, remove it, or raise the limit in the policy if objects are this small.',
  limit: { value: 3, meaning: 'pixels of the stored image that the shorter side has at least' },
  check: (context) =>
    rowFindings(context, (row) => {
      const size = pixelSize(context.dataset, row)
      if (!size) return null
      const shorter = Math.min(size.w, size.h)
      if (shorter < context.limitOf('box-zero-area') - 1e-6 || shorter >= context.limit - 1e-6) return null
      return `a box of ${Number(size.w.toFixed(1))} × ${Number(size.h.toFixed(1))} px`
    }),
}
