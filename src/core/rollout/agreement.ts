import { type Box, iou } from '../geometry/boxes.ts'
import type { DetectionColumns } from '../metrics/columns.ts'

/** Both models on one frame; counts of boxes. */
export type FrameAgreement = {
  /** Boxes of the champion with confidence ≥ 0.5, and how many of them the challenger has no box for. */
  championConfident: number
  lost: number
  /** The same the other way round: what the challenger finds and the champion does not. */
  challengerConfident: number
  gained: number
  /** Champion's confident boxes that the challenger has too. */
  kept: number
  /** Sum over kept boxes of challenger's minus champion's confidence. */
  confidenceShift: number
  /** Sum over kept boxes of the overlap. */
  overlap: number
}

export const agreementLimits = { confident: 0.5, matchConfidence: 0.25, iou: 0.5 } as const

/**
 * Agreement without labels on one frame. A confident box (≥ 0.5) counts as kept when the other model has an unused box
 * of the same class at IoU ≥ 0.5 with confidence ≥ 0.25: the lower bar keeps a box that slips from 0.51 to 0.49 from
 * counting as lost. The two directions stay apart on purpose: a better model gains boxes, a broken one loses them.
 */
export function compareFrame(champion: DetectionColumns, challenger: DetectionColumns): FrameAgreement {
  const kept = matches(champion, challenger)
  const found = matches(challenger, champion)
  return {
    championConfident: kept.confident,
    lost: kept.confident - kept.pairs.length,
    challengerConfident: found.confident,
    gained: found.confident - found.pairs.length,
    kept: kept.pairs.length,
    confidenceShift: kept.pairs.reduce((sum, pair) => sum + pair.theirs - pair.ours, 0),
    overlap: kept.pairs.reduce((sum, pair) => sum + pair.overlap, 0),
  }
}

type Pair = { ours: number; theirs: number; overlap: number }

/** Greedy, our most confident box first, each takes the best overlapping free box of its class. */
function matches(ours: DetectionColumns, theirs: DetectionColumns): { confident: number; pairs: Pair[] } {
  const { confident: bar, matchConfidence, iou: least } = agreementLimits
  const rows = [...ours.score.keys()].filter((row) => row < ours.count && (ours.score[row] as number) >= bar)
  rows.sort((a, b) => (ours.score[b] as number) - (ours.score[a] as number))
  const used = new Set<number>()
  const pairs: Pair[] = []
  for (const row of rows) {
    let best = -1
    let overlap: number = least
    for (let other = 0; other < theirs.count; other++) {
      if (used.has(other) || theirs.classId[other] !== ours.classId[row]) continue
      if ((theirs.score[other] as number) < matchConfidence) continue
      const shared = iou(boxOf(ours, row), boxOf(theirs, other))
      if (shared >= overlap && (best < 0 || shared > overlap)) {
        best = other
        overlap = shared
      }
    }
    if (best < 0) continue
    used.add(best)
    pairs.push({ ours: ours.score[row] as number, theirs: theirs.score[best] as number, overlap })
  }
  return { confident: rows.length, pairs }
}

function boxOf(d: DetectionColumns, row: number): Box {
  const x1 = d.x[row] as number
  const y1 = d.y[row] as number
  return { x1, y1, x2: x1 + (d.w[row] as number), y2: y1 + (d.h[row] as number) }
}
