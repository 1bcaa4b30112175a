/** A place in JSON that is read as bytes; values are put into slots, where numbers are never boxed. */
export type Scanner = {
  bytes: Uint8Array
  at: number
  values: Float64Array
  /** Where the number that was read last begins, for templates; it ends at `at`. */
  from: number
}

export const createScanner = (bytes: Uint8Array, slots: number): Scanner => ({
  bytes,
  at: 0,
  values: new Float64Array(slots),
  from: 0,
})

export const [comma, open, close, openList, closeList] = [44, 123, 125, 91, 93]
const [colon, quote, backslash, minus, plus, dot, zero, nine] = [58, 34, 92, 45, 43, 46, 48, 57]

/** Exact powers of ten: a mantissa below 2^53 divided by one of them is the nearest double (Clinger 1990). */
export const powers = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)

/** Takes one byte after white space, if it is the wanted one. */
export function take(scanner: Scanner, wanted: number): boolean {
  if (scanner.bytes[scanner.at] !== wanted) {
    skipSpace(scanner)
    if (scanner.bytes[scanner.at] !== wanted) return false
  }
  scanner.at++
  return true
}

export function skipSpace(scanner: Scanner): void {
  const { bytes } = scanner
  let byte = bytes[scanner.at]
  while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++scanner.at]
}

/** Takes a word as it stands, without white space before it. */
export function takeWord(scanner: Scanner, word: Uint8Array): boolean {
  const { bytes, at } = scanner
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  scanner.at += word.length
  return true
}

/** A key as the number of the word it is (a word ends with its quote), `words.length` for any other; the colon after it
 * is taken. −1 for no key, or one with an escape, which might spell a word in another way. */
export function scanKey(scanner: Scanner, words: readonly Uint8Array[]): number {
  if (!take(scanner, quote)) return -1
  const { bytes } = scanner
  let key = 0
  while (key < words.length && !takeWord(scanner, words[key] as Uint8Array)) key++
  if (key === words.length) {
    for (let byte = bytes[scanner.at]; byte !== quote; byte = bytes[++scanner.at]) {
      if (byte === undefined || byte === backslash || byte < 32) return -1
    }
    scanner.at++
  }
  return take(scanner, colon) ? key : -1
}

/** Puts a finite number of JSON's grammar into a slot; false when there is none. */
export function scanNumber(scanner: Scanner, to: number): boolean {
  skipSpace(scanner)
  const { bytes, values } = scanner
  const from = scanner.at
  scanner.from = from
  let at = from
  const negative = bytes[at] === minus
  if (negative) at++
  const first = at
  let mantissa = 0
  let byte = bytes[at] as number
  for (; byte >= zero && byte <= nine; byte = bytes[++at] as number) mantissa = mantissa * 10 + (byte - zero)
  if (at === first || (bytes[first] === zero && at > first + 1)) return false
  let decimals = 0
  if (byte === dot) {
    const point = at
    byte = bytes[++at] as number
    for (; byte >= zero && byte <= nine; byte = bytes[++at] as number) mantissa = mantissa * 10 + (byte - zero)
    decimals = at - point - 1
    if (decimals === 0) return false
  }
  const digits = at - first
  const exponent = (byte | 32) === 101
  if (exponent) {
    at++
    if (bytes[at] === plus || bytes[at] === minus) at++
    const start = at
    while ((bytes[at] as number) >= zero && (bytes[at] as number) <= nine) at++
    if (at === start) return false
  }
  scanner.at = at
  // With its point, 16 digits at most: the mantissa is exact.
  if (exponent || digits > 16 || decimals > 22) {
    const value = Number(String.fromCharCode(...bytes.subarray(from, at)))
    values[to] = value
    return Number.isFinite(value)
  }
  const value = mantissa / (powers[decimals] as number)
  values[to] = negative ? -value : value
  return true
}

const literals = ['true', 'false', 'null'].map((word) => new TextEncoder().encode(word))
const deepest = 200

/** Skips one value of any kind, by JSON's grammar; false where JSON.parse might refuse it, or nesting is deep. */
export function skipValue(scanner: Scanner, slot: number, depth = 0): boolean {
  skipSpace(scanner)
  const byte = scanner.bytes[scanner.at]
  if (byte === quote) return skipText(scanner)
  if (byte === openList) return depth < deepest && skipList(scanner, slot, depth)
  if (byte === open) return depth < deepest && skipObject(scanner, slot, depth)
  for (const word of literals) if (takeWord(scanner, word)) return true
  return scanNumber(scanner, slot)
}

function skipList(scanner: Scanner, slot: number, depth: number): boolean {
  scanner.at++
  if (take(scanner, closeList)) return true
  do {
    if (!skipValue(scanner, slot, depth + 1)) return false
  } while (take(scanner, comma))
  return take(scanner, closeList)
}

function skipObject(scanner: Scanner, slot: number, depth: number): boolean {
  scanner.at++
  if (take(scanner, close)) return true
  do {
    if (scanKey(scanner, []) < 0 || !skipValue(scanner, slot, depth + 1)) return false
  } while (take(scanner, comma))
  return take(scanner, close)
}

function skipText(scanner: Scanner): boolean {
  const { bytes } = scanner
  for (let at = scanner.at + 1; ; at++) {
    const byte = bytes[at]
    if (byte === undefined || byte === backslash || byte < 32) return false
    if (byte !== quote) continue
    scanner.at = at + 1
    return true
  }
}
