import { ksGaps, ksP } from '../stats/ks.ts'
import { quantileOfSorted } from '../stats/quantiles.ts'
import type { Random } from '../stats/random.ts'
import { sorted } from '../stats/wasserstein.ts'
import {
  type Blocks,
  type DriftUnits,
  loneBlocks,
  ofBoxes,
  ofImage,
  pairBlocks,
  rowsOf,
  type Values,
  valuesOf,
} from './drift-blocks.ts'
import { boxMeasures, pictureMeasures } from './drift-columns.ts'
import type { DriftComparison, RawMeasure } from './drift-comparison.ts'
import { mixTable } from './drift-mix.ts'
import { binnedGap, binOf, type DriftTable, permutationP, quantileBorders } from './drift-permutation.ts'

/** Every measure that both sides have values of, with its effect and its p-value. */
export function rawMeasures(comparison: DriftComparison, units: DriftUnits, random: Random): RawMeasure[] {
  const { before, after, paired, classes } = comparison
  const blocks = paired ? pairBlocks(units, random) : loneBlocks(units, random)
  const picks: [string, Values][] = [
    ['boxes an image', ofImage('boxes an image')],
    ...boxMeasures.map((name): [string, Values] => [name, ofBoxes(name)]),
    ...(paired ? [] : pictureMeasures.map((name): [string, Values] => [name, ofImage(name)])),
  ]
  const gaps = picks.flatMap(([name, pick]) => {
    const values = { before: sorted(valuesOf(before, pick)), after: sorted(valuesOf(after, pick)) }
    return values.before.length > 0 && values.after.length > 0 ? [{ name, pick, values }] : []
  })
  // A picture alone is a unit: counting paths is exact then, and costs less than dealing anew.
  const counted = (name: string) => units.unit === 'image' && !paired && !isBoxMeasure(name)
  const dealt = gaps.filter(({ name }) => !counted(name))
  const mix = mixTable(comparison, blocks)
  const tables = [mix.table, ...dealt.map(({ pick, values }) => gapTable(comparison, blocks, pick, values))]
  const tests = classes.length + 1 + gaps.length
  const p = permutationP(tables, blocks.blocks, roundsFor(tests), random)
  return [
    ...mix.measures(p[0] as number[]),
    ...gaps.map(({ name, values }): RawMeasure => {
      const { up, down } = ksGaps(values.before, values.after)
      const value = Math.max(up, down)
      const at = dealt.findIndex((one) => one.name === name)
      const chance = at < 0 ? ksP(value, values.before.length, values.after.length) : (p[at + 1]?.[0] ?? Number.NaN)
      const direction = up >= down ? 'up' : 'down'
      const medians = { before: quantileOfSorted(values.before, 0.5), after: quantileOfSorted(values.after, 0.5) }
      return { name, kind: 'gap', value, p: chance, direction, ...medians }
    }),
  ]
}

/** Enough deals for the least p-value to stay far below 1 % after correction for so many tests. */
function roundsFor(tests: number): number {
  return Math.max(1999, 250 * tests - 1)
}

function isBoxMeasure(name: string): boolean {
  return (boxMeasures as readonly string[]).includes(name)
}

function gapTable(
  comparison: DriftComparison,
  blocks: Blocks,
  pick: Values,
  values: { before: Float64Array; after: Float64Array },
): DriftTable {
  const all = new Float64Array(values.before.length + values.after.length)
  all.set(values.before)
  all.set(values.after, values.before.length)
  const borders = quantileBorders(all)
  const rows = rowsOf(comparison, blocks, pick, { bins: borders.length + 1, of: (value) => binOf(value, borders) })
  return { ...rows, statistics: 1, measure: binnedGap }
}
