import { type Dataset, rowStarts } from '../dataset/model.ts'
import type { DriftBody } from '../documents/operational.ts'
import { seededRandom } from '../stats/random.ts'
import { nameOfClass } from './class-matching.ts'
import { jsCritical, jsDistance, ksCritical, ksStatistic, sharesByImage } from './drift-statistics.ts'

export type DriftOptions = {
  /** Names of measures whose drift the proposal intends. */
  declared?: readonly string[]
  /** Mean brightness of each image, 0 to 255, where images were read. */
  brightness?: { before: readonly number[]; after: readonly number[] }
  seed?: number
}

// Both must be exceeded: chance (1 %), and an effect that is worth a look.
const alpha = 0.01
const leastDistance = 0.1
const leastGap = 0.1
const leastShareChange = 0.05
const permutations = 499
const z = 1.959964
const fewestImages = 10

type Measure = DriftBody['measures'][number]

/**
 * How far a version of a data set is from the one before: class mix, box sizes and boxes an image, brightness where it
 * is known. Every limit is the larger of an effect that matters and what chance alone gives at these sizes; images,
 * not boxes, are the units.
 */
export function measureDrift(before: Dataset, after: Dataset, options: DriftOptions = {}): DriftBody {
  const classes = classNames(before, after)
  const rows = { before: classCounts(before, classes), after: classCounts(after, classes) }
  const notes: string[] = []
  const measures: Measure[] = []
  const shares = {
    before: sharesByImage(rows.before, classes.length),
    after: sharesByImage(rows.after, classes.length),
  }
  const few = Math.min(before.images.length, after.images.length) < fewestImages
  if (few) notes.push(`fewer than ${fewestImages} images on one side: nothing can be said of drift`)
  else {
    measures.push(...mixMeasures(rows, options.seed ?? 0))
    for (const [k, className] of classes.entries())
      measures.push(...shareMeasure(className, shares.before[k], shares.after[k]))
    const size = { before: medianAreas(before), after: medianAreas(after) }
    measures.push(...gapMeasure('box size', 'median share of the image that an image’s boxes cover', size))
    const counts = { before: boxesAnImage(before), after: boxesAnImage(after) }
    measures.push(...gapMeasure('boxes an image', 'number of boxes an image', counts))
    if (options.brightness) measures.push(...gapMeasure('brightness', 'mean brightness', options.brightness))
    else notes.push('brightness was not measured')
  }
  return {
    measures,
    shares: classes.map((className, k) => ({
      className,
      before: shares.before[k]?.share ?? 0,
      after: shares.after[k]?.share ?? 0,
    })),
    declared: [...(options.declared ?? [])],
    notes,
  }
}

function mixMeasures(rows: { before: Int32Array[]; after: Int32Array[] }, seed: number): Measure[] {
  const value = jsDistance(sum(rows.before), sum(rows.after))
  const chance = jsCritical(rows.before, rows.after, alpha, permutations, seededRandom(seed))
  if (!Number.isFinite(value) || !Number.isFinite(chance)) return []
  const limit = Math.max(leastDistance, chance)
  const detail = `Jensen-Shannon distance of the class mix, base 2; chance alone reaches ${chance.toFixed(3)}`
  return [{ name: 'class mix', unit: 'distance', value, limit, exceeded: value > limit, detail }]
}

type Share = { share: number; standardError: number } | undefined
function shareMeasure(className: string, before: Share, after: Share): Measure[] {
  if (!before || !after) return []
  const change = after.share - before.share
  const error = Math.hypot(before.standardError, after.standardError)
  if (!Number.isFinite(error)) return []
  const low = Math.max(0, Math.abs(change) - z * error)
  const high = Math.abs(change) + z * error
  // Only the near end of the interval counts: the change must be large even at its smallest.
  const value = Math.abs(change)
  const limit = leastShareChange + z * error
  const detail = `${percent(before.share)} of boxes before, ${percent(after.share)} after`
  return [{ name: `share of ${className}`, unit: 'share', value, low, high, limit, exceeded: value > limit, detail }]
}

function gapMeasure(
  name: string,
  what: string,
  values: { before: readonly number[]; after: readonly number[] },
): Measure[] {
  const { before, after } = values
  if (Math.min(before.length, after.length) < fewestImages) return []
  const value = ksStatistic(before, after)
  const chance = ksCritical(before.length, after.length, alpha)
  const limit = Math.max(leastGap, chance)
  const detail = `largest gap between the distributions of the ${what}; chance alone reaches ${chance.toFixed(3)}`
  return [{ name, unit: 'gap', value, limit, exceeded: value > limit, detail }]
}

function classNames(before: Dataset, after: Dataset): string[] {
  const used = (dataset: Dataset) =>
    [...new Set(dataset.boxes.classId)].sort((a, b) => a - b).map((id) => nameOfClass(dataset, id))
  return [...new Set([...before.classes, ...after.classes, ...used(before), ...used(after)])]
}

function classCounts(dataset: Dataset, classes: readonly string[]): Int32Array[] {
  const rows = dataset.images.map(() => new Int32Array(classes.length))
  const column = new Map(classes.map((name, k) => [name, k]))
  for (let row = 0; row < dataset.boxes.count; row++) {
    const k = column.get(nameOfClass(dataset, dataset.boxes.classId[row] as number)) as number
    const counts = rows[dataset.boxes.image[row] as number]
    if (counts) counts[k]!++
  }
  return rows
}

/** Median box area of every image that has boxes, as a share of the image: one value an image, so that values are independent. */
function medianAreas(dataset: Dataset): number[] {
  const start = rowStarts(dataset)
  return dataset.images.flatMap((_, i) => {
    const first = start[i] as number
    const areas = Float64Array.from(
      { length: (start[i + 1] as number) - first },
      (_, k) => (dataset.boxes.w[first + k] as number) * (dataset.boxes.h[first + k] as number),
    ).sort()
    const middle = areas.length / 2
    return areas.length === 0
      ? []
      : [((areas[Math.ceil(middle) - 1] as number) + (areas[Math.floor(middle)] as number)) / 2]
  })
}

function boxesAnImage(dataset: Dataset): number[] {
  const start = rowStarts(dataset)
  return dataset.images.map((_, i) => (start[i + 1] as number) - (start[i] as number))
}

function sum(rows: readonly Int32Array[]): number[] {
  const total = new Array<number>(rows[0]?.length ?? 0).fill(0)
  for (const row of rows) for (const [k, value] of row.entries()) total[k]! += value
  return total
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
