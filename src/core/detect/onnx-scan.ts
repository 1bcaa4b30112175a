import { UsageError } from '../errors.ts'
import { type Field, fieldsOf, numbersOf, textOf } from './protobuf.ts'

/** Bytes an element by ONNX's TensorProto.DataType; what is not here (text, four bits) has no fixed size. */
const sizes: Record<number, number> = {
  1: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  16: 2,
}
const float32 = 1
const float16 = 10
const mostNodes = 100_000
const mostDepth = 20
/** Fields of ModelProto, 1 to 26: anything else is foreign bytes behind or inside the model. */
const lastModelField = 26
/** Where nodes stand in a graph, and in a function of the model's own. */
const graphNode = 1
const functionNode = 7

type Scan = { bytes: Uint8Array; nodes: number }

/**
 * Looks through a model's graph before anything runs it: weights in other files, tensors whose shape and bytes disagree,
 * weights that are not numbers, graphs out of all proportion, bytes behind the model. UsageError names the first.
 */
export function scanOnnx(bytes: Uint8Array): void {
  const scan: Scan = { bytes, nodes: 0 }
  let graphs = 0
  for (const field of fieldsOf(bytes, 0, bytes.length)) {
    if (field.field > lastModelField) refuse('it has bytes that belong to no model', 'export it again')
    if (field.field === 25 && field.start >= 0) scanGraph(scan, field, 0, functionNode)
    if (field.field !== 7 || field.start < 0) continue
    // Protobuf merges a second model behind the first into it.
    if (++graphs > 1) refuse('it holds two models, one behind the other', 'give one model')
    scanGraph(scan, field, 0)
  }
}

function scanGraph(scan: Scan, graph: Field, depth: number, node = graphNode): void {
  if (depth > mostDepth) refuse(`its graphs are nested more than ${mostDepth} deep`, 'export it again')
  for (const field of fieldsOf(scan.bytes, graph.start, graph.end)) {
    if (field.start < 0) continue
    if (field.field === 5 && node === graphNode) scanTensor(scan.bytes, field)
    if (field.field !== node) continue
    if (++scan.nodes > mostNodes) refuse(`its graph has more than ${mostNodes} nodes`, 'export it again')
    for (const part of fieldsOf(scan.bytes, field.start, field.end)) {
      if (part.field === 5 && part.start >= 0) scanAttribute(scan, part, depth)
    }
  }
}

/** A node's attribute may hold tensors (Constant) and graphs (If, Loop). */
function scanAttribute(scan: Scan, attribute: Field, depth: number): void {
  for (const part of fieldsOf(scan.bytes, attribute.start, attribute.end)) {
    if (part.start < 0) continue
    if (part.field === 5 || part.field === 10) scanTensor(scan.bytes, part)
    if (part.field === 6 || part.field === 11) scanGraph(scan, part, depth + 1)
  }
}

function scanTensor(bytes: Uint8Array, tensor: Field): void {
  const dims: number[] = []
  let [type, name, elsewhere] = [0, '', false]
  let raw: Field | null = null
  const floats: Field[] = []
  for (const part of fieldsOf(bytes, tensor.start, tensor.end)) {
    if (part.field === 1) dims.push(...numbersOf(bytes, part))
    if (part.field === 2) type = part.value
    if (part.field === 4) floats.push(part)
    if (part.field === 8) name = textOf(bytes, part)
    if (part.field === 9 && part.start >= 0) raw = part
    if (part.field === 13 || (part.field === 14 && part.value === 1)) elsewhere = true
  }
  const mend = 'export it again'
  const said = `its tensor "${name.slice(0, 80)}"`
  if (elsewhere)
    refuse(`${said} keeps its numbers in another file`, 'export as a single file: what is hashed must be what runs')
  const shape = `[${dims.slice(0, 8).join(', ')}]`
  const elements = dims.reduce((product, size) => product * size, 1)
  if (dims.some((size) => size > Number.MAX_SAFE_INTEGER)) refuse(`${said} has a negative side`, mend)
  const size = Object.hasOwn(sizes, type) ? sizes[type] : undefined
  if (raw && size !== undefined && elements * size !== raw.end - raw.start)
    refuse(`${said} is ${shape} but has ${raw.end - raw.start} bytes, not ${elements * size}`, mend)
  // Without any bytes at all a shape can still ask for all memory there is.
  if (!raw && elements * (size ?? 1) > 2 * (tensor.end - tensor.start) * 8)
    refuse(`${said} is ${shape} without the bytes for it`, mend)
  if (hasNaN(bytes, type, raw, floats))
    refuse(`${said} holds NaN: the training diverged or the file is damaged`, 'train or export it again')
}

/** NaN in 32 or 16 bits; infinities are left alone, masks are made of them. */
function hasNaN(bytes: Uint8Array, type: number, raw: Field | null, floats: readonly Field[]): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const any = (start: number, end: number, step: 2 | 4) => {
    for (let at = start; at + step <= end; at += step) {
      const bits = step === 4 ? view.getUint32(at, true) & 0x7fffffff : view.getUint16(at, true) & 0x7fff
      if (bits > (step === 4 ? 0x7f800000 : 0x7c00)) return true
    }
    return false
  }
  if (raw && type === float32) return any(raw.start, raw.end, 4)
  if (raw && type === float16) return any(raw.start, raw.end, 2)
  return type === float32 && floats.some(({ start, end }) => start >= 0 && any(start, end, 4))
}

function refuse(what: string, mend: string): never {
  throw new UsageError(`the model is not taken: ${what}`, { mend })
}
