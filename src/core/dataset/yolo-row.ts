import { parseDecimal } from './decimal.ts'
import { classMessage, columnsMessage, type LabelGrammar, numberHint, poseFields } from './label-grammar.ts'
import type { LabelDefectCode, LabelSink } from './yolo-labels.ts'

/** Fields of one row as byte ranges; `count` may exceed what the arrays hold. */
export type RowTokens = { start: Int32Array; end: Int32Array; count: number; line: number; lineStart: number }

/** The loader takes coordinates up to 1 % outside; it compares in 32-bit floats. */
const high = Math.fround(1.01)
const low = Math.fround(-0.01)
/** Classes that a data set may have; where their names are not known, a higher id is a slip. */
const mostClasses = 100_000
/** Overshoot that is only rounding of a writer, never reported. */
const noise = 1e-6

export type RowKind = 'box' | 'polygon' | 'pose'

/** Reads one row into the sink, as a row or as defects; says which kind its number of fields makes it. */
export function readRow(bytes: Uint8Array, row: RowTokens, grammar: LabelGrammar, sink: LabelSink): RowKind | null {
  const { count: tokens } = row
  const { classCount } = grammar
  const pose = poseFields(grammar)
  const kind = tokens === 5 ? 'box' : tokens === pose ? 'pose' : tokens > 6 && pose < 0 ? 'polygon' : null
  if (tokens > row.start.length) {
    report(bytes, row, sink, 'label-size', 0, `${tokens} fields in one row; at most ${row.start.length} are read`)
    return kind
  }
  const value = (token: number) => parseDecimal(bytes, row.start[token] as number, row.end[token] as number)
  if (kind === null || (kind === 'polygon' && tokens % 2 === 0)) {
    report(bytes, row, sink, 'label-columns', 0, columnsMessage(tokens, value(tokens - 1), grammar))
    return kind
  }
  const classId = value(0)
  const classSound = Number.isInteger(classId) && classId >= 0 && classId < (classCount || mostClasses)
  if (!classSound) {
    const numbers = Array.from({ length: tokens === 5 ? 5 : 1 }, (_, token) => value(token))
    const text = shown(bytes, row, 0)
    report(bytes, row, sink, 'label-class', 0, classMessage(text, text.slice(1, -1), numbers, grammar))
  }
  for (let token = 1; token < tokens; token++) {
    if (Number.isFinite(value(token))) continue
    const text = shown(bytes, row, token)
    const message = `${text} is not a finite decimal number${numberHint(text.slice(1, -1))}`
    report(bytes, row, sink, 'label-number', token, message)
    return kind
  }
  if (!classSound) return kind
  if (!plainInteger(bytes, row.start[0] as number, row.end[0] as number)) {
    const message = `class ${shown(bytes, row, 0)} reads as ${classId + 0}; write ${classId + 0}`
    report(bytes, row, sink, 'label-class-format', 0, message)
  }
  if (kind === 'pose' && !keypointsAreTaken(bytes, row, grammar, value, sink)) return kind
  const [cx, cy, w, h] = kind === 'polygon' ? boundingBox(value, tokens) : [value(1), value(2), value(3), value(4)]
  const inside = cx >= 0 && cx <= 1 && cy >= 0 && cy <= 1 && w >= 0 && w <= 1 && h >= 0 && h <= 1
  if (inside || rangeIsTaken(bytes, row, kind, [cx, cy, w, h], sink)) sink.row(classId + 0, cx, cy, w, h, row.line)
  return kind
}

/** Reports the first number of a keypoint that the loader would refuse. */
function keypointsAreTaken(
  bytes: Uint8Array,
  row: RowTokens,
  { keypoints }: LabelGrammar,
  value: (token: number) => number,
  sink: LabelSink,
): boolean {
  const dims = keypoints?.dims ?? 2
  for (let token = 5; token < row.count; token++) {
    const [point, part] = [Math.floor((token - 5) / dims) + 1, (token - 5) % dims]
    const number = Math.fround(value(token))
    if (number >= low && (part === 2 || number <= high)) continue
    const what = `${['x', 'y', 'visibility'][part]} of keypoint ${point}`
    const range = part === 2 ? 'not 0, 1 or 2' : 'outside 0 to 1'
    report(bytes, row, sink, 'label-range', token, `${what} is ${value(token)}, ${range}`)
    return false
  }
  return true
}

/** Reports what lies outside 0 to 1; false when the loader would refuse the row. */
function rangeIsTaken(
  bytes: Uint8Array,
  row: RowTokens,
  kind: RowKind,
  box: [cx: number, cy: number, w: number, h: number],
  sink: LabelSink,
): boolean {
  const token = (i: number) => (kind === 'polygon' ? 1 : i + 1)
  const name = (i: number) => `${kind === 'polygon' ? "the polygon's " : ''}${['x', 'y', 'width', 'height'][i]}`
  const negative = box.findIndex((v, i) => i >= 2 && v < 0)
  if (negative >= 0) {
    const message = `${name(negative)} is ${box[negative]}: a size cannot be negative`
    report(bytes, row, sink, 'label-negative-size', token(negative), message)
    return false
  }
  const outside = box.findIndex((v) => Math.fround(v) > high || Math.fround(v) < low)
  if (outside >= 0) {
    const pixels = (box[outside] as number) > 2 ? '; it looks like pixels, divide by the size of the image' : ''
    const message = `${name(outside)} is ${box[outside]}, outside 0 to 1${pixels}`
    report(bytes, row, sink, 'label-range', token(outside), message)
    return false
  }
  const slightly = box.findIndex((v) => v > 1 + noise || v < -noise)
  if (slightly >= 0) {
    const message = `${name(slightly)} is ${box[slightly]}, outside 0 to 1 by less than 0.01`
    report(bytes, row, sink, 'label-range-tolerated', token(slightly), message)
  }
  return true
}

function report(
  bytes: Uint8Array,
  row: RowTokens,
  sink: LabelSink,
  code: LabelDefectCode,
  token: number,
  message: string,
): void {
  const last = Math.min(row.count, row.start.length) - 1
  const fields: string[] = []
  for (let i = 0; i <= Math.min(last, 8); i++) fields.push(shown(bytes, row, i))
  sink.defect(code, row.line, (row.start[token] as number) - row.lineStart + 1, message, fields.join(' '))
}

/** The box around a polygon of at least three points: class first, then x and y in turn. */
function boundingBox(value: (token: number) => number, tokens: number): [number, number, number, number] {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let token = 1; token < tokens; token += 2) {
    const x = value(token)
    const y = value(token + 1)
    x1 = Math.min(x1, x)
    x2 = Math.max(x2, x)
    y1 = Math.min(y1, y)
    y2 = Math.max(y2, y)
  }
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
}

function plainInteger(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] as number) < 0x30 || (bytes[at] as number) > 0x39) return false
  return true
}

/** A field as text that is safe to show: printable ASCII, everything else as a dot, at most 40 characters. */
function shown(bytes: Uint8Array, row: RowTokens, token: number): string {
  const start = row.start[token] as number
  const end = row.end[token] as number
  let result = ''
  for (let at = start; at < end && result.length < 40; at++) {
    const byte = bytes[at] as number
    result += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'
  }
  return `"${result}${result.length < end - start ? '…' : ''}"`
}
