import { expect, test } from 'vitest'
import { type ImageBoxes, matchBoxes } from '../../../src/core/compare/box-matching.ts'
import { fromYolo, iou } from '../../../src/core/geometry/boxes.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

type Row = [classOf: number, cx: number, cy: number, w: number, h: number]
const boxesOf = (rows: readonly Row[]): ImageBoxes => ({
  count: rows.length,
  classOf: Int32Array.from(rows, ([classOf]) => classOf),
  geometry: Float64Array.from(rows.flatMap(([, ...box]) => box)),
})
const overlap = ([, ...a]: Row, [, ...b]: Row) => iou(fromYolo(...a, 1, 1), fromYolo(...b, 1, 1))

/** Boxes that lie on one another, so that the nearest partner is often another one's. */
const crowd = (random: Random, n: number): Row[] =>
  Array.from({ length: n }, () => [
    0,
    random.uniform(0.4, 0.6),
    random.uniform(0.4, 0.6),
    random.uniform(0.1, 0.3),
    0.2,
  ])

/** The largest total overlap of any pairing, by trying them all. */
function bestTotal(base: readonly Row[], head: readonly Row[]): number {
  const [first, ...rest] = base
  if (!first) return 0
  let best = bestTotal(rest, head)
  for (const [j, row] of head.entries()) {
    const value = overlap(first, row)
    if (value >= 0.1) best = Math.max(best, value + bestTotal(rest, [...head.slice(0, j), ...head.slice(j + 1)]))
  }
  return best
}

test('pairs have the largest total overlap that any pairing has, in crowds of up to six', () => {
  let contested = 0
  for (let seed = 0; seed < 150; seed++) {
    const random = seededRandom(`crowd ${seed}`)
    const [base, head] = [crowd(random, 1 + random.int(6)), crowd(random, 1 + random.int(6))]
    const { moved } = matchBoxes(boxesOf(base), boxesOf(head))
    const total = moved.reduce((sum, [i, j]) => sum + overlap(base[i] as Row, head[j] as Row), 0)
    expect(total).toBeCloseTo(bestTotal(base, head), 9)
    const nearest = base.map((row) =>
      head.reduce((best, other, j) => (overlap(row, other) > overlap(row, head[best] as Row) ? j : best), 0),
    )
    if (new Set(nearest).size < base.length) contested++
  }
  expect(contested).toBeGreaterThan(50)
})

test('equally good pairings fall alike in any order of the rows and from either side', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = seededRandom(`ties ${seed}`)
    // A grid, and the same grid moved by half a step: every box has two equally near partners.
    const grid = (dx: number): Row[] =>
      Array.from({ length: 9 }, (_, k) => [k % 2, 0.2 + 0.1 * (k % 3) + dx, 0.2 + 0.1 * Math.floor(k / 3), 0.1, 0.1])
    const pairsOf = (base: Row[], head: Row[]) => {
      const { moved, relabelled } = matchBoxes(boxesOf(base), boxesOf(head))
      return [...moved, ...relabelled].map(([i, j]) => `${base[i]} to ${head[j]}`).sort()
    }
    const expected = pairsOf(grid(0), grid(0.05))
    expect(pairsOf(random.shuffle(grid(0)), random.shuffle(grid(0.05)))).toEqual(expected)
    const back = pairsOf(random.shuffle(grid(0.05)), grid(0)).map((pair) => pair.split(' to ').reverse().join(' to '))
    expect(back.sort()).toEqual(expected)
  }
})
