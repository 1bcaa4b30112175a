import type { EvaluationBody } from '../documents/evaluation.ts'
import { drawCounts } from '../stats/bootstrap.ts'
import { type ClusteredShare, clusteredShareBounds } from '../stats/clustered-share.ts'
import { seededRandom } from '../stats/random.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { countAtPoint, type OperatingPoint, type Rates } from './operating-point.ts'

type Interval = NonNullable<EvaluationBody['rateInterval']>
/** Hits, false alarms and misses of one class in one scene. */
type Cell = { scene: number; counts: [hits: number, falseAlarms: number, misses: number] }
type RateName = keyof Rates

/** Of which counts each rate is a share: what it has found for certain, and all of it. */
const rates: Record<RateName, (counts: readonly number[]) => { part: number; whole: number }> = {
  precision: ([hits = 0, falseAlarms = 0]) => ({ part: hits, whole: hits + falseAlarms }),
  recall: ([hits = 0, , misses = 0]) => ({ part: hits, whole: hits + misses }),
  f1: ([hits = 0, falseAlarms = 0, misses = 0]) => ({
    part: hits,
    whole: hits + (falseAlarms + misses) / 2,
  }),
}
const names = Object.keys(rates) as RateName[]

/**
 * How sure precision, recall and F1 at the operating point are on images like these: one-sided bounds of one model, by
 * class and as the mean over the classes. Whole scenes are drawn again to learn how far apart scenes are; it says nothing
 * of another training seed.
 */
export function rateInterval(
  truth: TruthColumns,
  detections: DetectionColumns,
  point: OperatingPoint,
  { scenes, classes }: { scenes: readonly string[]; classes: readonly string[] },
  { resamples, seed }: { resamples: number; seed: number },
): Interval {
  const numbers = new Map([...new Set(scenes)].map((scene, i) => [scene, i]))
  const cells = cellsOf(truth, detections, point, (image) => numbers.get(scenes[image]!)!)
  const weights = new Uint32Array(numbers.size).fill(1)
  const own = cells.map((some) => sumOf(some, weights))
  const drawn = cells.map(() => ({ precision: [] as number[], recall: [] as number[], f1: [] as number[] }))
  const means = { precision: [] as number[], recall: [] as number[], f1: [] as number[] }
  const random = seededRandom(seed)
  for (let i = 0; i < resamples; i++) {
    drawCounts(random, weights)
    const sums = cells.map((some) => sumOf(some, weights))
    for (const name of names) {
      sums.forEach((counts, c) => {
        const { part, whole } = rates[name](counts)
        if (whole > 0) drawn[c]![name].push(part / whole)
      })
      const mean = meanRate(sums, name)
      if (mean !== null) means[name].push(mean)
    }
  }
  const perClass = classes.map((className, c) => ({
    className,
    units: cells[c]!.filter(({ counts: [hits, , misses] }) => hits + misses > 0).length,
    ...byName((name) => clusteredShareBounds(shareOf(own[c]!, cells[c]!, drawn[c]![name], name))),
  }))
  const overall = byName((name) => {
    const value = meanRate(own, name)
    const all = own.reduce((sum, counts) => sum + rates[name](counts).whole, 0)
    const share = value === null ? null : { value, of: all, units: numbers.size, resampled: means[name] }
    return clusteredShareBounds(share)
  })
  return {
    unit: numbers.size === truth.imageCount ? 'image' : 'scene',
    units: numbers.size,
    resamples,
    seed,
    overall,
    perClass,
  }
}

function byName<T>(of: (name: RateName) => T): Record<RateName, T> {
  return { precision: of('precision'), recall: of('recall'), f1: of('f1') }
}

/** Of each class: the scenes that hold something of it, labelled or found. */
function cellsOf(
  truth: TruthColumns,
  detections: DetectionColumns,
  point: OperatingPoint,
  sceneOf: (image: number) => number,
): Cell[][] {
  const byScene = Array.from({ length: truth.classCount }, () => new Map<number, Cell>())
  countAtPoint(truth, detections, point, (image, classId, what) => {
    const scene = sceneOf(image)
    const known = byScene[classId]!.get(scene) ?? { scene, counts: [0, 0, 0] }
    known.counts[what]!++
    byScene[classId]!.set(scene, known)
  })
  return byScene.map((some) => [...some.values()])
}

function sumOf(cells: readonly Cell[], weights: ArrayLike<number>): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0]
  for (const { scene, counts } of cells) {
    const times = weights[scene]!
    sum[0] += times * counts[0]
    sum[1] += times * counts[1]
    sum[2] += times * counts[2]
  }
  return sum
}

/** Mean over the classes that have ground truth, as `ratesOf` has each; null without any. */
function meanRate(sums: readonly (readonly number[])[], name: RateName): number | null {
  const present = sums.filter(([hits = 0, , misses = 0]) => hits + misses > 0)
  const values = present.map((counts) => {
    const { part, whole } = rates[name](counts)
    return whole > 0 ? part / whole : 0
  })
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Null where a class has no ground truth, or nothing that the rate is a share of. */
function shareOf(counts: readonly number[], cells: Cell[], resampled: number[], name: RateName): ClusteredShare | null {
  const { part, whole } = rates[name](counts)
  const [hits = 0, , misses = 0] = counts
  if (whole === 0 || hits + misses === 0) return null
  const units = cells.filter((cell) => rates[name](cell.counts).whole > 0).length
  return { value: part / whole, of: whole, units, resampled }
}
