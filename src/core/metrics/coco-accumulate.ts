import type { Matching } from './coco-match.ts'
import {
  allThresholds,
  areaRanges,
  detectionLimits,
  iouThresholds,
  maxDetections,
  recallLevels,
  spacing,
} from './coco-parameters.ts'

const thresholds = iouThresholds.length
const levels = recallLevels.length

export type CocoCurves = {
  /** Precision with 100 detections, [threshold][recall level][class][area], -1 for a class without ground truth. */
  precision: Float64Array
  /** Highest recall, [threshold][class][area][detection limit]. */
  recall: Float64Array
  /** Sizes: thresholds, recall levels, classes, areas, detection limits. */
  shape: [number, number, number, number, number]
}

/** Precision and recall of every class, area and threshold. The envelope changes only at hits, so only hits are kept. */
export function accumulate(matching: Matching): CocoCurves {
  const { classCount, positives, ranges } = matching
  const curves: CocoCurves = {
    precision: new Float64Array(thresholds * levels * classCount * ranges.length).fill(-1),
    recall: new Float64Array(thresholds * classCount * ranges.length * detectionLimits.length).fill(-1),
    shape: [thresholds, levels, classCount, ranges.length, detectionLimits.length],
  }
  let most = 0
  for (const count of positives) most = Math.max(most, count)
  const hits = {
    most,
    count: new Uint32Array(thresholds),
    precision: new Float64Array(thresholds * most),
    byLimit: new Uint32Array(thresholds * detectionLimits.length),
  }
  for (let c = 0; c < classCount; c++) {
    for (let a = 0; a < ranges.length; a++) {
      if (positives[c * ranges.length + a] === 0) continue
      collectHits(matching, c, a, hits)
      writeCurves(curves, hits, c, a, positives[c * ranges.length + a]!)
    }
  }
  return curves
}

type Hits = {
  most: number
  /** Hits by threshold. */
  count: Uint32Array
  /** Precision at each hit, at threshold × most + hit. */
  precision: Float64Array
  /** Hits among the first 1, 10 and 100 detections of their image, at threshold × limits + limit. */
  byLimit: Uint32Array
}

function collectHits({ classStart, rank, matched, ignored, ranges }: Matching, c: number, a: number, hits: Hits): void {
  hits.count.fill(0)
  hits.byLimit.fill(0)
  const left = new Uint32Array(thresholds)
  const areas = ranges.length
  let seen = 0
  for (let i = classStart[c]!; i < classStart[c + 1]!; i++) {
    const placed = rank[i]!
    if (placed === maxDetections) continue
    const skip = ignored[i * areas + a]!
    if (skip === allThresholds) continue
    seen++
    for (let t = 0, rest = skip; rest; t++, rest >>= 1) if (rest & 1) left[t]!++
    for (let t = 0, rest = matched[i * areas + a]! & ~skip; rest; t++, rest >>= 1) {
      if (!(rest & 1)) continue
      const hit = hits.count[t]!++
      hits.precision[t * hits.most + hit] = (hit + 1) / (seen - left[t]! + spacing)
      for (let limit = 0; limit < detectionLimits.length; limit++) {
        if (placed < detectionLimits[limit]!) hits.byLimit[t * detectionLimits.length + limit]!++
      }
    }
  }
}

function writeCurves(curves: CocoCurves, hits: Hits, c: number, a: number, positives: number): void {
  const [, , classes, areas, limits] = curves.shape
  for (let t = 0; t < thresholds; t++) {
    const count = hits.count[t]!
    const envelope = hits.precision.subarray(t * hits.most, t * hits.most + count)
    for (let i = count - 1; i > 0; i--) if (envelope[i]! > envelope[i - 1]!) envelope[i - 1] = envelope[i]!
    for (let limit = 0; limit < limits; limit++) {
      curves.recall[((t * classes + c) * areas + a) * limits + limit] = hits.byLimit[t * limits + limit]! / positives
    }
    let hit = 0
    for (let r = 0; r < levels; r++) {
      while (hit < count && (hit + 1) / positives < recallLevels[r]!) hit++
      curves.precision[((t * levels + r) * classes + c) * areas + a] = hit < count ? envelope[hit]! : 0
    }
  }
}

/** Index of COCO's area range by name. */
export function areaIndex(name: string): number {
  return areaRanges.findIndex((range) => range.name === name)
}
