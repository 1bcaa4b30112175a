import { groupByKey } from '../stats/order.ts'
import type { Matching } from './coco-match.ts'
import {
  allThresholds,
  detectionLimits,
  iouThresholds,
  maxDetections,
  recallLevels,
  spacing,
} from './coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'

const levels = recallLevels.length
const thresholdCount = iouThresholds.length
const limits = detectionLimits.length

/** One model's matched detections in one area range, ready to be averaged again and again under other image weights. */
export type WeightedInput = {
  classCount: number
  /** Images of the detections that count at some threshold, best score first; those of class c are entries
   * classStart[c] up to, not including, classStart[c + 1]. */
  classStart: Uint32Array
  image: Uint16Array | Uint32Array
  /** Those among them that are more than a false alarm at all thresholds: entry, hit and left out by one bit a
   * threshold, rank in its image and class; those of class c from eventStart[c]. */
  eventStart: Uint32Array
  entry: Uint32Array
  hit: Uint16Array
  skip: Uint16Array
  rank: Uint8Array
  /** Image of every ground truth that counts, by class. */
  truthStart: Uint32Array
  truthImage: Uint32Array
  scratch: ReturnType<typeof createScratch>
}

const createScratch = (most: number) => ({
  most,
  /** Ground truth found up to each hit, and precision there, at threshold × most + hit. */
  recall: new Float64Array(thresholdCount * most),
  precision: new Float64Array(thresholdCount * most),
  hits: new Uint32Array(thresholdCount),
  left: new Float64Array(thresholdCount),
  /** Ground truth found at each threshold, and by the first 1, 10 and 100 detections, at limit × thresholds + threshold. */
  found: new Float64Array(thresholdCount),
  foundBy: new Float64Array(limits * thresholdCount),
  /** Sum over the recall levels of the precision envelope, by threshold. */
  sums: new Float64Array(thresholdCount),
})

/** Keeps what AP needs of one of a matching's area ranges, the first unless another is named. */
export function prepareWeighted(
  truth: TruthColumns,
  detections: DetectionColumns,
  matching: Matching,
  range = 0,
): WeightedInput {
  const { classCount, ranges, classStart, row } = matching
  const length = classStart[classCount]!
  const image = truth.imageCount <= 65_536 ? new Uint16Array(length) : new Uint32Array(length)
  const entry = new Uint32Array(length)
  const [hit, skip, rank] = [new Uint16Array(length), new Uint16Array(length), new Uint8Array(length)]
  const [start, eventStart] = [new Uint32Array(classCount + 1), new Uint32Array(classCount + 1)]
  let count = 0
  let events = 0
  for (let c = 0; c < classCount; c++) {
    for (let i = classStart[c]!; i < classStart[c + 1]!; i++) {
      const ignored = matching.ignored[i * ranges.length + range]!
      if (matching.rank[i]! >= maxDetections || ignored === allThresholds) continue
      const hits = matching.matched[i * ranges.length + range]! & ~ignored
      if (hits !== 0 || ignored !== 0) {
        entry[events] = count
        hit[events] = hits
        skip[events] = ignored
        rank[events++] = matching.rank[i]!
      }
      image[count++] = detections.image[row[i]!]!
    }
    start[c + 1] = count
    eventStart[c + 1] = events
  }
  const { truthStart, truthImage, most } = truthOf(truth, ranges[range]!)
  return {
    ...{ classCount, classStart: start, image: image.slice(0, count) },
    ...{ eventStart, entry: entry.slice(0, events), hit: hit.slice(0, events) },
    ...{ skip: skip.slice(0, events), rank: rank.slice(0, events) },
    ...{ truthStart, truthImage, scratch: createScratch(most) },
  }
}

/** Images of the ground truth that counts in a range, by class, and how many the largest class has. */
function truthOf(truth: TruthColumns, { low, high }: { low: number; high: number }) {
  const classId = Int32Array.from(truth.classId, (id, g) =>
    truth.crowd[g] || truth.area[g]! < low || truth.area[g]! > high ? -1 : id,
  )
  const { start, members } = groupByKey(classId, truth.classCount)
  let most = 0
  for (let c = 0; c < truth.classCount; c++) most = Math.max(most, start[c + 1]! - start[c]!)
  return { truthStart: start, truthImage: members.map((g) => truth.image[g]!), most }
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
  const { sums } = input.scratch
  for (let c = 0; c < input.classCount; c++) {
    perClass[c] = -1
    if (scoreClass(input, weights, thresholds, c) === 0) continue
    let sum = 0
    for (let t = 0; t < thresholds; t++) sum += sums[t]!
    perClass[c] = sum / (thresholds * levels)
  }
}

/** Scores one class under weights at the first `thresholds`: fills `found`, `foundBy` and `sums` of the scratch and
 * returns the ground truth, 0 where there is none and nothing is filled. */
export function scoreClass(input: WeightedInput, weights: ArrayLike<number>, thresholds: number, c: number): number {
  const { truthStart, truthImage, classStart, image, eventStart, entry, hit, skip, rank, scratch } = input
  let positives = 0
  for (let g = truthStart[c]!; g < truthStart[c + 1]!; g++) positives += weights[truthImage[g]!]!
  if (positives === 0) return 0
  const { most, recall, precision, hits, left, found, foundBy, sums } = scratch
  const mask = (1 << thresholds) - 1
  hits.fill(0)
  left.fill(0)
  found.fill(0)
  foundBy.fill(0)
  let seen = 0
  let i = classStart[c]!
  for (let event = eventStart[c]!; event < eventStart[c + 1]!; event++) {
    const end = entry[event]!
    for (; i <= end; i++) seen += weights[image[i]!]!
    const weight = weights[image[end]!]!
    if (weight === 0) continue
    for (let t = 0, rest = skip[event]! & mask; rest; t++, rest >>= 1) if (rest & 1) left[t]! += weight
    const limit = rank[event]! < detectionLimits[0] ? 0 : rank[event]! < detectionLimits[1] ? 1 : 2
    for (let t = 0, rest = hit[event]! & mask; rest; t++, rest >>= 1) {
      if (!(rest & 1)) continue
      const at = t * most + hits[t]!++
      const now = found[t]! + weight
      found[t] = now
      foundBy[limit * thresholdCount + t]! += weight
      recall[at] = now
      precision[at] = now / (seen - left[t]! + spacing)
    }
  }
  for (let t = 0; t < thresholds; t++) {
    sums[t] = envelopeSum(recall, precision, t * most, hits[t]!, positives)
    for (let limit = 1; limit < limits; limit++) {
      foundBy[limit * thresholdCount + t]! += foundBy[(limit - 1) * thresholdCount + t]!
    }
  }
  return positives
}

/** Sum of the precision envelope over the recall levels; recall is given in ground truths found. From the right, so
 * that the envelope is the highest precision so far. */
function envelopeSum(
  recall: Float64Array,
  precision: Float64Array,
  from: number,
  count: number,
  positives: number,
): number {
  let sum = 0
  let highest = 0
  let at = from + count
  for (let r = levels - 1; r >= 0; r--) {
    const level = recallLevels[r]!
    // A division only where rounding might decide.
    const surely = level * positives * (1 + 1e-12)
    while (at > from && (recall[at - 1]! > surely || recall[at - 1]! / positives >= level)) {
      at--
      if (precision[at]! > highest) highest = precision[at]!
    }
    sum += highest
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
