import { pixelSize, type Rule, rowFindings } from '../rule.ts'

export const boxZeroArea: Rule = {
  id: 'box-zero-area',
  severity: 'error',
  scope: 'image',
  title: 'A box has no area',
  explanation:
    'A box under one pixel shows nothing. The loader takes it, so that the model is asked to find an object of no size.',
  mend: 'Draw the box again, or remove it.',
  limit: { value: 1, meaning: 'pixels that each side has at least' },
  check: (context) =>
    rowFindings(context, (row) => {
      const { w, h } = context.dataset.boxes
      const size = pixelSize(context.dataset, row)
      if (w[row] === 0 || h[row] === 0)
        return `a box without area (${sideText(size, w[row] as number, h[row] as number)})`
      if (!size || Math.min(size.w, size.h) >= context.limit - 1e-6) return null
      return `a box under ${context.limit} px (${sideText(size, 0, 0)})`
    }),
}

function sideText(size: { w: number; h: number } | null, w: number, h: number): string {
  return size ? `${Number(size.w.toFixed(2))} × ${Number(size.h.toFixed(2))} px` : `${w} × ${h} of the image`
}
