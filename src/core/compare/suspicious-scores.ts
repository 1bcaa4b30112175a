import { area, type Box, intersection, iou } from '../geometry/boxes.ts'

export type LabelBox = Box & { classId: number }
export type PredictedBox = LabelBox & { score: number }
export type LabelledImage = { labels: LabelBox[]; predictions: PredictedBox[] }

/** Label quality of one image after ObjectLab (Tkachenko and others, 2023): 1 is good, 0 is bad. */
export type LabelQuality = {
  /** One a prediction; NaN when the question does not arise. */
  overlooked: number[]
  /** One a label. */
  badlyLocated: number[]
  swapped: number[]
  image: number
}

const alpha = 0.9
const certain = 0.95
const likely = 0.5
const temperature = 0.1

/** ObjectLab's scores of all boxes; predictions should come from a model that did not train on these images. */
export function labelQuality(images: readonly LabelledImage[]): LabelQuality[] {
  const least = leastSimilarity(images)
  return images.map(({ labels, predictions }) => {
    const overlooked = predictions.map((box) => overlookedScore(box, labels, least))
    const badlyLocated = labels.map((label) => badlyLocatedScore(label, predictions))
    const swapped = labels.map((label) => swappedScore(label, labels, predictions, least))
    const parts = [softMinimum(overlooked), softMinimum(badlyLocated), softMinimum(swapped)]
    const image = Math.exp(parts.reduce((sum, part) => sum + Math.log(part + 1e-100) / 3, 0))
    return { overlooked, badlyLocated, swapped, image }
  })
}

/** 0.9 IoU + 0.1 exp(−d / 10), d between centres in pixels. */
function similarity(a: Box, b: Box): number {
  const d = Math.hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2, (a.y1 + a.y2 - b.y1 - b.y2) / 2)
  return alpha * iou(a, b) + (1 - alpha) * Math.exp(-0.1 * d)
}

function leastSimilarity(images: readonly LabelledImage[]): number {
  let least = 1
  for (const { labels, predictions } of images) {
    for (const label of labels) {
      for (const box of predictions) {
        const value = similarity(label, box)
        if (value > 0 && value < least) least = value
      }
    }
  }
  return least
}

function overlookedScore(box: PredictedBox, labels: readonly LabelBox[], least: number): number {
  if (box.score < certain || labels.some((label) => overlaps(label, box))) return Number.NaN
  const same = labels.filter((label) => label.classId === box.classId)
  return same.length > 0 ? Math.max(...same.map((label) => similarity(label, box))) : least * (1 - box.score)
}

function badlyLocatedScore(label: LabelBox, predictions: readonly PredictedBox[]): number {
  const near = predictions.filter((box) => box.classId === label.classId && box.score > likely && overlaps(label, box))
  return near.length > 0 ? Math.max(...near.map((box) => similarity(label, box))) : 1
}

function swappedScore(
  label: LabelBox,
  labels: readonly LabelBox[],
  predictions: readonly PredictedBox[],
  least: number,
): number {
  if (labels.some((other) => other.classId !== label.classId && iou(label, other) >= 0.95)) return least
  const others = predictions.filter((box) => box.classId !== label.classId && box.score > certain)
  return others.length > 0 ? Math.max(least, 1 - Math.max(...others.map((box) => similarity(label, box)))) : 1
}

function overlaps(a: Box, b: Box): boolean {
  return intersection(a, b) > 0 && area(a) > 0
}

/** Mean of the scores, weighted towards the lowest; NaN is left out, nothing gives 1. */
export function softMinimum(scores: readonly number[]): number {
  const known = scores.filter((score) => !Number.isNaN(score))
  if (known.length === 0) return 1
  const weights = known.map((score) => Math.exp((1 - score) / temperature))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return known.reduce((total, score, i) => total + (score * (weights[i] as number)) / sum, 0)
}

/**
 * Score at or below which a box of a class is an issue: a quarter of the class's AP (mean over IoU .5 to .95, area
 * under the whole curve), times 0.8; a class that the model cannot find has 0, so that nothing of it is flagged.
 */
export function issueThresholds(images: readonly LabelledImage[], classCount: number): number[] {
  return Array.from({ length: classCount }, (_, classId) => 0.8 * 0.25 * meanAp(images, classId))
}

function meanAp(images: readonly LabelledImage[], classId: number): number {
  const labels = images.map((image) => image.labels.filter((box) => box.classId === classId))
  const total = labels.reduce((sum, boxes) => sum + boxes.length, 0)
  if (total === 0) return 0
  const ranked = images
    .flatMap(({ predictions }, image) =>
      predictions.filter((box) => box.classId === classId).map((box) => ({ box, image })),
    )
    .sort((a, b) => b.box.score - a.box.score)
  let sum = 0
  for (let step = 0; step < 10; step++) sum += areaUnderCurve(hitsOf(ranked, labels, 0.5 + step * 0.05), total)
  return sum / 10
}

function hitsOf(
  ranked: readonly { box: PredictedBox; image: number }[],
  labels: readonly LabelBox[][],
  limit: number,
): boolean[] {
  const taken = labels.map((boxes) => new Uint8Array(boxes.length))
  return ranked.map(({ box, image }) => {
    const overlaps = (labels[image] as LabelBox[]).map((label) => iou(label, box))
    const best = overlaps.indexOf(Math.max(...overlaps))
    const free = taken[image] as Uint8Array
    if (best < 0 || (overlaps[best] as number) < limit || free[best] === 1) return false
    free[best] = 1
    return true
  })
}

/** Area under the precision envelope over recall. */
function areaUnderCurve(hits: readonly boolean[], total: number): number {
  let found = 0
  const precision = hits.map((hit, i) => {
    if (hit) found++
    return found / (i + 1)
  })
  let sum = 0
  let envelope = 0
  for (let i = hits.length - 1; i >= 0; i--) {
    envelope = Math.max(envelope, precision[i] as number)
    if (hits[i]) sum += envelope / total
  }
  return sum
}
