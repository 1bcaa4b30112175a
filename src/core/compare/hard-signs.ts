import type { HardNegativesBody, MistakeCause } from '../documents/hard-negatives.ts'
import { area, type Box, intersection } from '../geometry/boxes.ts'
import type { TruthColumns } from '../metrics/columns.ts'
import type { Slicing } from '../metrics/slices.ts'

/** What is known beside the predictions; each part may be missing, and then it is no sign of anything. */
export type MistakeContext = {
  /** Pixels of every image. */
  sizes?: readonly { width: number; height: number }[]
  /** Longest side that the network sees, pixels. */
  networkSize?: number
  /** Hidden share of every labelled object as its annotator says, NaN where unknown. */
  hidden?: ArrayLike<number>
  /** By slice: training images in all, and of each value. */
  training?: ReadonlyMap<string, { images: number; of: ReadonlyMap<string, number> }>
}

type SignRow = HardNegativesBody['signs'][number]
export type Signs = {
  /** By truth. */
  small: Uint8Array
  hidden: Uint8Array
  /** By image: why its group is one that the model hardly knows, '' for none. */
  gap: string[]
  rows: SignRow[]
}

// COCO's limit of small objects; a YOLO head's finest grid has a cell every eight pixels of the network's picture.
const smallArea = 32 ** 2
const finestStride = 8
const hiddenShare = 0.3
/** A group is rare in training with less than a fifth of the share that it has here. */
const rare = 0.2
/** A group's objects are found far less often: by this share at least, and beyond three standard errors. */
const far = { share: 0.15, errors: 3, objects: 20 }

/** Small, hidden, of a strange group: kept only where objects with the sign are missed more often than others. */
export function signsOf(
  truth: TruthColumns,
  notFound: (row: number) => boolean,
  slicings: readonly Slicing[],
  context: MistakeContext,
): Signs {
  const small = smallObjects(truth, context)
  const hidden = hiddenObjects(truth, context)
  const rows: SignRow[] = []
  for (const [cause, marks, why] of [
    ['small-object', small, 'under 32 × 32 pixels, or narrower than the network can resolve'],
    ['occlusion', hidden, '30 % or more hidden by another object'],
  ] as const) {
    const row = { cause, value: '', ...countsOf(truth, notFound, (g) => marks[g] === 1), why }
    if (row.objects > 0) rows.push(row)
    if (!isHarder(row)) marks.fill(0)
  }
  const gap = new Array<string>(truth.imageCount).fill('')
  for (const { slice, values } of slicings) {
    for (const value of [...new Set(values)].filter((item) => item !== null).sort()) {
      const counts = countsOf(truth, notFound, (g) => values[truth.image[g]!] === value)
      const why = gapOf(slice, value, values, counts, context)
      if (why === '') continue
      rows.push({ cause: 'domain-gap', value: `${slice} ${value}`, ...counts, why })
      for (const [image, other] of values.entries()) if (other === value) gap[image] ||= why
    }
  }
  return { small, hidden, gap, rows }
}

type Counts = Pick<SignRow, 'objects' | 'notFound' | 'others' | 'othersNotFound'>

function countsOf(truth: TruthColumns, notFound: (row: number) => boolean, has: (row: number) => boolean): Counts {
  const counts = { objects: 0, notFound: 0, others: 0, othersNotFound: 0 }
  for (let g = 0; g < truth.count; g++) {
    if (truth.crowd[g]) continue
    const missed = notFound(g) ? 1 : 0
    if (has(g)) {
      counts.objects++
      counts.notFound += missed
    } else {
      counts.others++
      counts.othersNotFound += missed
    }
  }
  return counts
}

/** Whether a sign tells anything: half a miss is added on both sides, so that few objects prove little. */
function isHarder(counts: Counts): boolean {
  return timesHarder(counts) > 1
}

/** How many times more often objects with a sign are missed than the others. */
function timesHarder({ objects, notFound, others, othersNotFound }: Counts): number {
  return (notFound + 0.5) / (objects + 1) / ((othersNotFound + 0.5) / (others + 1))
}

export type SignCause = { cause: MistakeCause; why: string; times: number }

/** The signs of an image and, unless it is −1, of an object on it, the one that makes most difference first. */
export function signCausesOf({ small, hidden, gap, rows }: Signs, image: number, g: number): SignCause[] {
  const has: Partial<Record<MistakeCause, boolean>> = {
    'small-object': g >= 0 && small[g] === 1,
    occlusion: g >= 0 && hidden[g] === 1,
  }
  return rows
    .filter(({ cause, why }) => (cause === 'domain-gap' ? gap[image] === why : has[cause]))
    .map((row) => ({ cause: row.cause, why: row.why, times: timesHarder(row) }))
    .sort((a, b) => b.times - a.times)
}

function gapOf(
  slice: string,
  value: string,
  values: readonly (string | null)[],
  counts: Counts,
  { training }: MistakeContext,
): string {
  if (!isHarder(counts)) return ''
  const known = training?.get(slice)
  if (known && known.images > 0) {
    const seen = known.of.get(value) ?? 0
    if (seen === 0) return `no training image has the ${slice} ${value}`
    const share = values.filter((other) => other === value).length / values.length
    if (seen / known.images < rare * share) {
      return `${seen} of ${known.images} training images have the ${slice} ${value}, far fewer than here`
    }
  }
  const { objects, notFound, others, othersNotFound } = counts
  if (objects < far.objects || others < far.objects) return ''
  const more = notFound / objects - othersNotFound / others
  const pooled = (notFound + othersNotFound) / (objects + others)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / objects + 1 / others))
  const percent = (share: number) => `${Math.round(share * 100)} %`
  return more >= far.share && more > far.errors * error
    ? `of ${slice} ${value}, ${percent(notFound / objects)} are not found, elsewhere ${percent(othersNotFound / others)}`
    : ''
}

function smallObjects(truth: TruthColumns, { sizes, networkSize }: MistakeContext): Uint8Array {
  return Uint8Array.from({ length: truth.count }, (_, g) => {
    const [w, h] = [truth.w[g]!, truth.h[g]!]
    const size = sizes?.[truth.image[g]!]
    const longest = size ? Math.max(size.width, size.height) : 0
    const scale = networkSize && longest > 0 ? networkSize / longest : 1
    return w * h < smallArea || Math.min(w, h) * scale < finestStride ? 1 : 0
  })
}

/**
 * Objects of which another label covers 30 %. Where half the objects of a class lie like that in one class (a helmet on
 * its person), that is how they belong together and hides nothing; what the annotator said goes before all that.
 */
function hiddenObjects(truth: TruthColumns, { hidden }: MistakeContext): Uint8Array {
  const rowsOf: number[][] = Array.from({ length: truth.imageCount }, () => [])
  const perClass = new Uint32Array(truth.classCount)
  for (let g = 0; g < truth.count; g++) {
    if (truth.crowd[g]) continue
    rowsOf[truth.image[g]!]!.push(g)
    perClass[truth.classId[g]!]!++
  }
  const coveredBy = new Map<number, Set<number>>()
  const pairs = new Uint32Array(truth.classCount ** 2)
  const pair = (g: number, other: number) => truth.classId[g]! * truth.classCount + other
  for (const rows of rowsOf) {
    for (const g of rows) {
      const own = boxOf(truth, g)
      const by = new Set<number>()
      for (const other of rows) {
        if (other === g || intersection(own, boxOf(truth, other)) < hiddenShare * area(own)) continue
        by.add(truth.classId[other]!)
      }
      if (by.size > 0) coveredBy.set(g, by)
      for (const classId of by) pairs[pair(g, classId)]!++
    }
  }
  return Uint8Array.from({ length: truth.count }, (_, g) => {
    const told = hidden?.[g] ?? Number.NaN
    if (!Number.isNaN(told)) return told >= hiddenShare ? 1 : 0
    const by = [...(coveredBy.get(g) ?? [])]
    return by.some((classId) => pairs[pair(g, classId)]! <= perClass[truth.classId[g]!]! / 2) ? 1 : 0
  })
}

/** A box of columns as corners. */
export function boxOf(from: { x: Float64Array; y: Float64Array; w: Float64Array; h: Float64Array }, row: number): Box {
  const [x, y] = [from.x[row]!, from.y[row]!]
  return { x1: x, y1: y, x2: x + from.w[row]!, y2: y + from.h[row]! }
}
