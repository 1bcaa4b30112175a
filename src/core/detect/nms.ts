/** Boxes that compete: corners x1, y1, x2, y2 in letterbox pixels (4 numbers a box), one class and score each. */
export type Candidates = { count: number; corners: Float32Array; score: Float32Array; classId: Int32Array }

/** Distance in pixels by which classes are set apart, so that one pass suppresses within a class only. */
const classOffset = 7680
const mostCandidates = 30_000

/**
 * Greedy suppression as Ultralytics does it, in float32: by falling score (ties in given order), a box whose IoU with a
 * kept one is above the limit goes. Returns row numbers of at most `maxDetections` kept boxes, best first.
 */
export function suppress(boxes: Candidates, iouLimit: number, maxDetections: number): Int32Array {
  const order = byFallingScore(boxes)
  const limit = Math.fround(iouLimit)
  const kept = new Int32Array(Math.min(maxDetections, order.length))
  const keptBox = new Float32Array(kept.length * 5)
  const box = new Float32Array(5)
  let count = 0
  for (const row of order) {
    if (count === kept.length) break
    shifted(boxes, row, box)
    if (overlapsKept(keptBox, count, box, limit)) continue
    keptBox.set(box, count * 5)
    kept[count++] = row
  }
  return kept.slice(0, count)
}

function byFallingScore({ count, score }: Candidates): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  order.sort((a, b) => (score[b] as number) - (score[a] as number) || a - b)
  return count > mostCandidates ? order.subarray(0, mostCandidates) : order
}

/** Corners moved by class, and the area, each rounded to float32 as the reference's tensors round them. */
function shifted({ corners, classId }: Candidates, row: number, box: Float32Array): void {
  const offset = (classId[row] as number) * classOffset
  for (let i = 0; i < 4; i++) box[i] = (corners[row * 4 + i] as number) + offset
  const width = Math.fround((box[2] as number) - (box[0] as number))
  box[4] = width * Math.fround((box[3] as number) - (box[1] as number))
}

function overlapsKept(kept: Float32Array, count: number, box: Float32Array, limit: number): boolean {
  const x1 = box[0] as number
  const y1 = box[1] as number
  const x2 = box[2] as number
  const y2 = box[3] as number
  const area = box[4] as number
  for (let at = 0; at < count * 5; at += 5) {
    const width = Math.fround(Math.min(x2, kept[at + 2] as number) - Math.max(x1, kept[at] as number))
    if (width <= 0) continue
    const height = Math.fround(Math.min(y2, kept[at + 3] as number) - Math.max(y1, kept[at + 1] as number))
    if (height <= 0) continue
    const shared = Math.fround(width * height)
    const union = Math.fround(Math.fround((kept[at + 4] as number) + area) - shared)
    if (Math.fround(shared / union) > limit) return true
  }
  return false
}
