import type { SuspiciousBody } from '../documents/operational.ts'
import { iou } from '../geometry/boxes.ts'
import {
  issueThresholds,
  type LabelBox,
  type LabelledImage,
  labelQuality,
  type PredictedBox,
} from './suspicious-scores.ts'

/** Labels and predictions of one image in its pixels, with its name and size. */
export type NamedImage = LabelledImage & { name: string; width: number; height: number }

type Item = SuspiciousBody['items'][number]
type Doubt = Pick<Item, 'issue' | 'score'> & { label: LabelBox | null; box: PredictedBox | null }

/** Sides are scaled so that the longer is this many pixels: ObjectLab's distances are in pixels. */
const longSide = 1024
const sure = 0.25
const sameObject = 0.6
const near = { least: 0.25, most: 0.65 }

/**
 * Labels that a model disagrees with, most suspicious first (score 1 is worst). Two judges: ObjectLab's label quality,
 * and plain disagreement with every prediction above 0.25, which also speaks where a small model is never certain.
 */
export function findSuspicious(images: readonly NamedImage[], classNames: readonly string[]): SuspiciousBody {
  const scaled = images.map(rescale)
  const quality = labelQuality(scaled)
  const thresholds = issueThresholds(scaled, classNames.length)
  const items = images.flatMap((image, i) => {
    const { labels, predictions } = image
    const isIssue = (score: number | undefined, classId: number) =>
      score !== undefined && score <= (thresholds[classId] ?? 0)
    const { swapped, badlyLocated, overlooked } = quality[i] as (typeof quality)[number]
    const doubts = labels.flatMap((label, at): Doubt[] => {
      const plain = disagreement(label, labels, predictions)
      const [swap = 1, location = 1] = [swapped[at], badlyLocated[at]]
      if (isIssue(swap, label.classId) || plain?.issue === 'swapped') {
        const box = plain?.issue === 'swapped' ? plain.box : contradiction(label, predictions)
        return [worst({ issue: 'swapped', score: 1 - swap, label, box }, plain)]
      }
      if (isIssue(location, label.classId) || plain) {
        return [
          worst(
            { issue: 'badly-located', score: 1 - location, label, box: plain?.box ?? nearest(label, predictions) },
            plain,
          ),
        ]
      }
      return []
    })
    const missing = predictions.flatMap((box, at): Doubt[] =>
      isIssue(overlooked[at], box.classId)
        ? [{ issue: 'overlooked', score: 1 - (overlooked[at] as number), label: null, box }]
        : [],
    )
    return [...doubts, ...missing].map((doubt) => itemOf(image, doubt, classNames))
  })
  items.sort((a, b) => b.score - a.score || (a.image < b.image ? -1 : a.image > b.image ? 1 : 0))
  return {
    images: images.length,
    boxes: images.reduce((sum, { labels }) => sum + labels.length, 0),
    flagged: items.length,
    items,
    byClass: classNames.map((className, classId) => ({
      className,
      boxes: images.reduce((sum, { labels }) => sum + labels.filter((box) => box.classId === classId).length, 0),
      flagged: items.filter((item) => item.className === className).length,
    })),
    method: `ObjectLab scores (long side ${longSide} px) and disagreement with predictions above ${sure}: another class from IoU ${sameObject} is a swap, the same class only between IoU ${near.least} and ${near.most} a bad place`,
  }
}

/** What a person would see at once: a confident other class on the box, or the same class beside it. */
function disagreement(
  label: LabelBox,
  labels: readonly LabelBox[],
  predictions: readonly PredictedBox[],
): Doubt | null {
  let other: { box: PredictedBox; overlap: number } | null = null
  let same: { box: PredictedBox; overlap: number } | null = null
  for (const box of predictions) {
    if (box.score <= sure) continue
    const overlap = iou(label, box)
    if (box.classId === label.classId) {
      if (overlap > (same?.overlap ?? 0)) same = { box, overlap }
    } else if (overlap > sameObject && overlap > (other?.overlap ?? 0)) other = { box, overlap }
  }
  const confirmed = same !== null && same.overlap > sameObject
  // A prediction of the other class is no contradiction where a label of that class explains it as well.
  const explained =
    other !== null && labels.some((b) => b.classId === other.box.classId && iou(b, other.box) >= other.overlap)
  if (other && !confirmed && !explained) {
    return { issue: 'swapped', score: other.box.score * other.overlap, label, box: other.box }
  }
  if (same && same.overlap > near.least && same.overlap < near.most) {
    return { issue: 'badly-located', score: same.box.score * (1 - same.overlap), label, box: same.box }
  }
  return null
}

function worst(scored: Doubt, plain: Doubt | null): Doubt {
  return { ...scored, score: Math.max(scored.score, plain?.issue === scored.issue ? plain.score : 0) }
}

function contradiction(label: LabelBox, predictions: readonly PredictedBox[]): PredictedBox | null {
  return nearestOf(
    label,
    predictions.filter((box) => box.classId !== label.classId && box.score > sure),
  )
}

function nearest(label: LabelBox, predictions: readonly PredictedBox[]): PredictedBox | null {
  return nearestOf(
    label,
    predictions.filter((box) => box.classId === label.classId && box.score > sure),
  )
}

function nearestOf(label: LabelBox, boxes: readonly PredictedBox[]): PredictedBox | null {
  let best: PredictedBox | null = null
  for (const box of boxes) if (iou(label, box) > (best ? iou(label, best) : 0)) best = box
  return best
}

function rescale({ labels, predictions, width, height }: NamedImage): LabelledImage {
  const by = longSide / Math.max(width, height)
  const scaled = <T extends LabelBox>(box: T): T => ({
    ...box,
    x1: box.x1 * by,
    y1: box.y1 * by,
    x2: box.x2 * by,
    y2: box.y2 * by,
  })
  return { labels: labels.map(scaled), predictions: predictions.map(scaled) }
}

function itemOf(
  { name, width, height }: NamedImage,
  { issue, score, label, box }: Doubt,
  classNames: readonly string[],
): Item {
  const shown = (from: LabelBox | null) =>
    from
      ? [
          (from.x1 + from.x2) / 2 / width,
          (from.y1 + from.y2) / 2 / height,
          (from.x2 - from.x1) / width,
          (from.y2 - from.y1) / height,
        ].map((side) => Math.round(side * 1e6) / 1e6)
      : []
  const nameOf = (from: LabelBox | null) => (from ? (classNames[from.classId] ?? String(from.classId)) : '')
  return {
    image: name,
    issue,
    score: Math.round(score * 1e6) / 1e6,
    className: nameOf(label ?? box),
    predictedClass: nameOf(box),
    confidence: Math.round((box?.score ?? 0) * 1e6) / 1e6,
    box: shown(label),
    predicted: shown(box),
  }
}
