import { rowRule } from '../row-rule.ts'

export const boxFullImage = rowRule({
  id: 'box-full-image',
  severity: 'warning',
  title: 'A box covers the whole image',
  explanation:
    'Boxes over the whole image are mostly faults of a prelabelling model or a classification label in disguise.',
  mend: 'Draw the box around the object.',
  limit: { value: 0.98, meaning: 'share of the image that a box covers at most' },
  fails: ({ w, h }, { limit }) => Math.min(1, w) * Math.min(1, h) > limit,
  message: ({ w, h }) => `the box covers ${(Math.min(1, w) * Math.min(1, h) * 100).toFixed(0)} % of the image`,
})
