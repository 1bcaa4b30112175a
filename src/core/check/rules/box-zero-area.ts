import { rowRule } from '../row-rule.ts'
import { noArea } from '../rule.ts'

export const boxZeroArea = rowRule({
  id: 'box-zero-area',
  severity: 'error',
  title: 'A box has no area',
  explanation:
    'A box under one pixel shows nothing. The loader takes it, so that the model is asked to find an object of no size.',
  mend: 'Draw the box again, or remove it.',
  limit: { value: 1, meaning: 'pixels that each side has at least' },
  fails: ({ w, h, widthPx, heightPx }, { limit }) =>
    w < noArea || h < noArea || Math.min(widthPx, heightPx) < limit - 1e-6,
  message: ({ w, h, widthPx, heightPx, imageWidth }, { limit }) => {
    const px = `${Number(widthPx.toFixed(2))} × ${Number(heightPx.toFixed(2))} px`
    if (w >= noArea && h >= noArea) return `a box under ${limit} px (${px})`
    return `a box without area (${imageWidth > 0 ? px : `${w} × ${h} of the image`})`
  },
})
