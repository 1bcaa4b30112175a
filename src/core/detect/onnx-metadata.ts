import { UsageError } from '../errors.ts'
import { parsePythonLiteral } from './python-literal.ts'

/** What an exporter wrote beside the graph; null where the file does not say. */
export type OnnxMetadata = {
  names: string[] | null
  imageSize: number | null
  stride: number | null
  task: string | null
  /** True when boxes leave the graph suppressed: an end-to-end head, or suppression exported with it. */
  endToEnd: boolean | null
  /** Every pair as it stands. */
  raw: Record<string, string>
}

/** Reads ModelProto's metadata_props (field 14) without parsing the graph; UsageError when the bytes are no protobuf. */
export function readOnnxMetadata(bytes: Uint8Array): OnnxMetadata {
  if (bytes.length === 0) throw new UsageError('the file is empty, not an ONNX model')
  const raw: Record<string, string> = Object.create(null)
  let graph = false
  for (const { field, start, end } of fieldsOf(bytes, 0, bytes.length)) {
    if (field === 7 && start >= 0) graph = true
    if (field !== 14 || start < 0) continue
    let key = ''
    let value = ''
    for (const part of fieldsOf(bytes, start, end)) {
      if (part.start < 0) continue
      const text = new TextDecoder().decode(bytes.subarray(part.start, part.end))
      if (part.field === 1) key = text
      if (part.field === 2) value = text
    }
    raw[key] = value
  }
  if (!graph) throw notOnnx('it has no graph')
  return understand(raw)
}

function understand(raw: Record<string, string>): OnnxMetadata {
  const literal = (key: string) => (raw[key] === undefined ? null : parsePythonLiteral(raw[key]))
  const size = literal('imgsz')
  const stride = literal('stride')
  const args = literal('args')
  const nms = args !== null && typeof args === 'object' && !Array.isArray(args) ? args.nms === true : false
  const endToEnd = literal('end2end')
  return {
    names: namesOf(literal('names')),
    imageSize: Array.isArray(size) && typeof size[0] === 'number' && size[0] === size[1] ? size[0] : null,
    stride: typeof stride === 'number' ? stride : null,
    task: raw.task ?? null,
    endToEnd: nms || (typeof endToEnd === 'boolean' ? endToEnd : args === null ? null : false),
    raw,
  }
}

/** Names in id order; null unless the ids are 0 to n − 1. */
function namesOf(value: ReturnType<typeof parsePythonLiteral>): string[] | null {
  if (value === null || typeof value !== 'object') return null
  const names = Array.isArray(value) ? value : Object.keys(value).map((_, id) => value[String(id)])
  return names.length > 0 && names.every((name): name is string => typeof name === 'string') ? names : null
}

type Field = { field: number; start: number; end: number }

/** Fields of one protobuf message; start is −1 for those that are not length-delimited. */
function* fieldsOf(bytes: Uint8Array, from: number, to: number): Generator<Field> {
  let at = from
  const varint = () => {
    let value = 0
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      if (at >= to) throw notOnnx('it ends inside a field')
      const byte = bytes[at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw notOnnx('a number in it does not end')
  }
  while (at < to) {
    const tag = varint()
    const wire = tag % 8
    const field = Math.floor(tag / 8)
    if (field === 0) throw notOnnx('it has a field without a number')
    let start = -1
    if (wire === 0) varint()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire === 2) {
      const length = varint()
      start = at
      at += length
    } else throw notOnnx(`it has a field of wire type ${wire}`)
    if (at > to) throw notOnnx('it ends inside a field')
    yield { field, start, end: at }
  }
}

function notOnnx(why: string): UsageError {
  return new UsageError(`this is not an ONNX model: ${why}`, {
    mend: 'give the .onnx file of an export; a file that was cut short must be fetched again',
  })
}
