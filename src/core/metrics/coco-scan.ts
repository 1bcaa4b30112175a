import type { DetectionColumns } from './columns.ts'
import { emptyDetections, firstRows } from './make-columns.ts'

/** Exact powers of ten: a mantissa below 2^53 divided by one of them is the nearest double (Clinger 1990). */
const powers = Float64Array.from({ length: 23 }, (_, i) => 10 ** i)
const [comma, colon, quote, open, close, openList, closeList, minus, dot] = [44, 58, 34, 123, 125, 91, 93, 45, 46]

/** Where in the ground truth ids stand: the index of an image or category id, or undefined. */
export type IdIndex = { image: (id: number) => number | undefined; category: (id: number) => number | undefined }

/**
 * Detections of COCO results as bytes, without building objects. Null for
 * anything that is not plain (ids that are text, escapes, missing or odd values, no JSON at all): the exact reader then
 * says what is wrong. Detections of unknown categories are left out and counted.
 */
export function scanDetections(
  bytes: Uint8Array,
  ids: IdIndex,
): { detections: DetectionColumns; unknownCategory: number } | null {
  const scanner = createScanner(bytes)
  let columns = emptyDetections(Math.max(16, Math.floor(bytes.length / 60)))
  let count = 0
  let unknownCategory = 0
  if (scanner.next() !== openList) return null
  scanner.at++
  if (scanner.next() !== closeList) {
    for (;;) {
      const found = scanDetection(scanner)
      if (!found) return null
      const image = ids.image(found.imageId)
      if (image === undefined) return null
      const classId = ids.category(found.categoryId)
      if (classId === undefined) unknownCategory++
      else {
        if (count === columns.count) columns = grown(columns)
        columns.image[count] = image
        columns.classId[count] = classId
        columns.score[count] = found.score
        columns.x[count] = found.x
        columns.y[count] = found.y
        columns.w[count] = found.w
        columns.h[count++] = found.h
      }
      const byte = scanner.next()
      scanner.at++
      if (byte === closeList) break
      if (byte !== comma) return null
    }
  } else scanner.at++
  scanner.next()
  return scanner.at === bytes.length ? { detections: firstRows(columns, count), unknownCategory } : null
}

type Found = { imageId: number; categoryId: number; score: number; x: number; y: number; w: number; h: number }
const found: Found = { imageId: 0, categoryId: 0, score: 0, x: 0, y: 0, w: 0, h: 0 }

/** One object with the four keys, in any order, further keys with plain values skipped; null when it is not plain. */
function scanDetection(scanner: Scanner): Found | null {
  if (scanner.next() !== open) return null
  scanner.at++
  let keys = 0
  for (;;) {
    const key = scanKey(scanner)
    if (key === 0) return null
    if (key === 3) {
      if (!scanBox(scanner)) return null
    } else if (key < 5) {
      const value = scanner.number()
      if (!Number.isFinite(value) || (key < 3 && !Number.isInteger(value))) return null
      if (key === 1) found.imageId = value
      else if (key === 2) found.categoryId = value
      else found.score = value
    } else if (!Number.isFinite(scanner.number())) return null
    keys |= 1 << key
    const byte = scanner.next()
    scanner.at++
    if (byte === close) break
    if (byte !== comma) return null
  }
  return (keys & 0b11110) === 0b11110 ? found : null
}

function scanBox(scanner: Scanner): boolean {
  if (scanner.next() !== openList) return false
  scanner.at++
  found.x = scanner.number()
  if (!scanner.take(comma)) return false
  found.y = scanner.number()
  if (!scanner.take(comma)) return false
  found.w = scanner.number()
  if (!scanner.take(comma)) return false
  found.h = scanner.number()
  return (
    scanner.take(closeList) && found.w >= 0 && found.h >= 0 && Number.isFinite(found.x + found.y + found.w + found.h)
  )
}

/** 1 image_id, 2 category_id, 3 bbox, 4 score, 5 another plain key; 0 when there is none, or with an escape. */
function scanKey(scanner: Scanner): number {
  if (scanner.next() !== quote) return 0
  const { bytes } = scanner
  const from = ++scanner.at
  let at = from
  for (; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === 92 || (bytes[at] as number) < 32) return 0
  scanner.at = at + 1
  if (!scanner.take(colon)) return 0
  const length = at - from
  if (length === 8 && is(bytes, from, 'image_id')) return 1
  if (length === 11 && is(bytes, from, 'category_id')) return 2
  if (length === 4 && is(bytes, from, 'bbox')) return 3
  if (length === 5 && is(bytes, from, 'score')) return 4
  return 5
}

function is(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false
  return true
}

type Scanner = {
  readonly bytes: Uint8Array
  at: number
  /** Skips white space; the byte there, 0 at the end. */
  next: () => number
  /** Skips white space and takes one byte if it is the given one. */
  take: (byte: number) => boolean
  /** A number of JSON's grammar, as a double; NaN when there is none. */
  number: () => number
}

function createScanner(bytes: Uint8Array): Scanner {
  const scanner: Scanner = {
    bytes,
    at: 0,
    next: () => {
      let byte = bytes[scanner.at] ?? 0
      while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++scanner.at] ?? 0
      return byte
    },
    take: (wanted) => {
      if (scanner.next() !== wanted) return false
      scanner.at++
      return true
    },
    number: () => {
      let byte = scanner.next()
      const from = scanner.at
      let at = from
      const negative = byte === minus
      if (negative) byte = bytes[++at] ?? 0
      if (byte < 48 || byte > 57) return Number.NaN
      if (byte === 48 && isDigit(bytes[at + 1])) return Number.NaN
      let mantissa = 0
      const first = at
      for (; byte >= 48 && byte <= 57; byte = bytes[++at] ?? 0) mantissa = mantissa * 10 + (byte - 48)
      let decimals = 0
      if (byte === dot) {
        byte = bytes[++at] ?? 0
        if (byte < 48 || byte > 57) return Number.NaN
        for (; byte >= 48 && byte <= 57; byte = bytes[++at] ?? 0, decimals++) mantissa = mantissa * 10 + (byte - 48)
      }
      scanner.at = at
      if ((byte | 32) === 101) return exponential(scanner, from)
      if (at - first > 16 || decimals > 22) return Number(textOf(bytes, from, at))
      const value = mantissa / (powers[decimals] as number)
      return negative ? -value : value
    },
  }
  return scanner
}

function exponential(scanner: Scanner, from: number): number {
  const { bytes } = scanner
  let at = scanner.at + 1
  if (bytes[at] === 43 || bytes[at] === minus) at++
  if (!isDigit(bytes[at])) return Number.NaN
  while (isDigit(bytes[at])) at++
  scanner.at = at
  return Number(textOf(bytes, from, at))
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}

function grown(columns: DetectionColumns): DetectionColumns {
  const larger = emptyDetections(2 * columns.count)
  for (const key of ['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const) larger[key].set(columns[key])
  return larger
}
