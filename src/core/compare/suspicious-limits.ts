import { doubtsOf, type Issue } from './suspicious-doubts.ts'
import type { LabelledImage } from './suspicious-scores.ts'

/** How large a disagreement of each kind must be for each class to be told; `boxes` trusted ones taught it. */
export type Limits = { of: (issue: Issue, classId: number) => number; boxes: number }

const untaught: Record<Issue, number> = { swapped: 0.3, 'badly-located': 0.38, overlooked: 0.5 }
const least = 0.75
const margin = 1.25
const fewest = 30
/** Share of trusted boxes that may disagree more: labels are never all right. */
const tolerated = 0.002

/**
 * Limits a quarter above the largest disagreement that a model shows on trusted labels of a class (of a thousand boxes,
 * the third largest), from three quarters of the fixed ones up to these: lower, right labels are told for a trifle, and
 * higher, what a model finds hard would hide what is plainly wrong.
 * A class with fewer than thirty trusted boxes keeps the fixed limits.
 */
export function limitsFrom(trusted: readonly LabelledImage[], classCount: number): Limits {
  const counts = new Uint32Array(classCount)
  const scores = new Map<string, number[]>()
  for (const image of trusted) {
    for (const { classId } of image.labels) if (classId < classCount) counts[classId]!++
    for (const { issue, score, label, box } of doubtsOf(image)) {
      const key = `${issue} ${(label ?? box).classId}`
      const list = scores.get(key)
      if (list) list.push(score)
      else scores.set(key, [score])
    }
  }
  const cache = new Map<string, number>()
  const learn = (issue: Issue, classId: number) => {
    const count = counts[classId] ?? 0
    const worst = (scores.get(`${issue} ${classId}`) ?? []).sort((a, b) => b - a)[Math.floor(tolerated * count)] ?? 0
    return count < fewest
      ? untaught[issue]
      : Math.min(untaught[issue], Math.max(least * untaught[issue], margin * worst))
  }
  const of = (issue: Issue, classId: number) => {
    const key = `${issue} ${classId}`
    const known = cache.get(key) ?? learn(issue, classId)
    cache.set(key, known)
    return known
  }
  return { of, boxes: counts.reduce((sum, count) => sum + count, 0) }
}
