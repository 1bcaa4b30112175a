import { type Rule, rowFindings } from '../rule.ts'

export const boxFullImage: Rule = {
  id: 'box-full-image',
  severity: 'warning',
  scope: 'image',
  title: 'A box covers the whole image',
  explanation:
    'Boxes over the whole image are mostly faults of a prelabelling model or a classification label in disguise.',
  mend: 'Draw the box around the object.',
  limit: { value: 0.98, meaning: 'share of the image that a box covers at most' },
  check: (context) =>
    rowFindings(context, (row) => {
      const { w, h } = context.dataset.boxes
      const share = Math.min(1, w[row] as number) * Math.min(1, h[row] as number)
      return share > context.limit ? `the box covers ${(share * 100).toFixed(0)} % of the image` : null
    }),
}
