import { iou } from '../geometry/boxes.ts'
import type { DetectionColumns } from '../metrics/columns.ts'
import type { PredictionSet } from '../metrics/predictions-file.ts'
import { groupByKey } from '../stats/order.ts'
import { boxAt } from './parity.ts'

/**
 * How far the same artefact may part from itself on another machine, where kernels add numbers in another order. With
 * all graph optimisations off instead of on, a YOLO model's scores moved by 2e-7 and its boxes by 6e-5 pixels; other
 * processors were not measured, so that there is room. A box near a limit then comes or goes, with those it suppressed.
 */
export const inferenceTolerance = { score: 0.01, iou: 0.98, boxesInThousand: 5, metric: 0.002 } as const

/** What two prediction sets differ in that must be the same set of pictures and labels; null when nothing. */
export function otherTruth(stated: PredictionSet, again: PredictionSet): string | null {
  for (const key of ['images', 'scenes', 'classes'] as const) {
    if (JSON.stringify(stated[key]) !== JSON.stringify(again[key])) return key
  }
  if (JSON.stringify(stated.groups ?? []) !== JSON.stringify(again.groups ?? [])) return 'groups of images'
  const columns = ['image', 'classId', 'x', 'y', 'w', 'h', 'area', 'crowd'] as const
  const [a, b] = [stated.truth, again.truth]
  const equal = a.count === b.count && columns.every((key) => a[key].every((value, i) => value === b[key][i]))
  return equal ? null : 'ground truth'
}

/**
 * Boxes of either side that the other one does not have: a partner is of the same picture and class, covers the same
 * place and has about the same score. Those so near to the lowest score that the other side may lack them are not asked.
 */
export function boxesWithoutPartner(
  stated: DetectionColumns,
  again: DetectionColumns,
  imageCount: number,
  lowest: number,
): { asked: number; stated: number; again: number } {
  const result = { asked: 0, stated: 0, again: 0 }
  const rowsOf = (columns: DetectionColumns) => {
    const { start, members } = groupByKey(columns.image, imageCount)
    return (image: number) => [...members.subarray(start[image], start[image + 1])]
  }
  const [left, right] = [rowsOf(stated), rowsOf(again)]
  const asks = (columns: DetectionColumns) => (row: number) =>
    (columns.score[row] as number) >= lowest + inferenceTolerance.score
  for (let image = 0; image < imageCount; image++) {
    const [ours, theirs] = [left(image), right(image)]
    const paired = pairsOf(stated, ours, again, theirs)
    const open = {
      stated: ours.filter(asks(stated)).filter((row) => !paired.left.has(row)),
      again: theirs.filter(asks(again)).filter((row) => !paired.right.has(row)),
    }
    result.asked += ours.filter(asks(stated)).length
    result.stated += open.stated.length
    result.again += open.again.length
  }
  return result
}

/** Whether that few boxes without a partner are what another processor explains. */
export function fewEnough({ asked, stated, again }: { asked: number; stated: number; again: number }): boolean {
  return Math.max(stated, again) <= Math.floor((asked * inferenceTolerance.boxesInThousand) / 1000)
}

/** Rows that have a partner, the best score first; each is somebody's partner once. */
function pairsOf(a: DetectionColumns, rowsA: number[], b: DetectionColumns, rowsB: number[]) {
  const paired = { left: new Set<number>(), right: new Set<number>() }
  const order = rowsA.toSorted((p, q) => (a.score[q] as number) - (a.score[p] as number) || p - q)
  for (const row of order) {
    let best: { row: number; overlap: number } | null = null
    for (const other of rowsB) {
      if (paired.right.has(other) || a.classId[row] !== b.classId[other]) continue
      if (Math.abs((a.score[row] as number) - (b.score[other] as number)) > inferenceTolerance.score) continue
      const overlap = iou(boxAt(a, row), boxAt(b, other))
      if (overlap >= inferenceTolerance.iou && overlap > (best?.overlap ?? 0)) best = { row: other, overlap }
    }
    if (best === null) continue
    paired.left.add(row)
    paired.right.add(best.row)
  }
  return paired
}
