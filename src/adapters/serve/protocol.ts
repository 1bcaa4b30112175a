/** A request that cannot be answered; status is HTTP's, the message goes to the client. */
export class RequestError extends Error {
  override name = 'RequestError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A picture as it came: an encoded file, or 8-bit RGB rows (height × width × 3). */
export type ImageInput =
  | { kind: 'file'; bytes: Uint8Array }
  | { kind: 'rgb'; bytes: Uint8Array; width: number; height: number }
export type InferRequest = { id: string | null; image: ImageInput; outputs: string[] }

export const outputNames = ['boxes', 'scores', 'classes']
const maxSide = 8192

/** What the server takes and gives, as the protocol's metadata names it. */
export const tensors = {
  inputs: [
    { name: 'image', datatype: 'BYTES', shape: [1] },
    { name: 'image', datatype: 'UINT8', shape: [-1, -1, 3] },
  ],
  outputs: [
    { name: 'boxes', datatype: 'FP32', shape: [-1, 4] },
    { name: 'scores', datatype: 'FP32', shape: [-1] },
    { name: 'classes', datatype: 'INT32', shape: [-1] },
  ],
}

/** Reads an inference request of the Open Inference Protocol (REST, v2); RequestError 400 says what is wrong with it. */
export function readInferRequest(body: Uint8Array): InferRequest {
  const request = record(parseJson(body), 'the body')
  const { id, inputs, outputs } = request
  if (id !== undefined && (typeof id !== 'string' || id.length > 256))
    refuse('id must be text of at most 256 characters')
  if (!Array.isArray(inputs) || inputs.length !== 1) refuse('inputs must hold exactly one tensor, "image"')
  const input = record((inputs as unknown[])[0], 'inputs[0]')
  if (input.name !== 'image') refuse(`inputs[0].name must be "image", not ${JSON.stringify(input.name)}`)
  return { id: (id as string | undefined) ?? null, image: readImage(input), outputs: readOutputs(outputs) }
}

function readImage(input: Record<string, unknown>): ImageInput {
  const shape = input.shape
  if (!Array.isArray(shape) || !shape.every((side) => Number.isInteger(side) && side > 0)) {
    return refuse('inputs[0].shape must be a list of positive integers')
  }
  if (input.datatype === 'BYTES') {
    const [data] = Array.isArray(input.data) ? (input.data as unknown[]) : []
    if ((input.data as unknown[])?.length !== 1 || typeof data !== 'string') {
      return refuse('a BYTES image is one base64 string: "shape": [1], "data": ["iVBOR..."]')
    }
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)) refuse('inputs[0].data[0] is not base64')
    const bytes = Buffer.from(data, 'base64')
    if (bytes.length === 0) refuse('inputs[0].data[0] is empty')
    return { kind: 'file', bytes }
  }
  if (input.datatype === 'UINT8') return readRows(shape as number[], input.data)
  return refuse(`inputs[0].datatype must be BYTES or UINT8, not ${JSON.stringify(input.datatype)}`)
}

function readRows(shape: number[], data: unknown): ImageInput {
  const sides = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape
  const [height = 0, width = 0, channels] = sides
  if (sides.length !== 3 || channels !== 3) refuse(`a UINT8 image is height × width × 3, not ${shape.join(' × ')}`)
  if (height > maxSide || width > maxSide) refuse(`an image side may have at most ${maxSide} pixels`)
  const values = Array.isArray(data) ? (data as unknown[]).flat(3) : refuse('inputs[0].data must be a list')
  if (values.length !== height * width * 3) {
    refuse(`inputs[0].data has ${values.length} numbers, its shape needs ${height * width * 3}`)
  }
  if (!values.every((value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255)) {
    refuse('inputs[0].data must hold integers from 0 to 255')
  }
  return { kind: 'rgb', bytes: Uint8Array.from(values as number[]), width, height }
}

function readOutputs(outputs: unknown): string[] {
  if (outputs === undefined) return outputNames
  if (!Array.isArray(outputs)) return refuse('outputs must be a list')
  return outputs.map((output) => {
    const { name } = record(output, 'an output')
    return outputNames.includes(name as string)
      ? (name as string)
      : refuse(`there is no output ${JSON.stringify(name)}; there are ${outputNames.join(', ')}`)
  })
}

/** Parses a JSON body; RequestError 400 when it is none. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    return refuse(`the body is not JSON: ${(error as Error).message}`)
  }
}

export function record(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) refuse(`${what} must be an object`)
  return value as Record<string, unknown>
}

export function refuse(message: string): never {
  throw new RequestError(400, message)
}
