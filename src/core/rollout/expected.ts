import type { PredictionSet } from '../metrics/predictions-file.ts'
import { agreementLimits, compareFrame, type FrameAgreement } from './agreement.ts'

/**
 * What a rollout may expect to see, from predictions of both models on the same images: mean share of the champion's
 * confident boxes that the challenger has no box for, and the other way round; null where the champion has none.
 */
export function agreementOf(
  champion: PredictionSet,
  challenger: PredictionSet,
): { images: number; lost: number; gained: number } | null {
  const frames = champion.images.map((_, image) => compareFrame(frameOf(champion, image), frameOf(challenger, image)))
  const lost = shares(frames, ({ lost: boxes, championConfident }) => [boxes, championConfident])
  const gained = shares(frames, ({ gained: boxes, challengerConfident }) => [boxes, challengerConfident])
  if (lost.length === 0) return null
  const mean = (values: number[]) => (values.length === 0 ? 0 : values.reduce((sum, v) => sum + v, 0) / values.length)
  return { images: frames.length, lost: mean(lost), gained: mean(gained) }
}

function shares(frames: FrameAgreement[], of: (frame: FrameAgreement) => [number, number]): number[] {
  return frames.map(of).flatMap(([some, all]) => (all > 0 ? [some / all] : []))
}

function frameOf({ detections }: PredictionSet, image: number): PredictionSet['detections'] {
  const rows = Array.from({ length: detections.count }, (_, row) => row).filter(
    (row) => detections.image[row] === image && (detections.score[row] ?? 0) >= agreementLimits.matchConfidence,
  )
  const take = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] ?? 0)
  return {
    count: rows.length,
    image: new Int32Array(rows.length),
    classId: Int32Array.from(rows, (row) => detections.classId[row] ?? 0),
    score: take(detections.score),
    x: take(detections.x),
    y: take(detections.y),
    w: take(detections.w),
    h: take(detections.h),
  }
}
