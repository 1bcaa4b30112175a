import { iou } from '../geometry/boxes.ts'
import type { DetectionColumns } from '../metrics/columns.ts'
import { groupByKey } from '../stats/order.ts'

export type BoxParity = {
  reference: number
  artifact: number
  matched: number
  /** Boxes of either side that the other does not have at that confidence. */
  flipped: number
  /** Pixels; largest over matched boxes. */
  maxCornerPx: number
  maxScore: number
}

const least = 0.5

/** Boxes of two artefacts on the same images, above one confidence: pairs of one class by falling IoU, at least 0.5. */
export function compareBoxes(
  reference: DetectionColumns,
  artifact: DetectionColumns,
  imageCount: number,
  confidence: number,
): BoxParity {
  const result = { reference: 0, artifact: 0, matched: 0, flipped: 0, maxCornerPx: 0, maxScore: 0 }
  const [ours, theirs] = [served(reference, imageCount, confidence), served(artifact, imageCount, confidence)]
  for (let image = 0; image < imageCount; image++) {
    const a = ours[image] as number[]
    const b = theirs[image] as number[]
    result.reference += a.length
    result.artifact += b.length
    for (const [left, right] of pairsOf(reference, a, artifact, b)) {
      result.matched++
      result.maxCornerPx = Math.max(result.maxCornerPx, cornerShift(reference, left, artifact, right))
      result.maxScore = Math.max(
        result.maxScore,
        Math.abs((reference.score[left] as number) - (artifact.score[right] as number)),
      )
    }
  }
  result.flipped = result.reference + result.artifact - 2 * result.matched
  return result
}

function served(columns: DetectionColumns, imageCount: number, confidence: number): number[][] {
  const { start, members } = groupByKey(columns.image, imageCount)
  return Array.from({ length: imageCount }, (_, image) =>
    [...members.subarray(start[image], start[image + 1])].filter((row) => (columns.score[row] as number) > confidence),
  )
}

function pairsOf(a: DetectionColumns, rowsA: number[], b: DetectionColumns, rowsB: number[]): [number, number][] {
  const candidates: { left: number; right: number; overlap: number }[] = []
  for (const left of rowsA) {
    for (const right of rowsB) {
      if (a.classId[left] !== b.classId[right]) continue
      const overlap = iou(boxAt(a, left), boxAt(b, right))
      if (overlap >= least) candidates.push({ left, right, overlap })
    }
  }
  candidates.sort((p, q) => q.overlap - p.overlap || p.left - q.left || p.right - q.right)
  const taken = { left: new Set<number>(), right: new Set<number>() }
  return candidates.flatMap(({ left, right }): [number, number][] => {
    if (taken.left.has(left) || taken.right.has(right)) return []
    taken.left.add(left)
    taken.right.add(right)
    return [[left, right]]
  })
}

function boxAt({ x, y, w, h }: DetectionColumns, row: number) {
  const [x1, y1] = [x[row] as number, y[row] as number]
  return { x1, y1, x2: x1 + (w[row] as number), y2: y1 + (h[row] as number) }
}

function cornerShift(a: DetectionColumns, left: number, b: DetectionColumns, right: number): number {
  const [p, q] = [boxAt(a, left), boxAt(b, right)]
  return Math.max(Math.abs(p.x1 - q.x1), Math.abs(p.y1 - q.y1), Math.abs(p.x2 - q.x2), Math.abs(p.y2 - q.y2))
}
