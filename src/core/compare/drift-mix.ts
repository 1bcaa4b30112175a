import { cohenH, jsDistance } from '../stats/divergence.ts'
import { type Blocks, rowsOf, type Values } from './drift-blocks.ts'
import { classTotals } from './drift-columns.ts'
import type { DriftComparison, RawMeasure } from './drift-comparison.ts'
import type { DriftTable } from './drift-permutation.ts'

/** Class mix and share of every class from one table of boxes. */
export function mixTable(comparison: DriftComparison, blocks: Blocks) {
  const { classes, meant, before, after } = comparison
  const open = classes.map((name) => !meant.has(name))
  const pick: Values = (columns, image) => ({
    values: columns.classOf,
    from: columns.start[image] as number,
    to: columns.start[image + 1] as number,
  })
  const measure = (one: Float64Array, other: Float64Array, values: Float64Array) => {
    const mine = shares(one, open)
    const theirs = shares(other, open)
    values[0] = jsDistance(mine.open, theirs.open)
    for (let k = 0; k < classes.length; k++) values[k + 1] = Math.abs(cohenH(mine.share[k]!, theirs.share[k]!))
  }
  const table: DriftTable = {
    ...rowsOf(comparison, blocks, pick, { bins: classes.length, of: (value) => value }),
    statistics: classes.length + 1,
    measure,
  }
  const measures = (p: readonly number[]): RawMeasure[] => {
    const [was, is] = [
      shares(classTotals(before, classes.length), open),
      shares(classTotals(after, classes.length), open),
    ]
    const mix = jsDistance(was.open, is.open)
    const whole: RawMeasure = {
      ...{ name: 'class mix', kind: 'mix', value: mix, p: p[0] as number },
      ...{ direction: null, before: null, after: null },
    }
    const each = classes.map((name, k): RawMeasure => {
      const [from, to] = [was.share[k] as number, is.share[k] as number]
      const h = cohenH(from, to)
      const direction = h >= 0 ? 'up' : 'down'
      const numbers = { value: Math.abs(h), p: p[k + 1] as number, direction, before: from, after: to } as const
      return { name: `share of ${name}`, kind: 'share', ...numbers }
    })
    return [whole, ...each].filter(({ value }) => Number.isFinite(value))
  }
  return { table, measures }
}

/** Counts of open classes only, and the share of each: of a meant class among all boxes, of the others among the open. */
function shares(counts: Float64Array, open: readonly boolean[]): { open: Float64Array; share: Float64Array } {
  const kept = counts.map((count, k) => (open[k] ? count : 0))
  let [all, rest] = [0, 0]
  for (let k = 0; k < counts.length; k++) {
    all += counts[k]!
    rest += kept[k]!
  }
  return { open: kept, share: counts.map((count, k) => count / (open[k] ? rest : all)) }
}
