import { iou } from '../geometry/boxes.ts'
import type { LabelBox, LabelledImage, PredictedBox } from './suspicious-scores.ts'

export type Issue = 'overlooked' | 'badly-located' | 'swapped'

/** A disagreement of labels and predictions; score 1 is worst. */
export type Doubt = { issue: Issue; score: number; label: LabelBox | null; box: PredictedBox }

// Predictions below are no witness, and from .25 of score times overlap confirm a class; boxes that overlap by half
// show one object; badly placed, they still touch.
const witness = 0.1
const confirmed = 0.25
const sameObject = 0.5
const touching = 0.05

/**
 * Every disagreement of one image, whatever its size: which ones are told is decided by limits. Labels and predictions
 * of a class are paired first, the best overlap first, so that a neighbour of the same class is no contradiction.
 */
export function doubtsOf({ labels, predictions }: LabelledImage): Doubt[] {
  const boxes = predictions.filter(({ score }) => score > witness)
  const { ofLabel, taken } = pairUp(labels, boxes)
  const doubts: Doubt[] = []
  const swappedAway = new Set<PredictedBox>()
  for (const [at, label] of labels.entries()) {
    const pair = ofLabel[at]
    const swap = swapOf(label, labels, boxes)
    if (swap) {
      doubts.push(swap)
      swappedAway.add(swap.box)
    }
    if (pair) {
      const overlap = iou(label, pair)
      doubts.push({ issue: 'badly-located', score: Math.sqrt(pair.score) * (1 - overlap), label, box: pair })
    }
  }
  for (const box of boxes) {
    if (taken.has(box) || swappedAway.has(box)) continue
    const shown = labels.some((label) => iou(label, box) > (label.classId === box.classId ? 0.2 : sameObject))
    const twice = boxes.some((other) => other !== box && other.score > box.score && iou(other, box) > sameObject)
    if (!shown && !twice) doubts.push({ issue: 'overlooked', score: box.score, label: null, box })
  }
  return doubts
}

/** A prediction of another class on the label, less what speaks for its own class there; none where that is plain. */
function swapOf(label: LabelBox, labels: readonly LabelBox[], boxes: readonly PredictedBox[]): Doubt | null {
  let against: { box: PredictedBox; weight: number } | null = null
  let support = 0
  for (const box of boxes) {
    const overlap = iou(label, box)
    if (overlap <= sameObject) continue
    const weight = overlap * box.score
    if (box.classId === label.classId) support = Math.max(support, weight)
    else if (weight > (against?.weight ?? 0) && !explained(box, overlap, labels)) against = { box, weight }
  }
  return against && support < confirmed
    ? { issue: 'swapped', score: against.weight - support, label, box: against.box }
    : null
}

/** A prediction contradicts nobody where a label of its class explains it as well. */
function explained(box: PredictedBox, overlap: number, labels: readonly LabelBox[]): boolean {
  return labels.some((other) => other.classId === box.classId && iou(other, box) >= overlap)
}

/** Pairs labels with predictions of their class one to one, the largest overlap first. */
function pairUp(labels: readonly LabelBox[], boxes: readonly PredictedBox[]) {
  const pairs: { at: number; box: PredictedBox; overlap: number }[] = []
  for (const [at, label] of labels.entries()) {
    for (const box of boxes) {
      if (box.classId !== label.classId) continue
      const overlap = iou(label, box)
      if (overlap > touching) pairs.push({ at, box, overlap })
    }
  }
  pairs.sort((a, b) => b.overlap * b.box.score - a.overlap * a.box.score)
  const ofLabel: (PredictedBox | null)[] = labels.map(() => null)
  const taken = new Set<PredictedBox>()
  for (const { at, box } of pairs) {
    if (ofLabel[at] || taken.has(box)) continue
    ofLabel[at] = box
    taken.add(box)
  }
  return { ofLabel, taken }
}
