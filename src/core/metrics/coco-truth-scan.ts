import { createTrace, scanAlike, type Template, type Trace, templateOf, traceNumber } from './coco-template.ts'
import {
  close,
  closeList,
  comma,
  createScanner,
  open,
  openList,
  type Scanner,
  scanKey,
  scanNumber,
  skipSpace,
  skipValue,
  take,
  takeWord,
} from './json-scan.ts'

const encode = (words: string[]) => words.map((word) => new TextEncoder().encode(word))
const lists = encode(['images"', 'categories"', 'annotations"'])
/** Slots of the values of one annotation; whatever other keys hold goes to the last. */
const slot = { id: 0, image: 1, category: 2, area: 3, crowd: 4, x: 5, y: 6, w: 7, h: 8, other: 9 }
/** Words in the order of the first six slots: that of x stands for the box. */
const words = encode(['id"', 'image_id"', 'category_id"', 'area"', 'iscrowd"', 'bbox"'])
const wanted = (1 << slot.id) | (1 << slot.image) | (1 << slot.category) | (1 << slot.x)
const [yes, no] = encode(['true', 'false']) as [Uint8Array, Uint8Array]

/** Values of one annotation after the other, `annotationWidth` numbers each, in the order of `annotationSlots`. */
export type ScannedTruth = { images: unknown; categories: unknown; count: number; rows: Float64Array }
export const annotationWidth = 9
export const annotationSlots = slot

/**
 * COCO's instances JSON as bytes: images and categories as they are, annotations as numbers, all else checked and
 * skipped. Null for anything that is not plain (ids that are text, escapes, keys given twice, no JSON at all): the exact
 * reader then says what is wrong. Whether ids differ and are listed is not looked at.
 */
export function scanTruth(bytes: Uint8Array): ScannedTruth | null {
  const scanner = createScanner(bytes, 10)
  const found: unknown[] = [undefined, undefined, undefined]
  if (!take(scanner, open)) return null
  do {
    const key = scanKey(scanner, lists)
    if (key < 0 || (key < lists.length && found[key] !== undefined)) return null
    skipSpace(scanner)
    const from = scanner.at
    if (key === 2) {
      const annotations = scanAnnotations(scanner)
      if (!annotations) return null
      found[key] = annotations
    } else if (!skipValue(scanner, slot.other)) return null
    else if (key < lists.length) found[key] = JSON.parse(new TextDecoder().decode(bytes.subarray(from, scanner.at)))
  } while (take(scanner, comma))
  if (!take(scanner, close)) return null
  skipSpace(scanner)
  const [images, categories, annotations] = found
  if (scanner.at !== bytes.length || images === undefined || categories === undefined || !annotations) return null
  return { images, categories, ...(annotations as { count: number; rows: Float64Array }) }
}

function scanAnnotations(scanner: Scanner): { count: number; rows: Float64Array } | null {
  const { bytes, values } = scanner
  const trace = createTrace()
  let template: Template | null = null
  let rows = new Float64Array(4096 * annotationWidth)
  let count = 0
  if (!take(scanner, openList)) return null
  if (take(scanner, closeList)) return { count, rows }
  const began = scanner.at
  do {
    skipSpace(scanner)
    const start = scanner.at
    values[slot.area] = Number.NaN
    values[slot.crowd] = 0
    const end = template === null ? -1 : scanAlike(template, bytes, start, values)
    if (end >= 0) scanner.at = end
    else {
      if (!scanAnnotation(scanner, trace)) return null
      template = templateOf(bytes, start, scanner.at, trace)
    }
    if (!isPlain(values)) return null
    if (Number.isNaN(values[slot.area])) values[slot.area] = values[slot.w]! * values[slot.h]!
    const at = count++ * annotationWidth
    if (at === rows.length) {
      const expected = Math.ceil((count * (bytes.length - began) * 1.02) / (scanner.at - began)) + 16
      const larger = new Float64Array(expected * annotationWidth)
      larger.set(rows)
      rows = larger
    }
    for (let i = 0; i < annotationWidth; i++) rows[at + i] = values[i] as number
  } while (take(scanner, comma))
  return take(scanner, closeList) ? { count, rows } : null
}

/** One object with the four keys, in any order; false when it is not plain. */
function scanAnnotation(scanner: Scanner, trace: Trace): boolean {
  trace.count = 0
  trace.plain = true
  if (!take(scanner, open)) return false
  let seen = 0
  do {
    const key = scanKey(scanner, words)
    if (key < 0) return false
    if (!scanField(scanner, trace, key)) return false
    seen |= 1 << key
  } while (take(scanner, comma))
  return take(scanner, close) && (seen & wanted) === wanted
}

/** Ids that are whole, a size that is not negative, a crowd flag of 0 or 1. */
function isPlain(values: Float64Array): boolean {
  const crowd = values[slot.crowd]
  return (
    values[slot.w]! >= 0 &&
    values[slot.h]! >= 0 &&
    (crowd === 0 || crowd === 1) &&
    Number.isInteger(values[slot.id]) &&
    Number.isInteger(values[slot.image]) &&
    Number.isInteger(values[slot.category])
  )
}

function scanField(scanner: Scanner, trace: Trace, key: number): boolean {
  if (key === slot.x) return scanBox(scanner, trace)
  if (key === words.length) {
    // A polygon or a text of any length: the next object will not be written alike.
    trace.plain = false
    return skipValue(scanner, slot.other)
  }
  skipSpace(scanner)
  if (key === slot.crowd && (takeWord(scanner, yes) || takeWord(scanner, no))) {
    trace.plain = false
    scanner.values[slot.crowd] = scanner.bytes[scanner.at - 2] === 117 ? 1 : 0
    return true
  }
  if (!scanNumber(scanner, key)) return false
  traceNumber(trace, scanner, key)
  return true
}

function scanBox(scanner: Scanner, trace: Trace): boolean {
  if (!take(scanner, openList)) return false
  for (let at = slot.x; at <= slot.h; at++) {
    if ((at > slot.x && !take(scanner, comma)) || !scanNumber(scanner, at)) return false
    traceNumber(trace, scanner, at)
  }
  return take(scanner, closeList)
}
