import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chiSquareHomogeneity, chiSquareTail } from '../../../src/core/stats/chi-square.ts'
import { cohenH, jsDistance } from '../../../src/core/stats/divergence.ts'
import { kolmogorovTail } from '../../../src/core/stats/kolmogorov.ts'
import { ksAsymptoticP, ksGaps, ksStatistic, ksTest } from '../../../src/core/stats/ks.ts'
import { benjaminiHochberg, holmAdjusted } from '../../../src/core/stats/multiple-tests.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { sorted, wasserstein } from '../../../src/core/stats/wasserstein.ts'
// Written by scripts/bench/ks/fixture.py.
import scipy from './scipy-values.json' with { type: 'json' }

/** Gaps by counting at every value, without any sorting. */
function slowGaps(a: readonly number[], b: readonly number[]) {
  const gaps = [...a, ...b].map(
    (v) => a.filter((x) => x <= v).length / a.length - b.filter((y) => y <= v).length / b.length,
  )
  return { up: Math.max(0, ...gaps), down: Math.max(0, ...gaps.map((gap) => -gap)) }
}

describe('two samples', () => {
  test.each(scipy.samples)(
    'D, its exact p and the Wasserstein distance are scipy’s ($d, $p)',
    ({ a, b, d, p, wasserstein: w }) => {
      const test = ksTest(a, b)
      expect(test.d).toBeCloseTo(d, 14)
      expect(test.p).toBeCloseTo(p, 12)
      expect(wasserstein(a, b)).toBeCloseTo(w, 12)
    },
  )

  test.each(scipy.kolmogorov)('the tail of Kolmogorov’s statistic is scipy’s (n $n, d $d)', ({ n, d, p }) => {
    expect(Math.abs(kolmogorovTail(n, d) - p)).toBeLessThan(1e-12)
    if (n <= 100_000 && p > 1e-200 && p < 1e-3) expect(kolmogorovTail(n, d) / p).toBeCloseTo(1, 6)
  })

  test('gaps are those that counting at every value gives, ties included', () => {
    const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), { minLength: 1 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [mine, slow] = [ksGaps(a, b), slowGaps(a, b)]
        expect(mine.up).toBeCloseTo(slow.up, 12)
        expect(mine.down).toBeCloseTo(slow.down, 12)
      }),
    )
  })

  test.each<[string, (random: ReturnType<typeof seededRandom>) => number]>([
    ['smooth values', (random) => random.normal()],
    ['ties', (random) => random.int(50)],
    ['one heavy bin', (random) => (random.next() < 0.0001 ? 1e12 : random.normal())],
    ['infinite ends', (random) => (random.next() < 0.01 ? Number.NEGATIVE_INFINITY : random.normal())],
  ])('the gap found through bins is that of sorting everything: %s', (_, draw) => {
    const random = seededRandom(`gap ${_}`)
    const a = Float64Array.from({ length: 30_000 }, () => draw(random))
    const b = Float64Array.from({ length: 20_000 }, () => draw(random) * 1.05 + 0.01)
    const [x, y] = [a.slice().sort(), b.slice().sort()]
    let [i, j, d] = [0, 0, 0]
    while (i < x.length && j < y.length) {
      const value = Math.min(x[i] as number, y[j] as number)
      while (x[i] === value) i++
      while (y[j] === value) j++
      d = Math.max(d, Math.abs(i / x.length - j / y.length))
    }
    expect(ksStatistic(a, b)).toBe(d)
    expect(d).toBeGreaterThan(0.001)
  })

  test('NaN and nothing have no gap and no distance', () => {
    expect(ksStatistic([1, Number.NaN], [1])).toBeNaN()
    expect(ksStatistic([], [1])).toBeNaN()
    expect(wasserstein([1], [])).toBeNaN()
    expect(ksTest([], [1]).p).toBeNaN()
  })

  test('the critical gap at 5 % is the textbook’s', () => {
    expect(ksAsymptoticP(0.0607, 1000, 1000)).toBeCloseTo(0.05, 2)
  })

  test('bucket sort sorts, whatever lies in it', () => {
    const random = seededRandom('sorted')
    for (const draw of [() => random.normal(), () => random.int(9), () => random.next() ** 40 * 1e300]) {
      const values = Float64Array.from({ length: 9000 }, draw)
      expect(sorted(values)).toEqual(values.slice().sort())
    }
  })

  test('moving one side by c moves the Wasserstein distance to c', () => {
    const random = seededRandom('moved')
    const a = Array.from({ length: 5000 }, () => random.normal())
    expect(
      wasserstein(
        a,
        a.map((value) => value + 0.37),
      ),
    ).toBeCloseTo(0.37, 12)
    expect(wasserstein(a, a)).toBe(0)
  })
})

describe('counts', () => {
  test.each(scipy.chiSquareTail)('the chi-square tail is scipy’s ($x, $freedom)', ({ x, freedom, p }) => {
    expect(chiSquareTail(x, freedom) / p).toBeCloseTo(1, 9)
  })

  test.each(scipy.chiSquare)(
    'homogeneity is scipy’s contingency without correction ($p)',
    ({ a, b, statistic, freedom, p }) => {
      const test = chiSquareHomogeneity(a, b)
      expect(test).toMatchObject({ freedom, merged: 0 })
      expect(test.statistic).toBeCloseTo(statistic, 10)
      expect(test.p).toBeCloseTo(p, 10)
    },
  )

  test('categories too rare to expect five are merged, and one alone says nothing', () => {
    expect(chiSquareHomogeneity([50, 40, 1, 2], [50, 40, 2, 1])).toMatchObject({ merged: 2, freedom: 1 })
    expect(chiSquareHomogeneity([50, 1], [50, 1])).toMatchObject({ freedom: 0, p: 1 })
  })

  test.each(scipy.js)('Jensen and Shannon’s distance is scipy’s: $distance', ({ a, b, distance }) => {
    expect(jsDistance(a, b)).toBeCloseTo(distance, 12)
  })

  test('Cohen’s h is 0 for equal shares and π between never and always', () => {
    expect(cohenH(0.3, 0.3)).toBe(0)
    expect(cohenH(0, 1)).toBeCloseTo(Math.PI, 12)
    expect(cohenH(0.5, 0.6)).toBeCloseTo(0.2014, 4)
  })
})

describe('many tests', () => {
  test('Benjamini and Hochberg’s adjusted values are scipy’s', () => {
    for (const [k, value] of benjaminiHochberg(scipy.bh.p).entries())
      expect(value).toBeCloseTo(scipy.bh.adjusted[k] as number, 12)
  })

  test('ten textbook values: Benjamini and Hochberg reject two, Holm one', () => {
    expect(benjaminiHochberg(scipy.bh.p).filter((p) => p <= 0.05)).toHaveLength(2)
    expect(holmAdjusted(scipy.bh.p).filter((p) => p <= 0.05)).toHaveLength(1)
    expect(holmAdjusted([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06])
  })
})
