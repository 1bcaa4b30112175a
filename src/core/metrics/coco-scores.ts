import type { Matching } from './coco-match.ts'
import { allThresholds, iouThresholds, maxDetections, recallLevels } from './coco-parameters.ts'
import type { DetectionColumns } from './columns.ts'

const thresholds = iouThresholds.length
const levels = recallLevels.length

/**
 * Score at which each recall level is first reached with 100 detections, [threshold][recall level][class][area], as the
 * reference code's `scores`: 0 where it never is, -1 for a class without ground truth. Not part of every evaluation,
 * since nothing but a choice of thresholds reads it.
 */
export function scoresAtRecall(matching: Matching, { score }: DetectionColumns): Float64Array {
  const { classCount, classStart, positives, ranges, rank, row } = matching
  const areas = ranges.length
  const scores = new Float64Array(thresholds * levels * classCount * areas).fill(-1)
  for (let c = 0; c < classCount; c++) {
    const kept: number[] = []
    for (let i = classStart[c]!; i < classStart[c + 1]!; i++) if (rank[i]! !== maxDetections) kept.push(i)
    for (let a = 0; a < areas; a++) {
      const truths = positives[c * areas + a]!
      if (truths === 0) continue
      const reached = hitScores(matching, kept, a, (position) => score[row[position]!]!)
      const first = kept.length > 0 ? score[row[kept[0]!]!]! : 0
      for (let t = 0; t < thresholds; t++) {
        const hits = reached[t]!
        let hit = 0
        for (let r = 0; r < levels; r++) {
          while (hit < hits.length && (hit + 1) / truths < recallLevels[r]!) hit++
          // Recall 0 is reached by the first detection, whatever it is.
          scores[((t * levels + r) * classCount + c) * areas + a] = r === 0 ? first : (hits[hit] ?? 0)
        }
      }
    }
  }
  return scores
}

/** Scores of the hits at each threshold, best first. */
function hitScores(
  { matched, ignored, ranges }: Matching,
  kept: readonly number[],
  area: number,
  scoreOf: (position: number) => number,
): number[][] {
  const reached = Array.from({ length: thresholds }, (): number[] => [])
  for (const position of kept) {
    const at = position * ranges.length + area
    const hit = matched[at]! & ~ignored[at]! & allThresholds
    for (let t = 0; t < thresholds; t++) if (hit & (1 << t)) reached[t]!.push(scoreOf(position))
  }
  return reached
}
