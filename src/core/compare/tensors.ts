import type { Head } from '../detect/decode.ts'

type Tensor = { values: Float32Array; head: Head }
export type TensorParity = { images: number; maxPx: number; meanPx: number; maxScore: number; meanScore: number }

/**
 * How far the outputs of two networks part, boxes in pixels of the network and scores apart; null when a head has suppressed
 * its boxes already, since one row more shifts all that follow, or when the two are laid out differently.
 */
export function compareTensors(pairs: readonly [Tensor, Tensor][]): TensorParity | null {
  const sum = { px: 0, score: 0, boxes: 0, scores: 0 }
  const result = { images: pairs.length, maxPx: 0, maxScore: 0 }
  for (const [{ values, head }, other] of pairs) {
    if (head.kind !== 'raw' || other.head.kind !== 'raw' || values.length !== other.values.length) return null
    const boxes = 4 * head.anchors
    values.forEach((value, i) => {
      const apart = Math.abs(value - (other.values[i] as number))
      // NaN is no agreement, and a largest value would pass it by.
      const difference = Number.isFinite(apart) ? apart : Number.MAX_VALUE
      if (i < boxes) {
        result.maxPx = Math.max(result.maxPx, difference)
        sum.px += difference
      } else {
        result.maxScore = Math.max(result.maxScore, difference)
        sum.score += difference
      }
    })
    sum.boxes += boxes
    sum.scores += values.length - boxes
  }
  return { ...result, meanPx: sum.px / Math.max(1, sum.boxes), meanScore: sum.score / Math.max(1, sum.scores) }
}
