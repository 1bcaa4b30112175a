import type { RowView } from './rule.ts'

/** Whether no part of a box is outside the image. */
export function isInside({ left, top, right, bottom }: RowView): boolean {
  return left >= 0 && top >= 0 && right <= 1 && bottom <= 1
}

/** How far a box reaches out of its image at its worst edge; pixels are null when the image's size is unknown. */
export function overshoot(row: RowView): {
  side: { name: 'left' | 'right' | 'top' | 'bottom'; length: number }
  pixels: number | null
  share: number
} {
  const { imageWidth: W, imageHeight: H } = row
  const known = W > 0
  const edges = [
    { name: 'left', share: -row.left, length: W },
    { name: 'right', share: row.right - 1, length: W },
    { name: 'top', share: -row.top, length: H },
    { name: 'bottom', share: row.bottom - 1, length: H },
  ] as const
  const reach = (edge: { share: number; length: number }) => edge.share * (known ? edge.length : 1)
  const worst = edges.reduce((a, b) => (reach(b) > reach(a) ? b : a))
  return { side: { name: worst.name, length: worst.length }, pixels: known ? reach(worst) : null, share: worst.share }
}

/** Share of a box that is inside the image; 1 for a box without area. */
export function visibleShare({ left, top, right, bottom }: RowView): number {
  const full = (right - left) * (bottom - top)
  if (full <= 0) return 1
  const width = Math.max(0, Math.min(1, right) - Math.max(0, left))
  const height = Math.max(0, Math.min(1, bottom) - Math.max(0, top))
  return (width * height) / full
}

/** The part of a box that is inside the image as the four numbers of a label row, six decimals. */
export function clipped({ left, top, right, bottom }: RowView): string {
  const [x1, y1, x2, y2] = [Math.max(0, left), Math.max(0, top), Math.min(1, right), Math.min(1, bottom)]
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].map((value) => Number(value.toFixed(6))).join(' ')
}
