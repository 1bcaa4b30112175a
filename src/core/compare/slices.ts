import type { ComparisonBody } from '../documents/evaluation.ts'
import { matchDetections } from '../metrics/coco-match.ts'
import { type AreaRange, areaRanges } from '../metrics/coco-parameters.ts'
import type { DetectionColumns, TruthColumns } from '../metrics/columns.ts'
import { leastSupport, type Slicing } from '../metrics/slices.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from '../metrics/weighted-ap.ts'
import { drawCounts } from '../stats/bootstrap.ts'
import { seededRandom } from '../stats/random.ts'

export type SlicesToCompare = {
  truth: TruthColumns
  baseline: DetectionColumns
  candidate: DetectionColumns
  /** Cluster (scene) of every image. */
  clusters: Int32Array
  slicings: readonly Slicing[]
  thresholds: number
  resamples: number
  seed: number
}

type SliceDifference = NonNullable<ComparisonBody['slices']>[number]

/**
 * Candidate minus baseline on every group of images (camera, source, …) and every size of object, with the standard
 * error over scenes: a paired bootstrap within the slice, times √(n/(n−1)). Slices without enough support are left out.
 */
export function compareSlices(input: SlicesToCompare): SliceDifference[] {
  const { truth, slicings } = input
  const byGroup = slicings.flatMap(({ slice, values }) =>
    [...new Set(values)]
      .filter((value): value is string => value !== null)
      .sort()
      .map((value) => {
        const images = values.flatMap((other, image) => (other === value ? [image] : []))
        return differenceOn(input, slice, value, images, areaRanges[0] as AreaRange)
      }),
  )
  const every = Array.from({ length: truth.imageCount }, (_, image) => image)
  const bySize = areaRanges.slice(1).map((range) => differenceOn(input, 'size', range.name, every, range))
  return [...byGroup, ...bySize].filter((slice) => slice !== null)
}

function differenceOn(
  input: SlicesToCompare,
  slice: string,
  value: string,
  images: readonly number[],
  range: AreaRange,
): SliceDifference | null {
  const place = new Int32Array(input.truth.imageCount).fill(-1)
  for (const [i, image] of images.entries()) place[image] = i
  const truth = truthWithin(input.truth, place, images.length)
  let boxes = 0
  for (let row = 0; row < truth.count; row++) {
    if (!truth.crowd[row] && truth.area[row]! >= range.low && truth.area[row]! <= range.high) boxes++
  }
  const { unitOf, units } = numbered(images.map((image) => input.clusters[image]!))
  if (images.length < leastSupport.images || boxes < leastSupport.boxes || units < leastSupport.scenes) return null
  const [first, second] = [input.baseline, input.candidate].map((detections) => {
    const own = within(detections, place)
    return prepareWeighted(truth, own, matchDetections(truth, own, { ranges: [range] }))
  }) as [ReturnType<typeof prepareWeighted>, ReturnType<typeof prepareWeighted>]
  const [a, b] = [new Float64Array(truth.classCount), new Float64Array(truth.classCount)]
  const weights = new Uint32Array(images.length).fill(1)
  const score = (): [number, number] => {
    weightedAp(first, weights, input.thresholds, a)
    weightedAp(second, weights, input.thresholds, b)
    return [meanOfPresent(a), meanOfPresent(b)]
  }
  const [baseline, candidate] = score()
  const random = seededRandom(`${input.seed} ${slice} ${value}`)
  const counts = new Uint32Array(units)
  const drawn: number[] = []
  for (let i = 0; i < input.resamples; i++) {
    drawCounts(random, counts)
    for (let image = 0; image < weights.length; image++) weights[image] = counts[unitOf[image]!]!
    const [before, after] = score()
    if (before >= 0) drawn.push(after - before)
  }
  const middle = drawn.reduce((sum, d) => sum + d, 0) / drawn.length
  const variance = drawn.reduce((sum, d) => sum + (d - middle) ** 2, 0) / Math.max(1, drawn.length - 1)
  const standardError = Math.sqrt((variance * units) / (units - 1))
  const difference = candidate - baseline
  return { slice, value, images: images.length, boxes, units, baseline, candidate, difference, standardError }
}

function numbered(clusters: readonly number[]): { unitOf: Int32Array; units: number } {
  const numbers = new Map<number, number>()
  const unitOf = Int32Array.from(clusters, (cluster) => {
    const known = numbers.get(cluster) ?? numbers.size
    numbers.set(cluster, known)
    return known
  })
  return { unitOf, units: numbers.size }
}

const truthKeys = ['classId', 'x', 'y', 'w', 'h', 'area', 'crowd'] as const
const detectionKeys = ['classId', 'score', 'x', 'y', 'w', 'h'] as const

function truthWithin(truth: TruthColumns, place: Int32Array, imageCount: number): TruthColumns {
  const rows = rowsWithin(truth, place)
  const columns = Object.fromEntries(truthKeys.map((key) => [key, picked(truth[key], rows)]))
  const image = Int32Array.from(rows, (row) => place[truth.image[row]!]!)
  return {
    ...(columns as Pick<TruthColumns, (typeof truthKeys)[number]>),
    ...truthSize(truth, rows, imageCount),
    image,
  }
}

const truthSize = ({ classCount }: TruthColumns, rows: Uint32Array, imageCount: number) => ({
  count: rows.length,
  imageCount,
  classCount,
})

function within(detections: DetectionColumns, place: Int32Array): DetectionColumns {
  const rows = rowsWithin(detections, place)
  const columns = Object.fromEntries(detectionKeys.map((key) => [key, picked(detections[key], rows)]))
  const image = Int32Array.from(rows, (row) => place[detections.image[row]!]!)
  return { ...(columns as Pick<DetectionColumns, (typeof detectionKeys)[number]>), count: rows.length, image }
}

function rowsWithin({ count, image }: { count: number; image: Int32Array }, place: Int32Array): Uint32Array {
  const rows: number[] = []
  for (let row = 0; row < count; row++) if (place[image[row]!]! >= 0) rows.push(row)
  return Uint32Array.from(rows)
}

function picked<T extends Float64Array | Int32Array | Uint8Array>(column: T, rows: Uint32Array): T {
  const values = column.slice(0, rows.length) as T
  for (const [i, row] of rows.entries()) values[i] = column[row]!
  return values
}
