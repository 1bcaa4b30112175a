import type { BoxColumns, Dataset } from '../dataset/model.ts'

/** How far a row's box reaches out of its image at its worst edge; pixels are null when the image's size is unknown. */
export function overshoot(
  dataset: Dataset,
  row: number,
): { side: { name: 'left' | 'right' | 'top' | 'bottom'; length: number }; pixels: number | null; share: number } {
  const { boxes } = dataset
  const image = dataset.images[boxes.image[row] as number]
  const [W, H] = [image?.width ?? 0, image?.height ?? 0]
  const known = W > 0 && H > 0
  const { x1, y1, x2, y2 } = corners(boxes, row)
  const edges = [
    { name: 'left', share: -x1, length: W },
    { name: 'right', share: x2 - 1, length: W },
    { name: 'top', share: -y1, length: H },
    { name: 'bottom', share: y2 - 1, length: H },
  ] as const
  const reach = (edge: { share: number; length: number }) => edge.share * (known ? edge.length : 1)
  const worst = edges.reduce((a, b) => (reach(b) > reach(a) ? b : a))
  return { side: { name: worst.name, length: worst.length }, pixels: known ? reach(worst) : null, share: worst.share }
}

/** Share of a row's box that is inside the image; 1 for a box without area. */
export function visibleShare(boxes: BoxColumns, row: number): number {
  const { x1, y1, x2, y2 } = corners(boxes, row)
  const full = (x2 - x1) * (y2 - y1)
  if (full <= 0) return 1
  const width = Math.max(0, Math.min(1, x2) - Math.max(0, x1))
  const height = Math.max(0, Math.min(1, y2) - Math.max(0, y1))
  return (width * height) / full
}

function corners(boxes: BoxColumns, row: number): { x1: number; y1: number; x2: number; y2: number } {
  const [cx, cy, w, h] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as [number, number, number, number]
  return { x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2 }
}
