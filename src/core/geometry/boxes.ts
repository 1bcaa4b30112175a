/** Corners in pixels, half-open, x to the right and y down; area is (x2 - x1)(y2 - y1), with no "+ 1". */
export type Box = { x1: number; y1: number; x2: number; y2: number }

export function area(box: Box): number {
  return Math.max(0, box.x2 - box.x1) * Math.max(0, box.y2 - box.y1)
}

export function intersection(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1)
  return width > 0 && height > 0 ? width * height : 0
}

/** Intersection over union in [0, 1]; 0 when the union has no area. */
export function iou(a: Box, b: Box): number {
  const shared = intersection(a, b)
  const union = area(a) + area(b) - shared
  return union > 0 ? shared / union : 0
}

/** Normalised centre form (YOLO) to pixel corners of a width × height image. */
export function fromYolo(cx: number, cy: number, w: number, h: number, width: number, height: number): Box {
  return { x1: (cx - w / 2) * width, y1: (cy - h / 2) * height, x2: (cx + w / 2) * width, y2: (cy + h / 2) * height }
}
