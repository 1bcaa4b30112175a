import { createTrace, scanAlike, type Template, type Trace, templateOf, traceNumber } from './coco-template.ts'
import type { DetectionColumns } from './columns.ts'
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
  take,
} from './json-scan.ts'
import { emptyDetections, firstRows } from './make-columns.ts'

/** Where ids of the ground truth stand: the index of an image or a category, undefined for one that it does not list. */
export type IdIndex = { image: (id: number) => number | undefined; category: (id: number) => number | undefined }

/** Slots of the values of one detection; whatever other keys hold goes to the last. */
const slot = { image: 0, category: 1, score: 2, x: 3, y: 4, w: 5, h: 6, other: 7 }
/** Words in the order of the first four slots: that of x stands for the box. */
const words = ['image_id"', 'category_id"', 'score"', 'bbox"'].map((word) => new TextEncoder().encode(word))
const wanted = 0b1111

/**
 * Detections of COCO results as bytes, without building objects. Null for anything that is not plain (ids that are
 * text, escapes, missing or odd values, no JSON at all): the exact reader then says what is wrong. Detections of unknown
 * categories are left out and counted.
 */
export function scanDetections(
  bytes: Uint8Array,
  ids: IdIndex,
): { detections: DetectionColumns; unknownCategory: number } | null {
  const scanner = createScanner(bytes, 8)
  const { values } = scanner
  const trace = createTrace()
  let template: Template | null = null
  let columns = emptyDetections(Math.min(4096, bytes.length >> 5))
  let count = 0
  let unknownCategory = 0
  let image = -1
  let imageId = Number.NaN
  if (!take(scanner, openList)) return null
  if (!take(scanner, closeList)) {
    do {
      skipSpace(scanner)
      const start = scanner.at
      const end = template === null ? -1 : scanAlike(template, bytes, start, values)
      if (end >= 0) scanner.at = end
      else {
        if (!scanDetection(scanner, trace)) return null
        template = templateOf(bytes, start, scanner.at, trace)
      }
      if (
        !Number.isInteger(values[slot.category]) ||
        !((values[slot.w] as number) >= 0 && (values[slot.h] as number) >= 0)
      )
        return null
      if (values[slot.image] !== imageId) {
        imageId = values[slot.image] as number
        const known = Number.isInteger(imageId) ? ids.image(imageId) : undefined
        if (known === undefined) return null
        image = known
      }
      const classId = ids.category(values[slot.category] as number)
      if (classId === undefined) {
        unknownCategory++
        continue
      }
      if (count === columns.count) columns = grown(columns, roomFor(count, scanner.at, bytes.length))
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
function scanDetection(scanner: Scanner, trace: Trace): boolean {
  trace.count = 0
  if (!take(scanner, open)) return false
  let seen = 0
  do {
    const key = scanKey(scanner, words)
    if (key < 0) return false
    const to = key < words.length ? key : slot.other
    if (key === slot.x) {
      if (!scanBox(scanner, trace)) return false
    } else {
      if (!scanNumber(scanner, to)) return false
      traceNumber(trace, scanner, to)
    }
    seen |= 1 << key
  } while (take(scanner, comma))
  return take(scanner, close) && (seen & wanted) === wanted
}

function scanBox(scanner: Scanner, trace: Trace): boolean {
  if (!take(scanner, openList)) return false
  for (let at = slot.x; at <= slot.h; at++) {
    if ((at > slot.x && !take(scanner, comma)) || !scanNumber(scanner, at)) return false
    traceNumber(trace, scanner, at)
  }
  return take(scanner, closeList)
}

/** Rows that a file holds if the rest of it is like what was read, with a little to spare. */
function roomFor(count: number, read: number, length: number): number {
  return Math.ceil((count * length * 1.02) / read) + 16
}

function grown(columns: DetectionColumns, count: number): DetectionColumns {
  const larger = emptyDetections(count)
  for (const key of ['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const) larger[key].set(columns[key])
  return larger
}
