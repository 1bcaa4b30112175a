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

/** A box that only one artefact has, or that both have under different classes. */
export type FlippedBox = {
  image: number
  kind: 'vanished' | 'appeared' | 'relabelled'
  /** Rows of the columns. */
  reference: number | null
  artifact: number | null
}

/** Boxes of two artefacts on the same images, above one confidence: pairs of one class by falling IoU, at least 0.5. */
export function compareBoxes(
  reference: DetectionColumns,
  artifact: DetectionColumns,
  imageCount: number,
  confidence: number,
): BoxParity {
  const result = { reference: 0, artifact: 0, matched: 0, flipped: 0, maxCornerPx: 0, maxScore: 0 }
  for (const { ours, theirs, pairs } of pairedBoxes(reference, artifact, imageCount, confidence)) {
    result.reference += ours.length
    result.artifact += theirs.length
    for (const [left, right] of pairs) {
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

/** Boxes that compareBoxes leaves without a partner, by image; two on one place become one that changed its class. */
export function flippedBoxes(
  reference: DetectionColumns,
  artifact: DetectionColumns,
  imageCount: number,
  confidence: number,
): FlippedBox[] {
  return pairedBoxes(reference, artifact, imageCount, confidence).flatMap(({ ours, theirs, pairs }, image) => {
    const matched = { left: new Set(pairs.map(([left]) => left)), right: new Set(pairs.map(([, right]) => right)) }
    const lost = ours.filter((row) => !matched.left.has(row))
    const won = theirs.filter((row) => !matched.right.has(row))
    const renamed = pairsOf(reference, lost, artifact, won, () => true)
    const [left, right] = [new Set(renamed.map(([row]) => row)), new Set(renamed.map(([, row]) => row))]
    return [
      ...renamed.map(([a, b]) => ({ image, kind: 'relabelled' as const, reference: a, artifact: b })),
      ...lost
        .filter((row) => !left.has(row))
        .map((row) => ({ image, kind: 'vanished' as const, reference: row, artifact: null })),
      ...won
        .filter((row) => !right.has(row))
        .map((row) => ({ image, kind: 'appeared' as const, reference: null, artifact: row })),
    ]
  })
}

function pairedBoxes(reference: DetectionColumns, artifact: DetectionColumns, imageCount: number, confidence: number) {
  const [ours, theirs] = [served(reference, imageCount, confidence), served(artifact, imageCount, confidence)]
  return ours.map((a, image) => {
    const b = theirs[image] as number[]
    return { ours: a, theirs: b, pairs: pairsOf(reference, a, artifact, b, (left, right) => left === right) }
  })
}

function served(columns: DetectionColumns, imageCount: number, confidence: number): number[][] {
  const { start, members } = groupByKey(columns.image, imageCount)
  return Array.from({ length: imageCount }, (_, image) =>
    [...members.subarray(start[image], start[image + 1])].filter((row) => (columns.score[row] as number) > confidence),
  )
}

function pairsOf(
  a: DetectionColumns,
  rowsA: number[],
  b: DetectionColumns,
  rowsB: number[],
  classesFit: (left: number, right: number) => boolean,
): [number, number][] {
  const candidates: { left: number; right: number; overlap: number }[] = []
  for (const left of rowsA) {
    for (const right of rowsB) {
      if (!classesFit(a.classId[left] as number, b.classId[right] as number)) continue
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

export function boxAt({ x, y, w, h }: DetectionColumns, row: number) {
  const [x1, y1] = [x[row] as number, y[row] as number]
  return { x1, y1, x2: x1 + (w[row] as number), y2: y1 + (h[row] as number) }
}

function cornerShift(a: DetectionColumns, left: number, b: DetectionColumns, right: number): number {
  const [p, q] = [boxAt(a, left), boxAt(b, right)]
  return Math.max(Math.abs(p.x1 - q.x1), Math.abs(p.y1 - q.y1), Math.abs(p.x2 - q.x2), Math.abs(p.y2 - q.y2))
}
