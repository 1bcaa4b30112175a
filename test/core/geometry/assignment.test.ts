import { expect, test } from 'vitest'
import { assign } from '../../../src/core/geometry/assignment.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import scipy from './scipy-values.json' with { type: 'json' }

const totalOf = (cost: ArrayLike<number>, columns: number, columnOf: Int32Array) =>
  columnOf.reduce((sum, column, row) => (column < 0 ? sum : sum + (cost[row * columns + column] as number)), 0)

test.each(scipy.assignment)(
  'agrees with scipy on $rows × $columns',
  ({ rows, columns, cost, total, unique, columnOf }) => {
    const found = assign(Float64Array.from(cost), rows, columns)
    expect(totalOf(cost, columns, found)).toBeCloseTo(total, 9)
    if (unique) expect([...found]).toEqual(columnOf)
  },
)

/** The least total over every way to pair, by trying them all. */
function leastTotal(cost: Float64Array, rows: number, columns: number): number {
  const skips = rows - Math.min(rows, columns)
  const search = (row: number, used: number, skipped: number): number => {
    if (row === rows) return 0
    let least = skipped < skips ? search(row + 1, used, skipped + 1) : Infinity
    for (let j = 0; j < columns; j++) {
      if (used & (1 << j)) continue
      least = Math.min(least, (cost[row * columns + j] as number) + search(row + 1, used | (1 << j), skipped))
    }
    return least
  }
  return search(0, 0, 0)
}

test('is as cheap as the best of all pairings, and pairs nothing twice', () => {
  const random = seededRandom('assignment')
  for (let round = 0; round < 200; round++) {
    const [rows, columns] = [1 + random.int(6), 1 + random.int(6)]
    // Whole numbers make ties, which is where augmenting paths go wrong.
    const cost = Float64Array.from({ length: rows * columns }, () => random.int(6) - 3)
    const found = assign(cost, rows, columns)
    const used = [...found].filter((column) => column >= 0)
    expect(used).toHaveLength(Math.min(rows, columns))
    expect(new Set(used).size).toBe(used.length)
    expect(totalOf(cost, columns, found)).toBe(leastTotal(cost, rows, columns))
  }
})

test('no rows or no columns pair nothing', () => {
  expect([...assign(new Float64Array(0), 0, 3)]).toEqual([])
  expect([...assign(new Float64Array(0), 3, 0)]).toEqual([-1, -1, -1])
})
