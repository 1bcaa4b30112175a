import { printable } from '../documents/printable.ts'
import { UsageError } from '../errors.ts'
import { fieldsOf, notOnnx } from './protobuf.ts'
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
  // They are shown and compared from here on; what moves a terminal's cursor is no part of a name.
  return names.length > 0 && names.every((name): name is string => typeof name === 'string')
    ? names.map(printable)
    : null
}
