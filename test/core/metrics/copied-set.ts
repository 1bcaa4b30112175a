import type { DetectionColumns, TruthColumns } from '../../../src/core/metrics/columns.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'

/** The set in which image i stands copies[i] times. */
export function replicated(truth: TruthColumns, detections: DetectionColumns, copies: number[]) {
  const sources = copies.flatMap((count, image) => new Array<number>(count).fill(image))
  const rows = (image: Int32Array) =>
    sources.flatMap((source, to) =>
      [...image.keys()].filter((row) => image[row] === source).map((row) => ({ row, to })),
    )
  const t = rows(truth.image)
  const d = rows(detections.image)
  const big = emptyTruth(t.length, sources.length, truth.classCount)
  const found = emptyDetections(d.length)
  for (const key of ['classId', 'x', 'y', 'w', 'h', 'area', 'crowd'] as const) {
    t.forEach(({ row }, i) => {
      big[key][i] = truth[key][row]!
    })
  }
  for (const key of ['classId', 'x', 'y', 'w', 'h', 'score'] as const) {
    d.forEach(({ row }, i) => {
      found[key][i] = detections[key][row]!
    })
  }
  big.image.set(t.map(({ to }) => to))
  found.image.set(d.map(({ to }) => to))
  return { truth: big, detections: found }
}
