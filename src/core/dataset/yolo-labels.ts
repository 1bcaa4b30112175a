import { type LabelGrammar, plainGrammar } from './label-grammar.ts'
import { type PlainRow, readPlainRow } from './yolo-plain-row.ts'
import { type RowKind, type RowTokens, readRow } from './yolo-row.ts'

/** What the parser tells of one label file; lines and columns are 1-based. */
export type LabelSink = {
  row: (classId: number, cx: number, cy: number, w: number, h: number, line: number) => void
  defect: (code: LabelDefectCode, line: number, column: number, message: string, key: string) => void
}

/**
 * Codes of what a label file can have wrong. All but `class-format`, `range-tolerated` and `oriented` (rows of class and
 * four corners, which it takes as polygons) make the Ultralytics loader drop the image with all its boxes, or are read
 * by it as something nobody meant.
 */
export type LabelDefectCode =
  | 'label-encoding'
  | 'label-size'
  | 'label-columns'
  | 'label-number'
  | 'label-class'
  | 'label-class-format'
  | 'label-range'
  | 'label-range-tolerated'
  | 'label-negative-size'
  | 'label-oriented'

/** What the loader takes as it is meant. */
export const harmlessCodes: ReadonlySet<LabelDefectCode> = new Set([
  'label-class-format',
  'label-range-tolerated',
  'label-oriented',
])

const maximumBytes = 16 * 1024 * 1024
const maximumRows = 100_000
/** Reused for every row of every file; a row has at most this many fields (a polygon of 32767 points). */
const scratch: RowTokens = {
  start: new Int32Array(65_536),
  end: new Int32Array(65_536),
  count: 0,
  line: 1,
  lineStart: 0,
}

const plain: PlainRow = { classId: 0, cx: 0.5, cy: 0.5, w: 0.5, h: 0.5, end: 0 }

/**
 * Reads a YOLO label file as the Ultralytics loader does (utils.py, verify_image_label): rows of class, centre x and y,
 * width and height, the same and keypoints where the grammar has them, or of class and a polygon, which counts as its
 * bounding box. Rows that it would refuse become defects and are left out; all others are kept, duplicates too.
 * A number in place of a grammar is the number of classes, 0 if not known. Returns how many rows were polygons.
 */
export function parseYoloLabels(bytes: Uint8Array, length: number, by: LabelGrammar | number, sink: LabelSink): number {
  const grammar = typeof by === 'number' ? plainGrammar(by) : by
  const { classCount } = grammar
  const start = length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const refusal = refused(bytes, length)
  if (refusal) {
    sink.defect(refusal[0], 1, 1, refusal[1], refusal[0])
    return 0
  }
  const firstOf: Record<RowKind, number> = { box: 0, polygon: 0, pose: 0 }
  let oriented = 0
  const row = scratch
  row.line = 1
  row.lineStart = start
  let rows = 0
  let polygons = 0
  let at = start
  while (at < length) {
    // The careful way below takes the same rows with the same result, one in a thousand of them.
    if (rows < maximumRows && readPlainRow(bytes, at, length, classCount, plain)) {
      sink.row(plain.classId, plain.cx, plain.cy, plain.w, plain.h, row.line)
      if (firstOf.box === 0) firstOf.box = row.line
      rows++
      row.line++
      at = row.lineStart = plain.end
      continue
    }
    at = readTokens(bytes, at, length, row)
    const byte = at < length ? (bytes[at] as number) : 0x0a
    if (!isLineBreak(byte)) {
      const column = at - row.lineStart + 1
      sink.defect('label-encoding', row.line, column, 'a control character; this is not a text file', 'control')
      return polygons
    }
    if (row.count > 0) {
      if (++rows > maximumRows) {
        sink.defect('label-size', row.line, 1, `more than ${maximumRows} rows in one label file`, 'rows')
        return polygons
      }
      const kind = readRow(bytes, row, grammar, sink)
      if (kind === 'polygon') polygons++
      if (row.count === 9 && kind === 'polygon') oriented++
      if (kind && firstOf[kind] === 0) firstOf[kind] = row.line
    }
    if (byte === 0x0d && bytes[at + 1] === 0x0a) at++
    at++
    // Python's splitlines also breaks rows at form feeds and separators; editors don't count those as lines.
    if (byte === 0x0a || byte === 0x0d) {
      row.line++
      row.lineStart = at
    }
  }
  const many = firstOf.pose > 0 ? 'pose' : 'polygon'
  if (firstOf.box > 0 && firstOf[many] > 0) {
    const quads = oriented === polygons ? 'oriented boxes (9 fields)' : 'polygons'
    const others = many === 'pose' ? 'rows with keypoints' : quads
    const message = `boxes (line ${firstOf.box}) and ${others} (line ${firstOf[many]}) in one file; the loader drops the image`
    sink.defect('label-columns', Math.max(firstOf.box, firstOf[many]), 1, message, 'mixed')
  } else if (oriented > 0 && oriented === polygons) {
    const message = '9 fields a row: oriented boxes, class and four corners'
    sink.defect('label-oriented', firstOf.polygon, 1, message, 'oriented')
  }
  return polygons
}

function isLineBreak(byte: number): boolean {
  return (byte >= 0x0a && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1e)
}

/** Notes the fields of one row and returns where it ends: at a line break, a control character or the end. */
function readTokens(bytes: Uint8Array, from: number, length: number, row: RowTokens): number {
  let at = from
  row.count = 0
  for (; at < length; at++) {
    const byte = bytes[at] as number
    if (byte === 0x20 || byte === 0x09 || byte === 0x1f) continue
    if (byte < 0x20) return at
    const start = at
    while (at < length && (bytes[at] as number) > 0x20) at++
    if (row.count < row.start.length) {
      row.start[row.count] = start
      row.end[row.count] = at
    }
    row.count++
    at--
  }
  return at
}

function refused(bytes: Uint8Array, length: number): [LabelDefectCode, string] | null {
  if (length > maximumBytes) return ['label-size', `${length} bytes; a label file has at most ${maximumBytes}`]
  const [a, b] = bytes
  if (length >= 2 && ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))) {
    return ['label-encoding', 'UTF-16 text; labels are UTF-8']
  }
  if (startsWith(bytes, length, '<<<<<<< ')) return ['label-encoding', 'a git conflict marker']
  if (startsWith(bytes, length, 'version https://git-lfs')) return ['label-encoding', 'a Git LFS pointer, not labels']
  return null
}

function startsWith(bytes: Uint8Array, length: number, text: string): boolean {
  if (length < text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false
  return true
}
