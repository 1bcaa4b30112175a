import type { SuspiciousBody } from '../documents/operational.ts'
import { type Doubt, doubtsOf, type Issue } from './suspicious-doubts.ts'
import { type Limits, limitsFrom } from './suspicious-limits.ts'
import {
  issueThresholds,
  type LabelBox,
  type LabelledImage,
  type LabelQuality,
  labelQuality,
} from './suspicious-scores.ts'

/** Labels and predictions of one image in its pixels, with its name and size. */
export type NamedImage = LabelledImage & { name: string; width: number; height: number }

type Item = SuspiciousBody['items'][number]

/** Sides are scaled so that the longer is this many pixels: ObjectLab's distances are in pixels. */
const longSide = 1024

export type SuspicionOptions = {
  /** Images with labels that are right, which the model did not train on either: they say how it errs by itself. */
  trusted?: readonly LabelledImage[]
  /** Images that were not looked at, and why; one clause. */
  leftOut?: string
}

/**
 * Labels that a model disagrees with, most suspicious first (score 1 is worst, ½ is at the limit). Two judges: plain
 * disagreement beyond what the model shows on trusted labels of the class, and ObjectLab's label quality where the
 * model is certain. The model must not have trained on these images.
 */
export function findSuspicious(
  images: readonly NamedImage[],
  classNames: readonly string[],
  { trusted = [], leftOut }: SuspicionOptions = {},
): SuspiciousBody {
  const limits = limitsFrom(trusted, classNames.length)
  const scaled = images.map(rescale)
  const quality = labelQuality(scaled)
  const thresholds = issueThresholds(scaled, classNames.length)
  const items = images.flatMap((image, i) => {
    const plain = doubtsOf(image).flatMap((doubt) => beyond(doubt, limits))
    const certain = certainDoubts(image, quality[i] as LabelQuality, thresholds)
    return worstOfEach([...plain, ...certain]).map((doubt) => itemOf(image, doubt, classNames))
  })
  items.sort((a, b) => b.score - a.score || (a.image < b.image ? -1 : a.image > b.image ? 1 : 0))
  const boxesOf = (classId: number) =>
    images.reduce((sum, { labels }) => sum + labels.filter((box) => box.classId === classId).length, 0)
  return {
    images: images.length,
    boxes: images.reduce((sum, { labels }) => sum + labels.length, 0),
    flagged: items.length,
    items,
    byClass: classNames.map((className, classId) => ({
      className,
      boxes: boxesOf(classId),
      flagged: items.filter((item) => item.className === className).length,
    })),
    method: [
      'disagreement with predictions, beyond ' +
        (limits.boxes > 0 ? `that on ${limits.boxes} trusted boxes of the same classes` : 'fixed limits'),
      `ObjectLab scores (long side ${longSide} px) where the model is certain`,
      ...(leftOut ? [leftOut] : []),
    ].join('; '),
  }
}

function beyond(doubt: Doubt, limits: Limits): Doubt[] {
  const limit = limits.of(doubt.issue, (doubt.label ?? doubt.box).classId)
  return doubt.score > limit ? [{ ...doubt, score: 1 - limit / (2 * doubt.score) }] : []
}

/** ObjectLab's issues; its bad places are left to the limits above, which know what the model errs by itself. */
function certainDoubts(image: NamedImage, quality: LabelQuality, thresholds: readonly number[]): Doubt[] {
  const found: Doubt[] = []
  const add = (issue: Issue, score: number, label: LabelBox | null, box: Doubt['box'] | undefined) => {
    const limit = thresholds[(label ?? box)?.classId ?? -1] ?? 0
    if (box && score <= limit) found.push({ issue, score: 1 - score, label, box })
  }
  for (const [at, label] of image.labels.entries()) {
    const others = image.predictions.filter((box) => box.classId !== label.classId && box.score > 0.95)
    const [surest] = others.sort((a, b) => distance(label, a) - distance(label, b))
    add('swapped', quality.swapped[at] ?? 1, label, surest)
  }
  for (const [at, box] of image.predictions.entries()) add('overlooked', quality.overlooked[at] ?? 1, null, box)
  return found
}

function distance(a: LabelBox, b: LabelBox): number {
  return Math.hypot(a.x1 + a.x2 - b.x1 - b.x2, a.y1 + a.y2 - b.y1 - b.y2)
}

/** One doubt a label, and one a prediction that no label shows. */
function worstOfEach(doubts: readonly Doubt[]): Doubt[] {
  const worst = new Map<LabelBox, Doubt>()
  for (const doubt of doubts) {
    const about = doubt.label ?? doubt.box
    if (doubt.score > (worst.get(about)?.score ?? 0)) worst.set(about, doubt)
  }
  return [...worst.values()]
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
  const nameOf = (from: LabelBox) => classNames[from.classId] ?? String(from.classId)
  return {
    image: name,
    issue,
    score: Math.round(score * 1e6) / 1e6,
    className: nameOf(label ?? box),
    predictedClass: nameOf(box),
    confidence: Math.round(box.score * 1e6) / 1e6,
    box: shown(label),
    predicted: shown(box),
  }
}
