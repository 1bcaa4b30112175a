import { pixelSize, type Rule, rowFindings } from '../rule.ts'

export const boxAspectExtreme: Rule = {
  id: 'box-aspect-extreme',
  severity: 'warning',
  scope: 'image',
  title: 'A box is a thin strip',
  explanation: 'A box many times longer than wide is mostly a slip, or corners taken for a size.',
  mend: 'Draw the box again, or raise the limit in the policy if objects are this thin.',
  limit: { value: 20, meaning: 'longer over shorter side at most' },
  check: (context) =>
    rowFindings(context, (row) => {
      const size = pixelSize(context.dataset, row)
      if (!size || Math.min(size.w, size.h) < context.limitOf('box-zero-area') - 1e-6) return null
      const ratio = Math.max(size.w / size.h, size.h / size.w)
      return ratio > context.limit
        ? `a box of ${size.w.toFixed(0)} × ${size.h.toFixed(0)} px, ${ratio.toFixed(0)} to 1`
        : null
    }),
}
