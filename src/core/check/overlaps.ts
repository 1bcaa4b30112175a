import type { Dataset } from '../dataset/model.ts'

export type Pair = { earlier: number; later: number; iou: number }

/** More pairs of one image than this are not listed: a file of thousands of equal rows is one mistake. */
const mostPairsOfImage = 200
/** Comparisons within one image, so that a hostile file ends: 10,000 boxes that all overlap are compared in full. */
const mostComparisons = 50_000_000

/**
 * Pairs of rows of one image, [from, to), whose overlap (IoU, normalised coordinates) is at least `least`; equal boxes
 * without area count as 1. `classes` says whether only boxes of the same class are paired, or only of different ones. Sweeps along x1, so that boxes far apart are never compared.
 */
export function overlappingPairs(
  dataset: Dataset,
  from: number,
  to: number,
  least: number,
  classes: 'same' | 'different',
): Pair[] {
  const { cx, cy, w, h, classId } = dataset.boxes
  const x1 = (row: number) => (cx[row] as number) - (w[row] as number) / 2
  const order = Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => x1(a) - x1(b) || a - b)
  const pairs: Pair[] = []
  let left = mostComparisons
  for (let i = 0; i < order.length && pairs.length < mostPairsOfImage && left > 0; i++) {
    const a = order[i] as number
    const right = x1(a) + (w[a] as number)
    for (let j = i + 1; j < order.length && pairs.length < mostPairsOfImage; j++) {
      const b = order[j] as number
      if (x1(b) > right || left-- === 0) break
      if ((classId[a] === classId[b]) !== (classes === 'same')) continue
      const iou = iouOfRows(cx, cy, w, h, a, b)
      if (iou >= least) pairs.push({ earlier: Math.min(a, b), later: Math.max(a, b), iou })
    }
  }
  return pairs.sort((p, q) => p.later - q.later || p.earlier - q.earlier)
}

function iouOfRows(cx: Float64Array, cy: Float64Array, w: Float64Array, h: Float64Array, a: number, b: number): number {
  const [wa, ha, wb, hb] = [w[a], h[a], w[b], h[b]] as [number, number, number, number]
  const dx = Math.abs((cx[a] as number) - (cx[b] as number))
  const dy = Math.abs((cy[a] as number) - (cy[b] as number))
  const width = Math.min((wa + wb) / 2 - dx, wa, wb)
  const height = Math.min((ha + hb) / 2 - dy, ha, hb)
  const shared = width > 0 && height > 0 ? width * height : 0
  const union = wa * ha + wb * hb - shared
  if (union > 0) return shared / union
  return dx < 1e-6 && dy < 1e-6 && Math.abs(wa - wb) < 1e-6 && Math.abs(ha - hb) < 1e-6 ? 1 : 0
}
