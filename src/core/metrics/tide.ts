import { descendingOrder } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { matchForTide, type TideError, type TideMatch, tideErrors } from './tide-match.ts'

export type Tide = {
  /** Mean AP at IoU 0.5 in [0, 1], over the classes that have a truth or a detection. */
  ap: number
  counts: Record<TideError, number>
  /** AP that mending all errors of one cause alone would win; never negative, and they don't add up to 1 − ap. */
  loss: Record<TideError, number>
  /**
   * AP won if every false alarm had score 0, and if every truth that was not hit did not count; a class without any
   * other truth then scores 0, so that the latter can be negative.
   */
  falseAlarms: number
  misses: number
  match: TideMatch
}

type Point = { classId: number; score: number; hit: boolean }

/**
 * Error types of a detector and what each costs (TIDE, Bolya et al. 2020), equal to the published tool: mending a
 * localisation or classification error makes the highest-scored such detection of a free truth a hit and drops the
 * others, mending duplicates, background and both drops them, mending a miss takes the truth away.
 */
export function tide(truth: TruthColumns, detections: DetectionColumns): Tide {
  const match = matchForTide(truth, detections)
  const positives = new Float64Array(truth.classCount)
  for (let row = 0; row < truth.count; row++) if (!truth.crowd[row]) positives[truth.classId[row]!]!++
  const pointOf = (row: number, hit: boolean): Point => ({
    classId: detections.classId[row]!,
    score: detections.score[row]!,
    hit,
  })
  const hits = match.hits.map((row) => pointOf(row, true))
  const alarms = match.errors.filter(({ counts }) => counts).map(({ detection }) => pointOf(detection, false))
  const hitRows = new Set(match.hits)
  const ignored = new Set(match.errors.flatMap(({ counts, detection }) => (counts ? [] : [detection])))
  const looked = match.order.filter((row) => !ignored.has(row)).map((row) => pointOf(row, hitRows.has(row)))
  const ap = meanAp(looked, positives)
  // The published tool puts errors before hits of the same score as soon as it mends; so do we.
  const gain = (points: Point[], of = positives) => Math.max(0, meanAp(points, of) - ap)
  const best = bestOfTruth(match, detections)
  const counts = Object.fromEntries(tideErrors.map((kind) => [kind, countOf(match, kind)]))
  const loss = Object.fromEntries(
    tideErrors.map((kind) => {
      if (kind === 'missed') return [kind, gain([...alarms, ...hits], without(positives, truth, match, true))]
      const mended = match.errors.flatMap((error) => {
        if (error.kind !== kind) return error.counts ? [pointOf(error.detection, false)] : []
        if (error.truth < 0 || match.taken[error.truth] || best.get(error.truth) !== error.detection) return []
        return [{ ...pointOf(error.detection, true), classId: truth.classId[error.truth]! }]
      })
      return [kind, gain([...mended, ...hits])]
    }),
  )
  const silenced = [...alarms, ...hits].map((point) => ({ ...point, score: point.hit ? 1 : 0 }))
  return {
    ap,
    counts: counts as Tide['counts'],
    loss: loss as Tide['loss'],
    falseAlarms: meanAp(silenced, positives) - ap,
    misses: meanAp([...alarms, ...hits], without(positives, truth, match, false)) - ap,
    match,
  }
}

function countOf(match: TideMatch, kind: TideError): number {
  if (kind === 'missed') return match.unused.filter(({ missed }) => missed).length
  return match.errors.filter((error) => error.kind === kind).length
}

/** The detection of highest score, the first of equals, among the localisation and classification errors of a truth. */
function bestOfTruth(match: TideMatch, detections: DetectionColumns): Map<number, number> {
  const best = new Map<number, number>()
  for (const { kind, detection, truth } of match.errors) {
    if ((kind !== 'localisation' && kind !== 'classification') || match.taken[truth]) continue
    const known = best.get(truth)
    if (known === undefined || detections.score[detection]! > detections.score[known]!) best.set(truth, detection)
  }
  return best
}

/** Positives by class without the truths that were not hit: all of them, or only those that no detection came near. */
function without(positives: Float64Array, truth: TruthColumns, match: TideMatch, missedOnly: boolean) {
  const left = positives.slice()
  for (const { truth: row, missed } of match.unused) if (missed || !missedOnly) left[truth.classId[row]!]!--
  return left
}

/** Mean over classes of the 101-point AP; a class without a truth scores 0 as soon as it has a detection. */
function meanAp(points: readonly Point[], positives: ArrayLike<number>): number {
  const order = descendingOrder(
    Float64Array.from(points, ({ score }) => score),
    Uint32Array.from(points, (_, i) => i),
  )
  const ofClass: boolean[][] = Array.from(positives, () => [])
  for (const i of order) ofClass[points[i]!.classId]!.push(points[i]!.hit)
  const present = ofClass.flatMap((hits, c) =>
    hits.length > 0 || positives[c]! > 0 ? [averagePrecision(hits, positives[c]!)] : [],
  )
  return present.length === 0 ? 0 : present.reduce((a, b) => a + b, 0) / present.length
}

/** COCO's 101-point AP of hits in falling order of score. */
function averagePrecision(hits: readonly boolean[], positives: number): number {
  if (positives <= 0) return 0
  const precision = new Float64Array(hits.length)
  const recall = new Float64Array(hits.length)
  let found = 0
  for (const [i, hit] of hits.entries()) {
    if (hit) found++
    precision[i] = found / (i + 1)
    recall[i] = found / positives
  }
  for (let i = hits.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1]!, precision[i]!)
  let sum = 0
  let at = 0
  for (let level = 0; level <= 100; level++) {
    while (at < hits.length && recall[at]! < level / 100) at++
    if (at < hits.length) sum += precision[at]!
  }
  return sum / 101
}
