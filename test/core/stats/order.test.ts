import { expect, test } from 'vitest'
import { descendingOrder, groupByKey } from '../../../src/core/stats/order.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const identity = (n: number) => Uint32Array.from({ length: n }, (_, i) => i)

test('the order is that of a stable comparison sort, for any sign, size and number of ties', () => {
  const random = seededRandom('order')
  for (const draw of [
    () => random.next(),
    () => Math.round(random.normal() * 4) / 4,
    () => random.normal() * 10 ** random.int(300),
    // Neighbouring doubles: they share the upper word.
    () => 1 + random.int(5000) * 2 ** -52,
    () => random.pick([0, -0, 5e-324, -5e-324, 1, -1, Number.MAX_VALUE, Number.POSITIVE_INFINITY]),
  ]) {
    const values = Float64Array.from({ length: 3000 }, draw)
    const expected = [...values.keys()].sort((a, b) => Math.sign(values[b]! - values[a]! || 0) || a - b)
    expect([...descendingOrder(values, identity(3000))]).toEqual(expected)
  }
})

test('0 and -0 are equal', () => {
  expect([...descendingOrder(Float64Array.of(-0, 0, -0, 0), identity(4))]).toEqual([0, 1, 2, 3])
})

test('no values give no order', () => {
  expect(descendingOrder(new Float64Array(0), identity(0))).toHaveLength(0)
})

test('groups keep the given order and leave out keys out of range', () => {
  const { start, members } = groupByKey(Int32Array.of(2, 0, -1, 2, 3, 0), 3)
  expect([...start]).toEqual([0, 2, 2, 4])
  expect([...members]).toEqual([1, 5, 0, 3])
  expect([...groupByKey(Int32Array.of(2, 0, -1, 2, 3, 0), 3, Uint32Array.of(5, 3, 1, 0)).members]).toEqual([5, 1, 3, 0])
})
