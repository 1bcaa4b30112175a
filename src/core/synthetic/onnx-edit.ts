import { UsageError } from '../errors.ts'
import { bytesField, type Field, fieldsOf, message, numberField, textField } from './onnx-bytes.ts'

// Field numbers of onnx.proto: ModelProto.graph 7; GraphProto.node 1, initializer 5, output 12; NodeProto.input 1,
// output 2, op_type 4, attribute 5; AttributeProto.name 1, i 3, t 5, type 20; TensorProto.dims 1, data_type 2,
// float_data 4, name 8, raw_data 9; ValueInfoProto.name 1, type 2.
const graphField = 7
const float32 = 1

/** A node to put behind the output: what it reads and writes by name, whole-number attributes. */
export type Node = { op: string; inputs: string[]; output: string; attributes?: Record<string, number> }
/** A constant: whole numbers are written as int64, others as float32. */
export type Constant = { name: string; dims: number[]; values: number[]; whole?: boolean }

/** Name, element type and dimensions of the graph's first output; −1 for a dimension that is not fixed. */
export function outputOf(model: Uint8Array): { name: string; type: number; dims: number[] } {
  const graph = only(model, graphField)
  for (const field of fieldsOf(model, graph.start, graph.end)) {
    if (field.number === 12) return valueInfoOf(model, field)
  }
  throw new UsageError('the model has no output')
}

/**
 * The model with nodes put behind its first output; the last of them writes `result`, which takes the output's place.
 * Weights and nodes before it stay as they are, byte by byte.
 */
export function behindOutput(model: Uint8Array, nodes: Node[], constants: Constant[]): Uint8Array {
  const graph = only(model, graphField)
  let first = true
  const kept: Uint8Array[] = []
  for (const field of fieldsOf(model, graph.start, graph.end)) {
    if (field.number === 12 && first) {
      first = false
      kept.push(bytesField(12, renamed(model, field)))
    } else kept.push(model.subarray(field.from, field.to))
  }
  const added = [
    ...nodes.map((node) => bytesField(1, nodeBytes(node))),
    ...constants.map((c) => bytesField(5, tensor(c))),
  ]
  const changed = bytesField(graphField, message([...kept, ...added]))
  return message([model.subarray(0, graph.from), changed, model.subarray(graph.to)])
}

/** The model with every float32 weight tensor of at least `least` numbers rewritten in place; returns how many were. */
export function editWeights(
  model: Uint8Array,
  least: number,
  edit: (values: Float32Array) => void,
): { model: Uint8Array; tensors: number } {
  // Not slice: that of Node's Buffer shares its memory.
  const copy = new Uint8Array(model)
  const graph = only(copy, graphField)
  let tensors = 0
  for (const field of fieldsOf(copy, graph.start, graph.end)) {
    if (field.number === 5 && editTensor(copy, field, least, edit)) tensors++
    if (field.number !== 1) continue
    for (const part of fieldsOf(copy, field.start, field.end)) {
      if (part.number !== 5) continue
      for (const value of fieldsOf(copy, part.start, part.end)) {
        if (value.number === 5 && value.start >= 0 && editTensor(copy, value, least, edit)) tensors++
      }
    }
  }
  return { model: copy, tensors }
}

function editTensor(bytes: Uint8Array, at: Field, least: number, edit: (values: Float32Array) => void): boolean {
  const parts = [...fieldsOf(bytes, at.start, at.end)]
  const type = parts.find(({ number }) => number === 2)?.value
  // Raw bytes and packed float_data both are little-endian float32 in a row.
  const data = parts.find(({ number, start }) => (number === 9 || number === 4) && start >= 0)
  if (type !== float32 || !data || data.end - data.start < least * 4) return false
  const values = new Float32Array(new Uint8Array(bytes.subarray(data.start, data.end)).buffer)
  edit(values)
  bytes.set(new Uint8Array(values.buffer), data.start)
  return true
}

function only(bytes: Uint8Array, number: number): Field {
  const found = [...fieldsOf(bytes)].find((field) => field.number === number && field.start >= 0)
  if (!found) throw new UsageError('the model has no graph', { mend: 'give an ONNX file' })
  return found
}

function valueInfoOf(bytes: Uint8Array, at: Field): { name: string; type: number; dims: number[] } {
  const parts = [...fieldsOf(bytes, at.start, at.end)]
  const inside = (field: Field | undefined, number: number) =>
    field ? [...fieldsOf(bytes, field.start, field.end)].filter((part) => part.number === number) : []
  const name = parts.find(({ number }) => number === 1)
  const [tensorType] = inside(
    parts.find(({ number }) => number === 2),
    1,
  )
  const [shape] = inside(tensorType, 2)
  return {
    name: name ? new TextDecoder().decode(bytes.subarray(name.start, name.end)) : '',
    type: inside(tensorType, 1)[0]?.value ?? 0,
    dims: inside(shape, 1).map((dim) => inside(dim, 1)[0]?.value ?? -1),
  }
}

function renamed(bytes: Uint8Array, at: Field): Uint8Array {
  const rest = [...fieldsOf(bytes, at.start, at.end)].filter(({ number }) => number !== 1)
  return message([textField(1, 'result'), ...rest.map(({ from, to }) => bytes.subarray(from, to))])
}

function nodeBytes({ op, inputs, output, attributes = {} }: Node): Uint8Array {
  return message([
    ...inputs.map((name) => textField(1, name)),
    textField(2, output),
    textField(3, `planted ${output}`),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, message([textField(1, name), numberField(3, value), numberField(20, 2)])),
    ),
  ])
}

function tensor({ name, dims, values, whole = false }: Constant): Uint8Array {
  const data = whole ? BigInt64Array.from(values, BigInt) : Float32Array.from(values)
  return message([
    ...dims.map((size) => numberField(1, size)),
    numberField(2, whole ? 7 : float32),
    textField(8, name),
    bytesField(9, new Uint8Array(data.buffer)),
  ])
}
