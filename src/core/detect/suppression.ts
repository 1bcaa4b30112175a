import { type Candidates, suppress } from './nms.ts'

/** How overlapping boxes are thinned out; all but `agnostic` compare boxes of one class only. */
export const suppressions = ['greedy', 'agnostic', 'diou', 'soft-linear', 'soft-gaussian', 'matrix'] as const
export type Suppression = (typeof suppressions)[number]

/** Rows that stay, best first, with the score that they stay with. */
export type Kept = { rows: Int32Array; scores: Float64Array }

const gaussianSigma = 0.5
const matrixSigma = 2
/** Boxes of all classes in one pass: at most this many are compared with each other by the methods that decay scores. */
const mostDecayed = 5000

/**
 * Thins boxes by a named method. `limit` is the overlap from which boxes compete, `least` the score below which a
 * decayed box goes (soft and matrix). Sources: Bodla et al. 2017 (soft), Zheng et al. 2020 (DIoU), Wang et al. 2020
 * (matrix, Gaussian with sigma 2); greedy is float32 as Ultralytics computes it.
 */
export function suppressBy(
  method: Suppression,
  boxes: Candidates,
  settings: { limit: number; least: number; maxDetections: number },
): Kept {
  const { limit, least, maxDetections } = settings
  if (method === 'greedy' || method === 'agnostic') {
    const classes = method === 'agnostic' ? new Int32Array(boxes.count) : boxes.classId
    const rows = suppress({ ...boxes, classId: classes }, limit, maxDetections)
    return { rows, scores: Float64Array.from(rows, (row) => boxes.score[row] as number) }
  }
  const order = bestFirst(boxes)
  if (method === 'diou') return greedyByDistance(boxes, order, limit, maxDetections)
  const scores = method === 'matrix' ? matrixDecay(boxes, order) : softDecay(boxes, order, method, limit)
  const kept = [...order].filter((row) => (scores[row] as number) > least)
  kept.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  const rows = Int32Array.from(kept.slice(0, maxDetections))
  return { rows, scores: Float64Array.from(rows, (row) => scores[row] as number) }
}

/** Greedy, but boxes with centres apart compete less: IoU minus squared centre distance over squared enclosing diagonal. */
function greedyByDistance(boxes: Candidates, order: Uint32Array, limit: number, most: number): Kept {
  const kept: number[] = []
  for (const row of order) {
    if (kept.length === most) break
    const beaten = kept.some(
      (winner) => boxes.classId[winner] === boxes.classId[row] && distanceIou(boxes, winner, row) > limit,
    )
    if (!beaten) kept.push(row)
  }
  const rows = Int32Array.from(kept)
  return { rows, scores: Float64Array.from(rows, (row) => boxes.score[row] as number) }
}

/** Takes the best box again and again and lowers what overlaps it: by 1 − IoU above the limit, or by exp(−IoU²/σ). */
function softDecay(
  boxes: Candidates,
  order: Uint32Array,
  method: 'soft-linear' | 'soft-gaussian',
  limit: number,
): Float64Array {
  const scores = Float64Array.from(boxes.score)
  const left = [...order]
  for (let done = 0; done < left.length; done++) {
    let best = done
    for (let i = done + 1; i < left.length; i++) {
      if ((scores[left[i] as number] as number) > (scores[left[best] as number] as number)) best = i
    }
    const row = left[best] as number
    left.splice(best, 1)
    left.splice(done, 0, row)
    for (let i = done + 1; i < left.length; i++) {
      const other = left[i] as number
      if (boxes.classId[other] !== boxes.classId[row]) continue
      const overlap = iou(boxes, row, other)
      const factor =
        method === 'soft-gaussian' ? Math.exp(-(overlap * overlap) / gaussianSigma) : overlap > limit ? 1 - overlap : 1
      scores[other] = (scores[other] as number) * factor
    }
  }
  return scores
}

/** All decays at once: each box by its worst better neighbour, discounted by how much that one is overlapped itself. */
function matrixDecay(boxes: Candidates, order: Uint32Array): Float64Array {
  const scores = Float64Array.from(boxes.score)
  const worst = new Float64Array(order.length)
  const decay = (overlap: number) => Math.exp(-matrixSigma * overlap * overlap)
  for (let j = 0; j < order.length; j++) {
    const row = order[j] as number
    let factor = 1
    for (let i = 0; i < j; i++) {
      const better = order[i] as number
      if (boxes.classId[better] !== boxes.classId[row]) continue
      const overlap = iou(boxes, better, row)
      worst[j] = Math.max(worst[j] as number, overlap)
      factor = Math.min(factor, decay(overlap) / decay(worst[i] as number))
    }
    scores[row] = (boxes.score[row] as number) * factor
  }
  return scores
}

function bestFirst({ count, score }: Candidates): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  order.sort((a, b) => (score[b] as number) - (score[a] as number) || a - b)
  return order.subarray(0, mostDecayed)
}

function iou({ corners }: Candidates, a: number, b: number): number {
  const at = (row: number, i: number) => corners[4 * row + i] as number
  const width = Math.min(at(a, 2), at(b, 2)) - Math.max(at(a, 0), at(b, 0))
  const height = Math.min(at(a, 3), at(b, 3)) - Math.max(at(a, 1), at(b, 1))
  if (width <= 0 || height <= 0) return 0
  const area = (row: number) => (at(row, 2) - at(row, 0)) * (at(row, 3) - at(row, 1))
  return (width * height) / (area(a) + area(b) - width * height)
}

function distanceIou(boxes: Candidates, a: number, b: number): number {
  const at = (row: number, i: number) => boxes.corners[4 * row + i] as number
  const apart = (low: number, high: number) => (at(a, low) + at(a, high) - at(b, low) - at(b, high)) / 2
  const reach = (low: number, high: number) => Math.max(at(a, high), at(b, high)) - Math.min(at(a, low), at(b, low))
  const diagonal = reach(0, 2) ** 2 + reach(1, 3) ** 2
  return iou(boxes, a, b) - (diagonal > 0 ? (apart(0, 2) ** 2 + apart(1, 3) ** 2) / diagonal : 0)
}
