/** Bytes of a small ONNX model that ignores its picture and gives constant boxes, written by hand as protobuf. */
export type ConstantModel = {
  inputs?: { name: string; type: number; shape: (number | string)[] }[]
  /** Of the one output; float32 unless half. */
  dims: number[]
  values: ArrayLike<number>
  half?: boolean
  metadata?: Record<string, string>
  operator?: string
  /** What is wrong with it: another operator domain or version, a weight tensor's fields, bytes in the graph or behind. */
  domain?: string
  opset?: number
  irVersion?: number
  tensorDims?: (number | bigint)[]
  tensorBytes?: Uint8Array | null
  external?: [key: string, value: string][]
  inGraph?: Uint8Array
  behind?: Uint8Array
  outputs?: number
}

const floats = 1
const halves = 10

export function constantModel(model: ConstantModel): Uint8Array {
  const type = model.half ? halves : floats
  const inputs = model.inputs ?? [{ name: 'images', type: floats, shape: [1, 3, 32, 32] }]
  const raw = model.half ? Float16Array.from(model.values) : Float32Array.from(model.values)
  const weights = message([
    ...(model.tensorDims ?? model.dims).map((size) => varintField(1, size)),
    varintField(2, type),
    textField(8, 'boxes'),
    ...(model.tensorBytes === null ? [] : [bytesField(9, model.tensorBytes ?? new Uint8Array(raw.buffer))]),
    ...(model.external ?? []).map(([key, value]) => bytesField(13, message([textField(1, key), textField(2, value)]))),
    ...(model.external ? [varintField(14, 1)] : []),
  ])
  const node = message([
    textField(1, 'boxes'),
    textField(2, 'output0'),
    textField(4, model.operator ?? 'Identity'),
    textField(7, model.domain ?? ''),
  ])
  const graph = message([
    bytesField(1, node),
    textField(2, 'constant'),
    bytesField(5, weights),
    ...inputs.map((input) => bytesField(11, valueInfo(input.name, input.type, input.shape))),
    ...Array.from({ length: model.outputs ?? 1 }, () => bytesField(12, valueInfo('output0', type, model.dims))),
    model.inGraph ?? new Uint8Array(),
  ])
  return message([
    varintField(1, model.irVersion ?? 8),
    bytesField(7, graph),
    bytesField(8, message([textField(1, ''), varintField(2, model.opset ?? 17)])),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) =>
      bytesField(14, message([textField(1, key), textField(2, value)])),
    ),
    model.behind ?? new Uint8Array(),
  ])
}

function valueInfo(name: string, type: number, shape: (number | string)[]): Uint8Array {
  const dims = shape.map((size) => bytesField(1, typeof size === 'number' ? varintField(1, size) : textField(2, size)))
  const tensor = message([varintField(1, type), bytesField(2, message(dims))])
  return message([textField(1, name), bytesField(2, bytesField(1, tensor))])
}

/** Negative numbers go through as the ten bytes that protobuf writes for them. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 127n) + 128)
  }
}

function varintField(field: number, value: number | bigint): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)])
}

export function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return message([Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes])
}

export function textField(field: number, text: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(text))
}

export function message(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** Raw head values [4 + classes, anchors] from boxes cx, cy, w, h in pixels, class and score; the rest is empty. */
export function rawHead(
  classes: number,
  anchors: number,
  boxes: { cx: number; cy: number; w: number; h: number; classId: number; score: number }[],
): { dims: number[]; values: Float32Array } {
  const values = new Float32Array((4 + classes) * anchors)
  boxes.forEach((box, i) => {
    values[i] = box.cx
    values[anchors + i] = box.cy
    values[2 * anchors + i] = box.w
    values[3 * anchors + i] = box.h
    values[(4 + box.classId) * anchors + i] = box.score
  })
  return { dims: [1, 4 + classes, anchors], values }
}
