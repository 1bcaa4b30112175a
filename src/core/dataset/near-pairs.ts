/** Pairs (a < b) of hashes within a distance, in two equal columns, with the distance. */
export type NearPairs = { count: number; a: Uint32Array; b: Uint32Array; distance: Uint8Array; capped: boolean }

/** How many of 32 bits are set: pairs, nibbles, bytes counted in parallel. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Hashes of 16 hex digits as two 32-bit words each: words[2 i] the low, words[2 i + 1] the high one. */
export function hashWords(hashes: readonly string[]): Uint32Array {
  const words = new Uint32Array(hashes.length * 2)
  for (const [i, hash] of hashes.entries()) {
    words[2 * i] = Number.parseInt(hash.slice(8), 16)
    words[2 * i + 1] = Number.parseInt(hash.slice(0, 8), 16)
  }
  return words
}

/** How many of 64 bits differ between hashes i and j. */
export function hammingDistance(words: Uint32Array, i: number, j: number): number {
  const low = (words[2 * i] as number) ^ (words[2 * j] as number)
  const high = (words[2 * i + 1] as number) ^ (words[2 * j + 1] as number)
  return bitsOf(low) + bitsOf(high)
}

/**
 * All pairs within `radius` (0 to 11) differing bits, exactly, by multi-index hashing (Norouzi, Punjani and Fleet): of
 * the four 16-bit parts of radius 4 q + s, one of the first s + 1 differs in at most q bits or one of the others in at
 * most q − 1; so only hashes that share such a part are compared. A pair is told by the first part that finds it.
 */
export function nearPairs(words: Uint32Array, radius: number, most = 50_000_000): NearPairs {
  const n = words.length >> 1
  const q = Math.floor(radius / 4)
  const limits = [0, 1, 2, 3].map((part) => (part <= radius % 4 ? q : q - 1))
  const [l0, l1, l2] = limits as [number, number, number, number]
  const found = growing(1 << 12)
  const ids = new Uint32Array(n)
  const [low, high] = [new Uint32Array(n), new Uint32Array(n)]
  const start = new Uint32Array(65537)
  for (let part = 0; part < 4 && found.count < most; part++) {
    const limit = limits[part] as number
    if (limit < 0) continue
    const masks = masksOf(limit)
    bucket(words, part, start, ids, low, high)
    for (let value = 0; value < 65536; value++) {
      const [from, to] = [start[value] as number, start[value + 1] as number]
      if (from === to) continue
      for (let m = 0; m < masks.length; m++) {
        const other = value ^ (masks[m] as number)
        if (other < value) continue
        const [otherFrom, otherTo] = [start[other] as number, start[other + 1] as number]
        if (otherFrom === otherTo) continue
        for (let i = from; i < to; i++) {
          const [a, b] = [low[i] as number, high[i] as number]
          for (let j = other === value ? i + 1 : otherFrom; j < otherTo; j++) {
            const x = a ^ (low[j] as number)
            const y = b ^ (high[j] as number)
            // Bits of both words counted in parallel, without a table: pairs, nibbles of both together, bytes.
            const p = x - ((x >>> 1) & 0x55555555)
            const r = y - ((y >>> 1) & 0x55555555)
            const n = (p & 0x33333333) + ((p >>> 2) & 0x33333333) + (r & 0x33333333) + ((r >>> 2) & 0x33333333)
            const bits = Math.imul((n & 0x0f0f0f0f) + ((n >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24
            if (bits > radius) continue
            const first = bitsOf(x & 65535) <= l0 ? 0 : bitsOf(x >>> 16) <= l1 ? 1 : bitsOf(y & 65535) <= l2 ? 2 : 3
            if (first === part) found.push(ids[i] as number, ids[j] as number, bits)
          }
          if (found.count >= most) return found.finish(true)
        }
      }
    }
  }
  return found.finish(false)
}

/** Sorts the hashes by one of their parts, by counting. */
function bucket(
  words: Uint32Array,
  part: number,
  start: Uint32Array,
  ids: Uint32Array,
  low: Uint32Array,
  high: Uint32Array,
): void {
  const parts = new Uint16Array(words.buffer, words.byteOffset, words.length * 2)
  start.fill(0)
  for (let i = 0; i < ids.length; i++) start[(parts[4 * i + part] as number) + 1]!++
  for (let i = 0; i < 65536; i++) start[i + 1]! += start[i] as number
  const next = start.slice()
  for (let i = 0; i < ids.length; i++) {
    const at = next[parts[4 * i + part] as number]!++
    ids[at] = i
    low[at] = words[2 * i] as number
    high[at] = words[2 * i + 1] as number
  }
}

function masksOf(most: number): Uint16Array {
  const masks: number[] = []
  for (let mask = 0; mask < 65536; mask++) if (bitsOf(mask) <= most) masks.push(mask)
  return Uint16Array.from(masks)
}

function growing(size: number) {
  let [a, b, distance] = [new Uint32Array(size), new Uint32Array(size), new Uint8Array(size)]
  const found = {
    count: 0,
    push: (i: number, j: number, bits: number) => {
      if (found.count === a.length) {
        const [oldA, oldB, oldDistance] = [a, b, distance]
        ;[a, b, distance] = [new Uint32Array(a.length * 2), new Uint32Array(a.length * 2), new Uint8Array(a.length * 2)]
        a.set(oldA)
        b.set(oldB)
        distance.set(oldDistance)
      }
      a[found.count] = Math.min(i, j)
      b[found.count] = Math.max(i, j)
      distance[found.count++] = bits
    },
    finish: (capped: boolean): NearPairs => {
      const { count } = found
      return { count, a: a.subarray(0, count), b: b.subarray(0, count), distance: distance.subarray(0, count), capped }
    },
  }
  return found
}
