import { descendingOrder, groupByKey } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { overlap } from './overlap.ts'

/** Why a detection is no hit, or a truth is missed, in the order in which causes are asked for. */
export const tideErrors = ['localisation', 'classification', 'duplicate', 'background', 'both', 'missed'] as const
export type TideError = (typeof tideErrors)[number]

/** Codes of TideMatch.kind beside the index of the error: not among the best 100 of its image, and a hit. */
const notLooked = -2
export const isHit = -1

/** Overlap from which a detection is a hit, and up to which it lies on background. */
export const tideOverlaps = { hit: 0.5, background: 0.1 }
const mostDetections = 100

export type TideMatch = {
  /** Detections that were looked at, image by image and in falling score: equal scores keep this order. */
  order: Uint32Array
  /** By detection: an index into tideErrors, `isHit` or `notLooked`. */
  kind: Int8Array
  /** By detection: the truth that an error is about, −1 for none. */
  about: Int32Array
  /** By detection: inside a crowd of its class, so neither hit nor false alarm of AP. */
  inCrowd: Uint8Array
  /** By truth: bound to a hit; and not, and no localisation or classification error could have been it. */
  taken: Uint8Array
  missed: Uint8Array
}

const code = { localisation: 0, classification: 1, duplicate: 2, background: 3, both: 4 }

/**
 * Matches at IoU 0.5 and sorts what is left by cause (Bolya et al. 2020, TIDE, as their tool does it): the best 100
 * detections of an image, all classes together, each take the best free truth of their class.
 */
export function matchForTide(truth: TruthColumns, detections: DetectionColumns): TideMatch {
  const found = groupByKey(detections.image, truth.imageCount, byScore(detections))
  const real = groupByKey(truth.image, truth.imageCount)
  const match: TideMatch = {
    order: new Uint32Array(detections.count),
    kind: new Int8Array(detections.count).fill(notLooked),
    about: new Int32Array(detections.count).fill(-1),
    inCrowd: new Uint8Array(detections.count),
    taken: new Uint8Array(truth.count),
    missed: new Uint8Array(truth.count),
  }
  let looked = 0
  for (let image = 0; image < truth.imageCount; image++) {
    const from = found.start[image]!
    const rows = found.members.subarray(from, Math.min(found.start[image + 1]!, from + mostDetections))
    match.order.set(rows, looked)
    looked += rows.length
    matchImage(truth, detections, rows, real.members.subarray(real.start[image], real.start[image + 1]), match)
  }
  return { ...match, order: match.order.subarray(0, looked) }
}

function byScore(detections: DetectionColumns): Uint32Array {
  const rows = Uint32Array.from({ length: detections.count }, (_, i) => i)
  return descendingOrder(detections.score.slice(0, detections.count), rows)
}

function matchImage(
  truth: TruthColumns,
  detections: DetectionColumns,
  rows: Uint32Array,
  all: Uint32Array,
  { kind, about, inCrowd, taken, missed }: TideMatch,
): void {
  const truths = all.filter((g) => !truth.crowd[g])
  const crowds = all.filter((g) => truth.crowd[g])
  for (const row of rows) {
    let best = -1
    let most = 0
    for (const g of truths) {
      if (taken[g] || truth.classId[g] !== detections.classId[row]) continue
      const iou = overlap(truth, g, detections, row)
      if (iou > most) [best, most] = [g, iou]
    }
    if (best < 0 || most < tideOverlaps.hit) continue
    taken[best] = 1
    kind[row] = isHit
  }
  for (const g of truths) missed[g] = taken[g] ? 0 : 1
  for (const row of rows) {
    if (kind[row] === isHit) continue
    for (const g of crowds) {
      if (truth.classId[g] === detections.classId[row] && overlap(truth, g, detections, row) > tideOverlaps.hit)
        inCrowd[row] = 1
    }
    findCause(truth, detections, row, truths, taken, { kind, about })
    if (kind[row]! <= code.classification) missed[about[row]!] = 0
  }
}

/** Notes why a detection is no hit, and the truth that it is about. */
function findCause(
  truth: TruthColumns,
  detections: DetectionColumns,
  row: number,
  truths: Uint32Array,
  taken: Uint8Array,
  into: Pick<TideMatch, 'kind' | 'about'>,
): void {
  let [same, sameIou, other, otherIou, used, usedIou] = [-1, 0, -1, 0, -1, 0]
  for (const g of truths) {
    const iou = overlap(truth, g, detections, row)
    if (truth.classId[g] !== detections.classId[row]) {
      if (iou > otherIou) [other, otherIou] = [g, iou]
      continue
    }
    if (iou > sameIou) [same, sameIou] = [g, iou]
    if (taken[g] && iou > usedIou) [used, usedIou] = [g, iou]
  }
  const { hit, background } = tideOverlaps
  const note = (kind: number, about: number) => {
    into.kind[row] = kind
    into.about[row] = about
  }
  if (sameIou >= background && sameIou <= hit) note(code.localisation, same)
  else if (otherIou >= hit) note(code.classification, other)
  else if (usedIou >= hit) note(code.duplicate, used)
  else note(Math.max(sameIou, otherIou) <= background ? code.background : code.both, -1)
}
