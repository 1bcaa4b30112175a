const powersOfTen = Float64Array.from({ length: 23 }, (_, k) => 10 ** k)

/**
 * The decimal number in bytes [start, end), correctly rounded; NaN when they are not one.
 * Up to 15 digits and 10^22 one division of exact doubles is exact rounding (Clinger's fast path), else Number does it.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const sign = bytes[at]
  if (sign === 0x2d || sign === 0x2b) at++
  let mantissa = 0
  let digits = 0
  let fraction = 0
  let seenPoint = false
  let significant = 0
  for (; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x30 && byte <= 0x39) {
      digits++
      if (seenPoint) fraction++
      if (significant > 0 || byte !== 0x30) significant++
      if (significant > 15) return slowDecimal(bytes, start, end)
      mantissa = mantissa * 10 + (byte - 0x30)
    } else if (byte === 0x2e && !seenPoint) seenPoint = true
    else return slowDecimal(bytes, start, end)
  }
  if (digits === 0) return Number.NaN
  if (fraction > 22) return slowDecimal(bytes, start, end)
  const value = mantissa / (powersOfTen[fraction] as number)
  return sign === 0x2d ? -value : value
}

const grammar = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

function slowDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 400) return Number.NaN
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number)
  return grammar.test(text) ? Number(text) : Number.NaN
}
