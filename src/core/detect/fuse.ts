import { type Box, iou } from '../geometry/boxes.ts'

/** Boxes of one model: corners x1, y1, x2, y2 (4 numbers a box), in any order and the same unit for all models. */
export type ModelBoxes = { corners: ArrayLike<number>; score: ArrayLike<number>; classId: ArrayLike<number> }
export type FusedBox = Box & { classId: number; score: number }

type Vote = Box & { score: number }

/**
 * Weighted box fusion of several models (Solovyev et al. 2021): by falling score, a box joins the fused box of its class
 * that it overlaps most, if by more than `limit`, and that becomes the score-weighted mean of its members. A fused score
 * is the mean of its members, times min(members, models) over the sum of weights: what few models see counts less.
 */
export function fuseBoxes(
  models: readonly ModelBoxes[],
  { limit = 0.55, weights = models.map(() => 1) }: { limit?: number; weights?: readonly number[] } = {},
): FusedBox[] {
  const byClass = new Map<number, Vote[]>()
  for (const [m, { corners, score, classId }] of models.entries()) {
    for (let row = 0; row < score.length; row++) {
      const side = (i: number) => corners[4 * row + i] as number
      const box = { x1: side(0), y1: side(1), x2: side(2), y2: side(3) }
      const vote = { ...box, score: (score[row] as number) * (weights[m] as number) }
      if (!(vote.x2 > vote.x1 && vote.y2 > vote.y1)) continue
      const votes = byClass.get(classId[row] as number)
      if (votes) votes.push(vote)
      else byClass.set(classId[row] as number, [vote])
    }
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const fused = [...byClass].flatMap(([classId, votes]) =>
    clusters(votes, limit).map(({ members, box }) => {
      const mean = members.reduce((sum, { score }) => sum + score, 0) / members.length
      return { ...box, classId, score: (mean * Math.min(models.length, members.length)) / total }
    }),
  )
  return fused.sort((a, b) => b.score - a.score || a.classId - b.classId)
}

function clusters(votes: Vote[], limit: number): { members: Vote[]; box: Box }[] {
  const found: { members: Vote[]; box: Box }[] = []
  for (const vote of [...votes].sort((a, b) => b.score - a.score)) {
    const best = { overlap: limit, at: -1 }
    for (const [at, { box }] of found.entries()) {
      const overlap = iou(box, vote)
      if (overlap > best.overlap) Object.assign(best, { overlap, at })
    }
    const cluster = found[best.at]
    if (cluster) {
      cluster.members.push(vote)
      cluster.box = weightedMean(cluster.members)
    } else found.push({ members: [vote], box: { x1: vote.x1, y1: vote.y1, x2: vote.x2, y2: vote.y2 } })
  }
  return found
}

function weightedMean(members: readonly Vote[]): Box {
  const total = members.reduce((sum, { score }) => sum + score, 0)
  const mean = (side: keyof Box) => members.reduce((sum, vote) => sum + vote.score * vote[side], 0) / total
  return { x1: mean('x1'), y1: mean('y1'), x2: mean('x2'), y2: mean('y2') }
}
