import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { countAtPoint, type OperatingPoint } from '../metrics/operating-point.ts'

/** Images that only one of two models gets wholly right (nothing missed, no false alarm), most errors first. */
export function imageFlips(
  truth: TruthColumns,
  arms: { baseline: DetectionColumns; candidate: DetectionColumns },
  imageNames: readonly string[],
  point: OperatingPoint,
): { fixed: string[]; broken: string[] } {
  const before = countAtPoint(truth, arms.baseline, point).errorsByImage
  const after = countAtPoint(truth, arms.candidate, point).errorsByImage
  const flipped = (wrong: Uint32Array, right: Uint32Array) =>
    imageNames
      .map((name, image) => ({ name, image }))
      .filter(({ image }) => wrong[image]! > 0 && right[image] === 0)
      .sort((a, b) => wrong[b.image]! - wrong[a.image]! || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name)
  return { fixed: flipped(before, after), broken: flipped(after, before) }
}
