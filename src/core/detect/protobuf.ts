import { UsageError } from '../errors.ts'

/** One field of a message: where its bytes are, or `start` −1 and the number that it holds. */
export type Field = { field: number; start: number; end: number; value: number }

/** Fields of one protobuf message of an ONNX file; UsageError where the bytes are none. */
export function* fieldsOf(bytes: Uint8Array, from: number, to: number): Generator<Field> {
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
    let value = 0
    if (wire === 0) value = varint()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire === 2) {
      const length = varint()
      start = at
      at += length
    } else throw notOnnx(`it has a field of wire type ${wire}`)
    if (at > to) throw notOnnx('it ends inside a field')
    yield { field, start, end: at, value }
  }
}

/** The numbers of a repeated field, packed or one by one; negative ones come out beyond 2^53. */
export function numbersOf(bytes: Uint8Array, { start, end, value }: Field): number[] {
  if (start < 0) return [value]
  const found: number[] = []
  for (let at = start, number = 0, scale = 1; at < end; at++) {
    const byte = bytes[at] as number
    number += (byte & 127) * scale
    scale *= 128
    if (byte >= 128) continue
    found.push(number)
    number = 0
    scale = 1
  }
  return found
}

export function textOf(bytes: Uint8Array, { start, end }: Field): string {
  return start < 0 ? '' : new TextDecoder().decode(bytes.subarray(start, end))
}

export function notOnnx(why: string): UsageError {
  return new UsageError(`this is not an ONNX model: ${why}`, {
    mend: 'give the .onnx file of an export; a file that was cut short must be fetched again',
  })
}
