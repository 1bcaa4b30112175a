import { descendingOrder } from '../stats/order.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { isHit, matchForTide, type TideError, type TideMatch, tideErrors } from './tide-match.ts'

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

/** What a detection is in one reckoning of AP: its class, and whether it is a hit, a false alarm or left out. */
type Reckoning = { classOf: (row: number) => number; partOf: (row: number) => 'hit' | 'alarm' | 'dropped' }

/**
 * Error types of a detector and what each costs (TIDE, Bolya et al. 2020), equal to the published tool: mending a
 * localisation or classification error makes the highest-scored such detection of a free truth a hit and drops the
 * others, mending duplicates, background and both drops them, mending a miss takes the truth away.
 */
export function tide(truth: TruthColumns, detections: DetectionColumns): Tide {
  const match = matchForTide(truth, detections)
  const { order, kind, inCrowd } = match
  const asIs: Reckoning = {
    classOf: (row) => detections.classId[row]!,
    partOf: (row) => (kind[row] === isHit ? 'hit' : inCrowd[row] ? 'dropped' : 'alarm'),
  }
  const positives = positivesOf(truth)
  const ap = meanAp(byScore(order, detections), positives, asIs)
  const hits = order.filter((row) => kind[row] === isHit)
  const errors = order.filter((row) => kind[row] !== isHit)
  // The published tool puts errors before hits of the same score as soon as it mends; so do we.
  const rows = byScore(joined(errors, hits), detections)
  const best = bestOfTruth(match, detections)
  const loss = tideErrors.map((error, i) => {
    const mended =
      error === 'missed'
        ? meanAp(rows, without(positives, truth, match.missed), asIs)
        : meanAp(rows, positives, withMended(i, asIs, match, best, truth))
    return [error, Math.max(0, mended - ap)]
  })
  const unhit = match.taken.map((taken, g) => (taken || truth.crowd[g] ? 0 : 1))
  return {
    ap,
    counts: countsOf(match),
    loss: Object.fromEntries(loss) as Tide['loss'],
    // Behind all hits false alarms lower no precision.
    falseAlarms: meanAp(joined(hits, errors), positives, asIs) - ap,
    misses: meanAp(rows, without(positives, truth, unhit), asIs) - ap,
    match,
  }
}

function withMended(
  error: number,
  { classOf, partOf }: Reckoning,
  { kind, about }: TideMatch,
  best: Int32Array,
  truth: TruthColumns,
): Reckoning {
  const isBest = (row: number) => about[row]! >= 0 && best[about[row]!] === row
  return {
    partOf: (row) => (kind[row] !== error ? partOf(row) : isBest(row) ? 'hit' : 'dropped'),
    classOf: (row) => (kind[row] === error && isBest(row) ? truth.classId[about[row]!]! : classOf(row)),
  }
}

function countsOf({ order, kind, missed }: TideMatch): Tide['counts'] {
  const counts = new Uint32Array(tideErrors.length)
  for (const row of order) if (kind[row]! >= 0) counts[kind[row]!]!++
  for (const miss of missed) if (miss) counts[tideErrors.indexOf('missed')]!++
  return Object.fromEntries(tideErrors.map((error, i) => [error, counts[i]!])) as Tide['counts']
}

/** By truth that was not hit, the localisation or classification error of highest score, the first of equals; else −1. */
function bestOfTruth({ order, kind, about, taken }: TideMatch, { score }: DetectionColumns): Int32Array {
  const best = new Int32Array(taken.length).fill(-1)
  for (const row of order) {
    const truth = about[row]!
    if (truth < 0 || taken[truth] || kind[row]! > tideErrors.indexOf('classification')) continue
    if (best[truth]! < 0 || score[row]! > score[best[truth]!]!) best[truth] = row
  }
  return best
}

function positivesOf(truth: TruthColumns): Float64Array {
  const positives = new Float64Array(truth.classCount)
  for (let g = 0; g < truth.count; g++) if (!truth.crowd[g]) positives[truth.classId[g]!]!++
  return positives
}

function without(positives: Float64Array, truth: TruthColumns, left: Uint8Array): Float64Array {
  const rest = positives.slice()
  for (let g = 0; g < truth.count; g++) if (left[g]) rest[truth.classId[g]!]!--
  return rest
}

function joined(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** Rows by falling score, equal ones in the given order. */
function byScore(rows: Uint32Array, { score }: DetectionColumns): Uint32Array {
  const scores = Float64Array.from(rows, (row) => score[row]!)
  return descendingOrder(
    scores,
    Uint32Array.from(rows, (_, i) => i),
  ).map((i) => rows[i]!)
}

/** Mean over classes of COCO's 101-point AP; a class without a truth scores 0 as soon as it has a detection. */
function meanAp(rows: Uint32Array, positives: Float64Array, { classOf, partOf }: Reckoning): number {
  const seen = new Uint32Array(positives.length)
  // Precision is at its local best where a detection is a hit.
  const precision: number[][] = Array.from(positives, () => [])
  for (const row of rows) {
    const part = partOf(row)
    if (part === 'dropped') continue
    const c = classOf(row)
    seen[c]!++
    if (part === 'hit') precision[c]!.push((precision[c]!.length + 1) / seen[c]!)
  }
  const present = precision.flatMap((at, c) =>
    seen[c]! > 0 || positives[c]! > 0 ? [averagePrecision(at, positives[c]!)] : [],
  )
  return present.length === 0 ? 0 : present.reduce((a, b) => a + b, 0) / present.length
}

/** COCO's 101-point AP from the precision at each hit; changes `precision` to its envelope. */
function averagePrecision(precision: number[], positives: number): number {
  if (positives <= 0) return 0
  for (let i = precision.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1]!, precision[i]!)
  let sum = 0
  let at = 0
  for (let level = 0; level <= 100; level++) {
    while (at < precision.length && (at + 1) / positives < level / 100) at++
    if (at < precision.length) sum += precision[at]!
  }
  return sum / 101
}
