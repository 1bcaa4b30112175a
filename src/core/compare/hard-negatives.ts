import type { HardNegativesBody, MistakeCause } from '../documents/hard-negatives.ts'
import { mistakeCauses } from '../documents/hard-negatives.ts'
import { iou } from '../geometry/boxes.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { emptyDetections } from '../metrics/make-columns.ts'
import type { PredictionSet } from '../metrics/predictions-file.ts'
import { isHit, matchForTide, type TideMatch, tideErrors, tideOverlaps } from '../metrics/tide-match.ts'
import { boxOf, type MistakeContext, type Signs, signCausesOf, signsOf } from './hard-signs.ts'

type Item = HardNegativesBody['items'][number]
type Found = { cause: MistakeCause; also: MistakeCause[]; why: string; row: number; truth: number; priority: number }

/** A prediction that lies on a label like this speaks of the same object; surer than its class is when it is right. */
const sameBox = 0.9
const leastSure = 0.5
/** ObjectLab's "certain": where a class was never right, only this counts as sure. */
const certain = 0.95

/**
 * Every mistake of a model at an operating point, with its likely cause: a doubtful label, else what sets the object or its
 * image apart and makes most difference, else TIDE's kind of error. Lists the `most` worst of each cause. A false alarm that is as sure as right detections of
 * its class are, and lies where no label is or squarely on a label of another class, is taken for a label error.
 */
export function findHardNegatives(
  set: PredictionSet,
  options: { confidence: number; most: number; context?: MistakeContext },
): HardNegativesBody {
  const { truth, images } = set
  const { confidence, most, context = {} } = options
  const served = above(set.detections, confidence)
  const match = matchForTide(truth, served)
  const signs = signsOf(truth, (g) => match.taken[g] === 0, set.groups ?? [], context)
  const found = [...falseAlarms(set, served, match, signs), ...misses(set, match, signs)]
  const placeOf = ({ row, truth: g }: Found) => (row >= 0 ? served.image[row]! : truth.image[g]!)
  const byCause = mistakeCauses.map((cause) => {
    const of = found.filter((item) => item.cause === cause)
    const alarms = of.filter(({ row }) => row >= 0).length
    const listed = [...of].sort((a, b) => b.priority - a.priority || placeOf(a) - placeOf(b)).slice(0, most)
    return { cause, falseAlarms: alarms, misses: of.length - alarms, listed }
  })
  return {
    images: images.length,
    operatingPoint: { confidence, iou: tideOverlaps.hit },
    falseAlarms: found.filter(({ row }) => row >= 0).length,
    misses: found.filter(({ row }) => row < 0).length,
    byCause: byCause.map(({ listed, ...counts }) => ({ ...counts, listed: listed.length })),
    signs: signs.rows,
    items: byCause.flatMap(({ listed }) => listed.map((item) => itemOf(item, set, served))),
    notes: notesOf(set, context),
  }
}

function falseAlarms(set: PredictionSet, served: DetectionColumns, match: TideMatch, signs: Signs): Found[] {
  const { truth, classes } = set
  const sure = surenessOf(served, match, classes.length)
  const nearest = nearestOf(truth, served)
  const nameOf = (classId: number) => classes[classId] ?? String(classId)
  const found: Found[] = []
  for (const row of match.order) {
    const kind = match.kind[row]!
    if (kind === isHit || kind < 0 || match.inCrowd[row]) continue
    const error = tideErrors[kind]!
    const own = nameOf(served.classId[row]!)
    const isSure = served.score[row]! >= sure[served.classId[row]!]!
    const near = error === 'background' || match.about[row]! >= 0 ? null : nearest(row)
    const g = match.about[row]! >= 0 ? match.about[row]! : (near ?? -1)
    const overlap = g >= 0 ? iou(boxOf(truth, g), boxOf(served, row)) : 0
    const other = g >= 0 ? nameOf(truth.classId[g]!) : ''
    const causes: [MistakeCause, string][] = []
    const swapped = error === 'classification' && overlap >= sameBox && !match.taken[g]
    if (isSure && error === 'background')
      causes.push(['label-error', `no label here, and as sure as where ${own} is right`])
    if (isSure && swapped) causes.push(['label-error', `labelled ${other}, and as sure as where ${own} is right`])
    if (error === 'duplicate') causes.push(['duplicate', `a second box on one ${other}`])
    if (error !== 'duplicate') causes.push(...signCauses(signs, served.image[row]!, g))
    if (error === 'classification') causes.push(['confusion', `a ${other} taken for ${own}`])
    if (error === 'both') causes.push(['confusion', `beside a ${other || 'label'}, and taken for ${own}`])
    if (error === 'localisation') {
      causes.push(['localisation', `overlaps its ${other} by ${Math.round(overlap * 100)} % only`])
      if (isSure) causes.push(['label-error', ''])
    }
    if (error === 'background') causes.push(['background', `nothing is labelled here`])
    found.push(ranked(causes, { row, truth: g, priority: served.score[row]! }))
  }
  return found
}

function misses({ truth, classes }: PredictionSet, match: TideMatch, signs: Signs): Found[] {
  const all = new Float64Array(classes.length)
  const hit = new Float64Array(classes.length)
  for (let g = 0; g < truth.count; g++) {
    if (truth.crowd[g]) continue
    all[truth.classId[g]!]!++
    if (match.taken[g]) hit[truth.classId[g]!]!++
  }
  const found: Found[] = []
  for (let g = 0; g < truth.count; g++) {
    if (!match.missed[g] || truth.crowd[g]) continue
    const causes = signCauses(signs, truth.image[g]!, g)
    causes.push(['unexplained', 'nothing was found here'])
    const classId = truth.classId[g]!
    found.push(ranked(causes, { row: -1, truth: g, priority: hit[classId]! / all[classId]! }))
  }
  return found
}

function signCauses(signs: Signs, image: number, g: number): [MistakeCause, string][] {
  return signCausesOf(signs, image, g).map(({ cause, why }) => [cause, why])
}

/** The first cause that holds names the mistake, the others stand beside it. */
function ranked(causes: [MistakeCause, string][], about: Pick<Found, 'row' | 'truth' | 'priority'>): Found {
  const [first = ['unexplained', ''] as [MistakeCause, string], ...rest] = causes
  const also = [...new Set(rest.map(([cause]) => cause))].filter(
    (cause) => cause !== first[0] && cause !== 'background' && cause !== 'unexplained',
  )
  return { cause: first[0], why: first[1], also, ...about }
}

/** By class: the mean score of its hits, from which a false alarm counts as sure (as confident learning has it). */
function surenessOf(served: DetectionColumns, { order, kind }: TideMatch, classCount: number): Float64Array {
  const sums = new Float64Array(classCount)
  const counts = new Float64Array(classCount)
  for (const row of order) {
    if (kind[row] !== isHit) continue
    sums[served.classId[row]!]! += served.score[row]!
    counts[served.classId[row]!]!++
  }
  return sums.map((sum, c) => (counts[c]! > 0 ? Math.max(leastSure, sum / counts[c]!) : certain))
}

/** The truth that a detection overlaps most, null for none. */
function nearestOf(truth: TruthColumns, served: DetectionColumns): (row: number) => number | null {
  const rowsOf: number[][] = Array.from({ length: truth.imageCount }, () => [])
  for (let g = 0; g < truth.count; g++) if (!truth.crowd[g]) rowsOf[truth.image[g]!]!.push(g)
  return (row) => {
    let [best, most] = [-1, 0]
    for (const g of rowsOf[served.image[row]!]!) {
      const overlap = iou(boxOf(truth, g), boxOf(served, row))
      if (overlap > most) [best, most] = [g, overlap]
    }
    return best < 0 ? null : best
  }
}

function above(detections: DetectionColumns, confidence: number): DetectionColumns {
  const rows: number[] = []
  for (let row = 0; row < detections.count; row++) if (detections.score[row]! >= confidence) rows.push(row)
  const served = emptyDetections(rows.length)
  const keys = ['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const
  for (const key of keys) for (const [i, row] of rows.entries()) served[key][i] = detections[key][row]!
  return served
}

function itemOf(
  { cause, also, why, row, truth: g, priority }: Found,
  set: PredictionSet,
  served: DetectionColumns,
): Item {
  const { truth, images, classes } = set
  const rounded = (from: TruthColumns | DetectionColumns, at: number) =>
    [from.x[at]!, from.y[at]!, from.w[at]!, from.h[at]!].map((side) => Math.round(side * 100) / 100)
  const nameOf = (classId: number) => classes[classId] ?? String(classId)
  const score = Math.round((served.score[row] ?? 0) * 1e6) / 1e6
  return {
    image: images[row >= 0 ? served.image[row]! : truth.image[g]!]!,
    cause,
    also,
    why,
    priority: Math.round(priority * 1e6) / 1e6,
    ...(row >= 0 ? { predicted: { className: nameOf(served.classId[row]!), score, box: rounded(served, row) } } : {}),
    ...(g >= 0 ? { truth: { className: nameOf(truth.classId[g]!), box: rounded(truth, g) } } : {}),
  }
}

function notesOf({ groups }: PredictionSet, { training, sizes }: MistakeContext): string[] {
  return [
    ...(groups?.length ? [] : ['no provenance groups the images, so no domain gap can be told']),
    ...(training ? [] : ['what the model was trained on is not known, so a domain gap shows by worse results only']),
    ...(sizes ? [] : ['image sizes are not known: an object is small by its own pixels only']),
  ]
}
