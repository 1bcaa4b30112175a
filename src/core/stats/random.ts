/** A seeded stream of random numbers; the same seed gives the same stream on every machine. */
export type Random = {
  /** Uniform in [0, 1), 32 bits of it. */
  next: () => number
  /** Uniform integer in [0, n). */
  int: (n: number) => number
  /** Uniform in [low, high). */
  uniform: (low: number, high: number) => number
  /** Normal by Box and Muller. */
  normal: (mean?: number, sd?: number) => number
  /** One element of a non-empty list. */
  pick: <T>(list: readonly T[]) => T
  /** A shuffled copy (Fisher and Yates). */
  shuffle: <T>(list: readonly T[]) => T[]
}

/** xoshiro128** seeded through splitmix32 (Blackman and Vigna); seed is any number or text. */
export function seededRandom(seed: number | string): Random {
  const state = expandSeed(seed)
  const next32 = () => {
    const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9)
    const t = state[1] << 9
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= t
    state[3] = rotate(state[3], 11)
    return result >>> 0
  }
  const next = () => next32() / 4294967296
  const int = (n: number) => Math.floor(next() * n)
  return {
    next,
    int,
    uniform: (low, high) => low + (high - low) * next(),
    normal: (mean = 0, sd = 1) => mean + sd * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (list) => list[int(list.length)] as (typeof list)[number],
    shuffle: (list) => {
      const copy = [...list]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(i + 1)
        const held = copy[i] as (typeof copy)[number]
        copy[i] = copy[j] as (typeof copy)[number]
        copy[j] = held
      }
      return copy
    },
  }
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits))
}

function expandSeed(seed: number | string): [number, number, number, number] {
  let hash = 0x811c9dc5
  for (const char of String(seed)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  const words = [0, 0, 0, 0].map(() => {
    hash = (hash + 0x9e3779b9) | 0
    let z = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  })
  return words as [number, number, number, number]
}
