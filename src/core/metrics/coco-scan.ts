import type { DetectionColumns } from './columns.ts'
import { emptyDetections, firstRows } from './make-columns.ts'

/** Where ids of the ground truth stand: the index of an image or a category, undefined for one that it does not list. */
export type IdIndex = { image: (id: number) => number | undefined; category: (id: number) => number | undefined }

/** Exact powers of ten: a mantissa below 2^53 divided by one of them is the nearest double (Clinger 1990). */
const powers = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)
const [comma, colon, quote, backslash, open, close, openList, closeList] = [44, 58, 34, 92, 123, 125, 91, 93]
const [minus, plus, dot, zero, nine] = [45, 43, 46, 48, 57]
/** Slots of the values of one detection; whatever other keys hold goes to the last. */
const slot = { image: 0, category: 1, score: 2, x: 3, y: 4, w: 5, h: 6, other: 7 }
const scalars = [
  { word: 'image_id"', slot: slot.image },
  { word: 'category_id"', slot: slot.category },
  { word: 'score"', slot: slot.score },
].map(({ word, slot }) => ({ bytes: new TextEncoder().encode(word), slot }))
const boxKey = new TextEncoder().encode('bbox"')

type Scanner = {
  bytes: Uint8Array
  at: number
  /** Values of the detection at hand: numbers that stay in an array are never boxed. */
  values: Float64Array
}

/**
 * Detections of COCO results as bytes, without building objects. Null for anything that is not plain (ids that are
 * text, escapes, missing or odd values, no JSON at all): the exact reader then says what is wrong. Detections of unknown
 * categories are left out and counted.
 */
export function scanDetections(
  bytes: Uint8Array,
  ids: IdIndex,
): { detections: DetectionColumns; unknownCategory: number } | null {
  const scanner: Scanner = { bytes, at: 0, values: new Float64Array(8) }
  const { values } = scanner
  let columns = emptyDetections(Math.max(16, Math.floor(bytes.length / 80)))
  let count = 0
  let unknownCategory = 0
  if (!take(scanner, openList)) return null
  if (!take(scanner, closeList)) {
    do {
      if (!scanDetection(scanner)) return null
      const image = ids.image(values[slot.image] as number)
      if (image === undefined) return null
      const classId = ids.category(values[slot.category] as number)
      if (classId === undefined) {
        unknownCategory++
        continue
      }
      if (count === columns.count) columns = grown(columns)
      columns.image[count] = image
      columns.classId[count] = classId
      columns.score[count] = values[slot.score] as number
      columns.x[count] = values[slot.x] as number
      columns.y[count] = values[slot.y] as number
      columns.w[count] = values[slot.w] as number
      columns.h[count++] = values[slot.h] as number
    } while (take(scanner, comma))
    if (!take(scanner, closeList)) return null
  }
  skipSpace(scanner)
  return scanner.at === bytes.length ? { detections: firstRows(columns, count), unknownCategory } : null
}

/** One object with the four keys, in any order, other keys with numbers skipped; false when it is not plain. */
function scanDetection(scanner: Scanner): boolean {
  if (!take(scanner, open)) return false
  const { values } = scanner
  let seen = 0
  do {
    const key = scanKey(scanner)
    if (key < 0) return false
    if (key === slot.x) {
      if (!scanBox(scanner)) return false
    } else if (!scanNumber(scanner, key)) return false
    seen |= 1 << key
  } while (take(scanner, comma))
  const all = (1 << slot.image) | (1 << slot.category) | (1 << slot.score) | (1 << slot.x)
  return take(scanner, close) && (seen & all) === all && isWhole(values[slot.image]) && isWhole(values[slot.category])
}

function scanBox(scanner: Scanner): boolean {
  if (!take(scanner, openList)) return false
  for (let at = slot.x; at <= slot.h; at++) {
    if ((at > slot.x && !take(scanner, comma)) || !scanNumber(scanner, at)) return false
  }
  const { values } = scanner
  return take(scanner, closeList) && (values[slot.w] as number) >= 0 && (values[slot.h] as number) >= 0
}

/** The slot of the next key, with its colon; that of x stands for the box, −1 for no key or one with an escape. */
function scanKey(scanner: Scanner): number {
  if (!take(scanner, quote)) return -1
  const { bytes } = scanner
  let key = slot.other
  if (startsWith(bytes, scanner.at, boxKey)) {
    key = slot.x
    scanner.at += boxKey.length
  } else {
    const known = scalars.find((scalar) => startsWith(bytes, scanner.at, scalar.bytes))
    if (known) {
      key = known.slot
      scanner.at += known.bytes.length
    } else {
      while (scanner.at < bytes.length && bytes[scanner.at] !== quote) {
        const byte = bytes[scanner.at++] as number
        if (byte === backslash || byte < 32) return -1
      }
      scanner.at++
    }
  }
  return take(scanner, colon) ? key : -1
}

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  return true
}

/** Puts a finite number of JSON's grammar into a slot; false when there is none. */
function scanNumber(scanner: Scanner, to: number): boolean {
  skipSpace(scanner)
  const { bytes, values } = scanner
  const from = scanner.at
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

function isWhole(value: number | undefined): boolean {
  return Number.isInteger(value)
}

function skipSpace(scanner: Scanner): void {
  const { bytes } = scanner
  let byte = bytes[scanner.at]
  while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++scanner.at]
}

/** Skips white space and takes one byte if it is the wanted one. */
function take(scanner: Scanner, wanted: number): boolean {
  if (scanner.bytes[scanner.at] !== wanted) {
    skipSpace(scanner)
    if (scanner.bytes[scanner.at] !== wanted) return false
  }
  scanner.at++
  return true
}

function grown(columns: DetectionColumns): DetectionColumns {
  const larger = emptyDetections(2 * columns.count)
  for (const key of ['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const) larger[key].set(columns[key])
  return larger
}
