import { ToolError } from '../../core/errors.ts'

const broken = () =>
  new ToolError('this is no Snappy block', { mend: 'GitHub’s storage or the network failed: run it again' })

/**
 * Unpacks a block of Snappy, in which GitHub's storage keeps attestations: the length as a varint, then literals and
 * copies of what was unpacked before (google/snappy, format_description.txt). ToolError when it is none, or has more
 * than `most` bytes.
 */
export function unpackSnappy(block: Uint8Array, most: number): Uint8Array {
  let at = 0
  const byte = (): number => {
    const value = block[at++]
    if (value === undefined) throw broken()
    return value
  }
  const littleEndian = (bytes: number): number => {
    let value = 0
    for (let i = 0; i < bytes; i++) value += byte() * 2 ** (8 * i)
    return value
  }
  let length = 0
  for (let shift = 0; ; shift += 7) {
    const part = byte()
    length += (part & 0x7f) * 2 ** shift
    if (part < 0x80) break
    if (shift > 28) throw broken()
  }
  if (length > most) throw new ToolError(`an attestation has ${length} bytes, more than ${most}`)
  const whole = new Uint8Array(length)
  let filled = 0
  while (at < block.length) {
    const tag = byte()
    const high = tag >> 2
    if ((tag & 3) === 0) {
      const size = 1 + (high < 60 ? high : littleEndian(high - 59))
      if (at + size > block.length || filled + size > length) throw broken()
      whole.set(block.subarray(at, at + size), filled)
      at += size
      filled += size
      continue
    }
    const short = (tag & 3) === 1
    const size = short ? 4 + (high & 7) : 1 + high
    const back = short ? (high >> 3) * 256 + byte() : littleEndian((tag & 3) === 2 ? 2 : 4)
    if (back === 0 || back > filled || filled + size > length) throw broken()
    // Byte by byte: a copy may reach into what it writes.
    for (let i = 0; i < size; i++) whole[filled] = whole[filled++ - back] as number
  }
  if (filled !== length) throw broken()
  return whole
}
