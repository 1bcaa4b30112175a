import { crc32 } from 'node:zlib'
import type { KnownLabels } from './known-labels.ts'
import type { BoxColumns } from './model.ts'

/** Changes when the layout of these bytes or the meaning of what they hold does. */
const magic = 'sluice known labels 1\n'
const columns = ['cx', 'cy', 'w', 'h', 'classId', 'line'] as const
type Head = {
  key: string
  grammar: KnownLabels['grammar']
  files: number
  rows: number
  text: number
  defects: KnownLabels['defects']
}

/**
 * Known labels as bytes: the magic line, CRC-32 and length of the rest; a line of JSON; file names, ids and images, a
 * line each; then, from a multiple of 8, columns as they lie in memory (of machines that are little-endian).
 */
export function encodeKnownLabels(known: KnownLabels, key: string): Uint8Array {
  const text = Buffer.from([...known.files, ...known.ids, ...known.images].join('\n'))
  const { grammar, defects, boxes, files } = known
  const head: Head = { key, grammar, files: files.length, rows: boxes.count, text: text.length, defects }
  const line = Buffer.from(`${JSON.stringify(head)}\n`)
  const front = magic.length + 16
  const numbers = [...columns.map((name) => boxes[name]), known.start, known.polygons, known.flagged]
  const at = eightfold(front + line.length + text.length)
  const bytes = Buffer.alloc(numbers.reduce((sum, column) => sum + column.byteLength, at))
  bytes.write(magic)
  line.copy(bytes, front)
  text.copy(bytes, front + line.length)
  let end = at
  for (const column of numbers) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), end)
    end += column.byteLength
  }
  bytes.writeUInt32LE(line.length, magic.length)
  bytes.writeUInt32LE(crc32(bytes.subarray(front)), magic.length + 4)
  bytes.writeDoubleLE(bytes.length, magic.length + 8)
  return bytes
}

/** What bytes say; a sentence instead where they are damaged, null where they belong to another key. */
export function decodeKnownLabels(bytes: Buffer, key: string): KnownLabels | string | null {
  const front = magic.length + 16
  if (bytes.length < front || bytes.toString('latin1', 0, magic.length) !== magic) return 'it is not of this version'
  if (bytes.readDoubleLE(magic.length + 8) !== bytes.length) return 'it is cut off'
  if (crc32(bytes.subarray(front)) !== bytes.readUInt32LE(magic.length + 4)) return 'its checksum is wrong'
  const textAt = front + bytes.readUInt32LE(magic.length)
  const head = JSON.parse(bytes.toString('utf8', front, textAt)) as Head
  if (head.key !== key) return null
  const lines = head.files === 0 ? [] : bytes.toString('utf8', textAt, textAt + head.text).split('\n')
  // Columns are views of the bytes where those begin at a multiple of 8 in memory, as a whole file's buffer does.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(bytes)
  let at = eightfold(textAt + head.text)
  const next = (size: number, count: number) => {
    at += size * count
    return [whole.buffer as ArrayBuffer, whole.byteOffset + at - size * count, count] as const
  }
  const { rows: n, files } = head
  const [cx, cy, w, h] = [0, 1, 2, 3].map(() => new Float64Array(...next(8, n))) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const [classId, line] = [new Int32Array(...next(4, n)), new Uint32Array(...next(4, n))]
  const [start, polygons] = [new Uint32Array(...next(4, files + 1)), new Uint32Array(...next(4, files))]
  const flagged = new Uint8Array(...next(1, files))
  const boxes: BoxColumns = { count: n, image: placesOf(start), classId, cx, cy, w, h, line }
  return {
    ...{ grammar: head.grammar, start, polygons, flagged, boxes, defects: head.defects },
    ...{ files: lines.slice(0, files), ids: lines.slice(files, 2 * files), images: lines.slice(2 * files) },
  }
}

/** The file of each row. */
function placesOf(start: Uint32Array): Uint32Array {
  const places = new Uint32Array(start.at(-1) ?? 0)
  for (let i = 0; i + 1 < start.length; i++) places.fill(i, start[i], start[i + 1])
  return places
}

function eightfold(length: number): number {
  return Math.ceil(length / 8) * 8
}
