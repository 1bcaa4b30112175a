import type { Matching } from './coco-match.ts'
import { maxDetections, recallLevels, spacing } from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

const levels = recallLevels.length

/** One model's matched detections, ready to be averaged again and again under other image weights. */
export type WeightedInput = {
  classCount: number
  /** Counted detections of class c are entries classStart[c] up to, not including, classStart[c + 1]. */
  classStart: Uint32Array
  image: Uint32Array
  /** One bit a threshold: a hit; left out. */
  hit: Uint16Array
  skip: Uint16Array
  /** Image of every ground truth that counts, by class. */
  truthStart: Uint32Array
  truthImage: Uint32Array
  scratch: { most: number; recall: Float64Array; precision: Float64Array }
}

/** Keeps what AP needs of a matching's first area range. */
export function prepareWeighted(truth: TruthColumns, detections: DetectionColumns, matching: Matching): WeightedInput {
  const { classCount, ranges, classStart, row, rank, matched, ignored } = matching
  const kept: number[] = []
  const start = new Uint32Array(classCount + 1)
  for (let c = 0; c < classCount; c++) {
    for (let i = classStart[c]!; i < classStart[c + 1]!; i++) if (rank[i]! < maxDetections) kept.push(i)
    start[c + 1] = kept.length
  }
  const truthRows = Array.from({ length: classCount }, (): number[] => [])
  const { low, high } = ranges[0]!
  for (let g = 0; g < truth.count; g++) {
    if (truth.crowd[g] || truth.area[g]! < low || truth.area[g]! > high) continue
    truthRows[truth.classId[g]!]!.push(truth.image[g]!)
  }
  const truthStart = new Uint32Array(classCount + 1)
  truthRows.forEach((rows, c) => {
    truthStart[c + 1] = truthStart[c]! + rows.length
  })
  const most = Math.max(0, ...truthRows.map((rows) => rows.length))
  return {
    classCount,
    classStart: start,
    image: Uint32Array.from(kept, (i) => detections.image[row[i]!]!),
    hit: Uint16Array.from(kept, (i) => matched[i * ranges.length]! & ~ignored[i * ranges.length]!),
    skip: Uint16Array.from(kept, (i) => ignored[i * ranges.length]!),
    truthStart,
    truthImage: Uint32Array.from(truthRows.flat()),
    scratch: { most, recall: new Float64Array(10 * most), precision: new Float64Array(10 * most) },
  }
}

/** AP of each class as if every image stood in the set as often as its weight says; -1 for a class without ground
 * truth. The same as copying images, save for equal scores within one image. `thresholds` is 10 for AP@[.5:.95],
 * 1 for AP50. */
export function weightedAp(
  input: WeightedInput,
  weights: ArrayLike<number>,
  thresholds: number,
  perClass: Float64Array,
): void {
  const { classStart, image, hit, skip, truthStart, truthImage, scratch } = input
  const mask = (1 << thresholds) - 1
  const { most, recall, precision } = scratch
  const hits = new Uint32Array(thresholds)
  const found = new Float64Array(thresholds)
  const left = new Float64Array(thresholds)
  for (let c = 0; c < input.classCount; c++) {
    let positives = 0
    for (let g = truthStart[c]!; g < truthStart[c + 1]!; g++) positives += weights[truthImage[g]!]!
    perClass[c] = -1
    if (positives === 0) continue
    hits.fill(0)
    found.fill(0)
    left.fill(0)
    let seen = 0
    for (let i = classStart[c]!; i < classStart[c + 1]!; i++) {
      const weight = weights[image[i]!]!
      if (weight === 0) continue
      seen += weight
      for (let t = 0, rest = skip[i]! & mask; rest; t++, rest >>= 1) if (rest & 1) left[t]! += weight
      for (let t = 0, rest = hit[i]! & mask; rest; t++, rest >>= 1) {
        if (!(rest & 1)) continue
        const at = t * most + hits[t]!++
        found[t]! += weight
        recall[at] = found[t]!
        precision[at] = found[t]! / (seen - left[t]! + spacing)
      }
    }
    let sum = 0
    for (let t = 0; t < thresholds; t++) sum += envelopeSum(recall, precision, t * most, hits[t]!, positives)
    perClass[c] = sum / (thresholds * levels)
  }
}

/** Sum of the precision envelope over the recall levels; recall is given in ground truths found. */
function envelopeSum(
  recall: Float64Array,
  precision: Float64Array,
  from: number,
  count: number,
  positives: number,
): number {
  for (let i = from + count - 1; i > from; i--) if (precision[i]! > precision[i - 1]!) precision[i - 1] = precision[i]!
  let sum = 0
  let at = from
  for (let r = 0; r < levels; r++) {
    while (at < from + count && recall[at]! / positives < recallLevels[r]!) at++
    if (at === from + count) break
    sum += precision[at]!
  }
  return sum
}

/** Mean over the classes that have a value; -1 when none has. */
export function meanOfPresent(perClass: ArrayLike<number>): number {
  let sum = 0
  let count = 0
  for (let c = 0; c < perClass.length; c++) {
    if (perClass[c]! < 0) continue
    sum += perClass[c]!
    count++
  }
  return count === 0 ? -1 : sum / count
}
