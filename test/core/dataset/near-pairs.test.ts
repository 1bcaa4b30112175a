import { describe, expect, test } from 'vitest'
import { hammingDistance, hashWords, nearPairs } from '../../../src/core/dataset/near-pairs.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** Hashes of 16 hex digits, some of them a few bits from an earlier one. */
function hashes(count: number, seed: string): string[] {
  const random = seededRandom(seed)
  const all: bigint[] = []
  for (let i = 0; i < count; i++) {
    if (i > 10 && random.next() < 0.4) {
      let near = all[random.int(i)] as bigint
      for (let flips = random.int(14); flips > 0; flips--) near ^= 1n << BigInt(random.int(64))
      all.push(near)
    } else all.push((BigInt(random.int(2 ** 32)) << 32n) | BigInt(random.int(2 ** 32)))
  }
  return all.map((value) => value.toString(16).padStart(16, '0'))
}

const slowDistance = (a: string, b: string) =>
  [...(BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2)].filter((bit) => bit === '1').length

describe('near pairs', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])(
    'are those of a comparison of every hash with every other, at radius %i',
    (radius) => {
      const given = hashes(300, `radius ${radius}`)
      const { count, a, b, distance, capped } = nearPairs(hashWords(given), radius)
      const ours = Array.from({ length: count }, (_, k) => `${a[k]} ${b[k]} ${distance[k]}`)
      const theirs = given.flatMap((one, i) =>
        given.slice(i + 1).flatMap((two, k) => {
          const bits = slowDistance(one, two)
          return bits <= radius ? [`${i} ${i + 1 + k} ${bits}`] : []
        }),
      )
      expect(ours.sort()).toEqual(theirs.sort())
      expect(capped).toBe(false)
      if (radius > 2) expect(count).toBeGreaterThan(0)
    },
  )

  test('a limit on their number stops the search and is told', () => {
    const same = hashWords(Array.from({ length: 300 }, () => '00ff00ff00ff00ff'))
    expect(nearPairs(same, 4).count).toBe((300 * 299) / 2)
    const { count, capped } = nearPairs(same, 4, 1000)
    expect(capped).toBe(true)
    expect(count).toBeLessThan(1300)
  })

  test('a distance counts all 64 bits', () => {
    expect(hammingDistance(hashWords(['0000000000000000', 'ffffffffffffffff']), 0, 1)).toBe(64)
    expect(hammingDistance(hashWords(['8000000000000001', '0000000000000000']), 0, 1)).toBe(2)
  })
})
