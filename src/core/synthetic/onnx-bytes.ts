import { UsageError } from '../errors.ts'

/** One field of a protobuf message: its number and, for length-delimited ones, where its content lies. */
export type Field = { number: number; from: number; to: number; start: number; end: number; value: number }

/** Fields of a message in order; `start` is −1 for those that are not length-delimited. UsageError when it breaks off. */
export function* fieldsOf(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Field> {
  let at = from
  const varint = () => {
    let value = 0
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      if (at >= to) throw broken()
      const byte = bytes[at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw broken()
  }
  while (at < to) {
    const began = at
    const tag = varint()
    const wire = tag % 8
    const field = { number: Math.floor(tag / 8), from: began, start: -1, end: -1, value: 0 }
    if (wire === 0) field.value = varint()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire === 2) {
      field.end = varint() + at
      field.start = at
      at = field.end
    } else throw broken()
    if (at > to) throw broken()
    yield { ...field, to: at }
  }
}

function broken(): UsageError {
  return new UsageError('the model is no whole ONNX file', { mend: 'export it again' })
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) + 128)
  }
}

export function numberField(number: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(number * 8), ...varint(value)])
}

export function bytesField(number: number, content: Uint8Array): Uint8Array {
  return message([Uint8Array.from([...varint(number * 8 + 2), ...varint(content.length)]), content])
}

export function textField(number: number, text: string): Uint8Array {
  return bytesField(number, new TextEncoder().encode(text))
}

/** Fields one after the other. */
export function message(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
