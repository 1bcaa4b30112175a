import type { BoxColumns, Dataset } from '../dataset/model.ts'
import type { PairView } from './rule.ts'

/** Comparisons within one image, so that a hostile file ends: 10,000 boxes that all overlap are compared in full. */
const mostComparisons = 50_000_000
/** Up to this many boxes comparing each with each is faster than sorting them first. */
const fewBoxes = 24

/**
 * Calls `visit` for each pair of rows of one image, [from, to), of which the smaller box lies inside the larger by a
 * share of at least `least`, until it returns false. The view is one object, filled anew for each pair. Many boxes are
 * swept along their left edges, so that boxes far apart are never compared.
 */
export function eachOverlap(
  { boxes }: Pick<Dataset, 'boxes'>,
  from: number,
  to: number,
  least: number,
  visit: (pair: PairView) => boolean,
): void {
  if (to - from > fewBoxes) sweep(boxes, from, to, least, visit)
  else {
    for (let a = from; a < to; a++) {
      for (let b = a + 1; b < to; b++) if (compare(boxes, a, b, least) && !visit(view)) return
    }
  }
}

function sweep(boxes: BoxColumns, from: number, to: number, least: number, visit: (pair: PairView) => boolean): void {
  const { cx, w } = boxes
  const left = (row: number) => (cx[row] as number) - (w[row] as number) / 2
  const order = Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => left(a) - left(b) || a - b)
  let remaining = mostComparisons
  for (let i = 0; i < order.length && remaining > 0; i++) {
    const a = order[i] as number
    // A hair more than the right edge: equal boxes without area must meet whatever rounding did to their edges.
    const right = left(a) + (w[a] as number) + 1e-6
    for (let j = i + 1; j < order.length; j++) {
      const b = order[j] as number
      if (left(b) > right || remaining-- === 0) break
      if (compare(boxes, Math.min(a, b), Math.max(a, b), least) && !visit(view)) return
    }
  }
}

const view: PairView = { earlier: 0, later: 0, sameClass: false, iou: 0.5, inside: 0.5, areaRatio: 0.5 }

/** Fills the view for two rows; false where they overlap by less than `least` of the smaller box. */
function compare({ cx, cy, w, h, classId }: BoxColumns, a: number, b: number, least: number): boolean {
  const wa = w[a] as number
  const wb = w[b] as number
  const dx = Math.abs((cx[a] as number) - (cx[b] as number))
  if (dx > (wa + wb) / 2 + 1e-6) return false
  const ha = h[a] as number
  const hb = h[b] as number
  const dy = Math.abs((cy[a] as number) - (cy[b] as number))
  if (dy > (ha + hb) / 2 + 1e-6) return false
  const width = Math.min((wa + wb) / 2 - dx, wa, wb)
  const height = Math.min((ha + hb) / 2 - dy, ha, hb)
  const shared = width > 0 && height > 0 ? width * height : 0
  const areaA = wa * ha
  const areaB = wb * hb
  const smaller = Math.min(areaA, areaB)
  if (shared < least * smaller) return false
  const union = areaA + areaB - shared
  if (smaller === 0) {
    const equal = dx < 1e-6 && dy < 1e-6 && Math.abs(wa - wb) < 1e-6 && Math.abs(ha - hb) < 1e-6
    if (union > 0 || !equal) return false
  }
  view.earlier = a
  view.later = b
  view.sameClass = classId[a] === classId[b]
  view.iou = union > 0 ? shared / union : 1
  view.inside = smaller > 0 ? shared / smaller : 1
  view.areaRatio = union > 0 ? smaller / Math.max(areaA, areaB) : 1
  return true
}
