/**
 * Codes of the AC coefficients by the next 16 bits, packed: bits 0–4 how many bits to step over, bits 5–11 how many
 * coefficients, bit 12 whether the block ends; 0 is no code. `one` reads a single code, `many` all that begin and end
 * their code within the 16 bits.
 */
export type HuffmanTables = { one: Uint16Array; many: Uint16Array }

const kept = 64
const dcCache = new Map<string, Uint16Array | null>()
const acCache = new Map<string, { one: Uint16Array; many: Uint16Array | null } | null>()

/** DC table by the next 16 bits: code length × 256 + size of the difference; null when the table is not sound. */
export function dcTable(counts: Uint8Array, values: Uint8Array): Uint16Array | null {
  return remembered(dcCache, counts, values, () =>
    expand(counts, values, (length, value) => (value > 11 ? 0 : length * 256 + value)),
  )
}

/** AC tables; those of several codes are made only for a table that comes again, as the standard's own do. */
export function acTables(counts: Uint8Array, values: Uint8Array): HuffmanTables | null {
  const known = remembered(acCache, counts, values, () => {
    const one = expand(counts, values, (length, value) => {
      const [run, size] = [value >> 4, value & 15]
      if (size === 0) return run === 15 ? length | (16 << 5) : length | 4096
      return (length + size) | ((run + 1) << 5)
    })
    return one && { one, many: null }
  })
  if (!known) return null
  if (known.many) return { one: known.one, many: known.many }
  const tables = { one: known.one, many: known.one }
  if (seen.has(known.one)) known.many = join(known.one, lengthsOf(counts, values))
  seen.add(known.one)
  return known.many ? { one: known.one, many: known.many } : tables
}

const seen = new WeakSet<Uint16Array>()

function remembered<T>(cache: Map<string, T>, counts: Uint8Array, values: Uint8Array, make: () => T): T {
  const key = String.fromCharCode(...counts, ...values)
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= kept) cache.delete(cache.keys().next().value as string)
  const made = make()
  cache.set(key, made)
  return made
}

/** Canonical codes (ITU T.81 C.2) spread over all 16-bit windows that begin with them. */
function expand(
  counts: Uint8Array,
  values: Uint8Array,
  pack: (length: number, value: number) => number,
): Uint16Array | null {
  const table = new Uint16Array(65536)
  let code = 0
  let next = 0
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < (counts[length - 1] as number); i++) {
      const from = code << (16 - length)
      const to = from + (1 << (16 - length))
      if (to > 65536) return null
      table.fill(pack(length, values[next++] as number), from, to)
      code++
    }
    code <<= 1
  }
  return table
}

function lengthsOf(counts: Uint8Array, values: Uint8Array): Uint16Array {
  return expand(counts, values, (length) => length) as Uint16Array
}

function join(one: Uint16Array, lengths: Uint16Array): Uint16Array {
  const many = new Uint16Array(65536)
  for (let window = 0; window < 65536; window++) {
    let bits = 0
    let steps = 0
    let ends = 0
    while (bits < 16) {
      const rest = (window << bits) & 0xffff
      const entry = one[rest] as number
      const sure = bits === 0 || bits + (lengths[rest] as number) <= 16
      if (entry === 0 || !sure || steps + ((entry >> 5) & 127) > 64 || bits + (entry & 31) > 31) break
      bits += entry & 31
      steps += (entry >> 5) & 127
      ends = entry & 4096
      if (ends) break
    }
    many[window] = bits | (steps << 5) | ends
  }
  return many
}
