import { groupByKey } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { overlap } from './overlap.ts'

export type OperatingPoint = { confidence: number; iou: number }

export type PointCounts = {
  /** (classes + 1)²; rows are truth, then background; columns are predictions, then missed. */
  confusion: number[][]
  /** By class. */
  hits: Uint32Array
  falseAlarms: Uint32Array
  misses: Uint32Array
  /** Misses and false alarms by image. */
  errorsByImage: Uint32Array
}

/** Called for every hit (0), false alarm (1) and miss (2), with its image and class. */
type Note = (image: number, classId: number, what: 0 | 1 | 2) => void

/** What a user of the model sees at one confidence: detections at or above it, greedily bound at or above one IoU,
 * first to their own class by falling score, what is left to any class by falling overlap. Detections of which
 * a crowd of their class covers that share are left out. */
export function countAtPoint(
  truth: TruthColumns,
  detections: DetectionColumns,
  point: OperatingPoint,
  note: Note = () => {},
): PointCounts {
  const size = truth.classCount + 1
  const counts: PointCounts = {
    confusion: Array.from({ length: size }, () => new Array<number>(size).fill(0)),
    hits: new Uint32Array(truth.classCount),
    falseAlarms: new Uint32Array(truth.classCount),
    misses: new Uint32Array(truth.classCount),
    errorsByImage: new Uint32Array(truth.imageCount),
  }
  const real = groupByKey(truth.image, truth.imageCount)
  const found = groupByKey(detections.image, truth.imageCount, servedRows(truth, detections, point.confidence))
  for (let image = 0; image < truth.imageCount; image++) {
    const served = found.members.subarray(found.start[image], found.start[image + 1])
    const truths = real.members.subarray(real.start[image], real.start[image + 1])
    if (served.length + truths.length === 0) continue
    sortByScore(served, detections.score)
    countImage(truth, detections, image, truths, served, point.iou, counts, note)
  }
  return counts
}

/** Rows by falling score, equal ones in their order; programs mostly write them so. */
function sortByScore(rows: Uint32Array, score: Float64Array): void {
  for (let i = 1; i < rows.length; i++) {
    if (score[rows[i]!]! <= score[rows[i - 1]!]!) continue
    rows.sort((a, b) => score[b]! - score[a]! || a - b)
    return
  }
}

/** Detections of known classes at or above a confidence. */
function servedRows(truth: TruthColumns, { classId, score }: DetectionColumns, confidence: number): Uint32Array {
  const rows = new Uint32Array(score.length)
  let served = 0
  for (let d = 0; d < rows.length; d++) {
    if (score[d]! >= confidence && classId[d]! >= 0 && classId[d]! < truth.classCount) rows[served++] = d
  }
  return rows.subarray(0, served)
}

function countImage(
  truth: TruthColumns,
  detections: DetectionColumns,
  image: number,
  truths: Uint32Array,
  served: Uint32Array,
  iou: number,
  counts: PointCounts,
  note: Note,
): void {
  const free: number[] = []
  const crowds: number[] = []
  for (let i = 0; i < truths.length; i++) (truth.crowd[truths[i]!] ? crowds : free).push(truths[i]!)
  const loose: number[] = []
  for (let i = 0; i < served.length; i++) {
    const d = served[i]!
    const classId = detections.classId[d]!
    let best = -1
    let highest = iou
    for (let k = 0; k < free.length; k++) {
      const g = free[k]!
      if (truth.classId[g] !== classId) continue
      const value = overlap(truth, g, detections, d)
      if (value < highest) continue
      highest = value
      best = k
    }
    if (best >= 0) {
      free.splice(best, 1)
      counts.hits[classId]!++
      note(image, classId, 0)
      counts.confusion[classId]![classId]!++
    } else if (!crowds.some((g) => truth.classId[g] === classId && overlap(truth, g, detections, d) >= iou)) {
      loose.push(d)
    }
  }
  for (const d of loose) {
    counts.falseAlarms[detections.classId[d]!]!++
    note(image, detections.classId[d]!, 1)
  }
  for (const g of free) {
    counts.misses[truth.classId[g]!]!++
    note(image, truth.classId[g]!, 2)
  }
  counts.errorsByImage[image] = loose.length + free.length
  const pairs: { d: number; g: number; value: number }[] = []
  for (const d of loose) {
    for (const g of free) {
      const value = overlap(truth, g, detections, d)
      if (value >= iou) pairs.push({ d, g, value })
    }
  }
  pairs.sort((a, b) => b.value - a.value)
  if (pairs.length === 0) {
    countUnbound(truth, detections, loose, free, counts)
    return
  }
  const bound = { d: new Set<number>(), g: new Set<number>() }
  for (const { d, g } of pairs) {
    if (bound.d.has(d) || bound.g.has(g)) continue
    bound.d.add(d)
    bound.g.add(g)
    counts.confusion[truth.classId[g]!]![detections.classId[d]!]!++
  }
  const unbound = (rows: number[], taken: Set<number>) => rows.filter((row) => !taken.has(row))
  countUnbound(truth, detections, unbound(loose, bound.d), unbound(free, bound.g), counts)
}

/** What is bound to nothing stands beside the background. */
function countUnbound(
  { classId, classCount }: TruthColumns,
  detections: DetectionColumns,
  found: number[],
  missed: number[],
  { confusion }: PointCounts,
): void {
  for (const d of found) confusion[classCount]![detections.classId[d]!]!++
  for (const g of missed) confusion[classId[g]!]![classCount]!++
}

export type Rates = { precision: number; recall: number; f1: number }

/** Precision, recall and F1 of a class; -1 where it has no ground truth, precision 0 where nothing was found. */
export function ratesOf({ hits, falseAlarms, misses }: PointCounts, classId: number): Rates {
  const [tp, fp, fn] = [hits[classId]!, falseAlarms[classId]!, misses[classId]!]
  if (tp + fn === 0) return { precision: -1, recall: -1, f1: -1 }
  return { precision: tp + fp === 0 ? 0 : tp / (tp + fp), recall: tp / (tp + fn), f1: (2 * tp) / (2 * tp + fp + fn) }
}
