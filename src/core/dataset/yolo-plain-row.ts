/** What a plain row says; `end` is where the next row begins. One object serves all rows. */
export type PlainRow = { classId: number; cx: number; cy: number; w: number; h: number; end: number }

const powersOfTen = Float64Array.from({ length: 16 }, (_, k) => 10 ** k)
const space = 0x20
const point = 0x2e
const zero = 0x30

/**
 * Reads the row at `at` if it is plain: a known class, four decimals from 0 to 1 of at most 15 digits, parted by single
 * spaces and ended by a line feed. Nearly every row of every file is; false, and nothing is said of the row, if it is not.
 */
export function readPlainRow(
  bytes: Uint8Array,
  at: number,
  length: number,
  classCount: number,
  into: PlainRow,
): boolean {
  let digits = 0
  let classId = 0
  for (; at < length && digits < 6; at++, digits++) {
    const digit = (bytes[at] as number) - zero
    if (digit < 0 || digit > 9) break
    classId = classId * 10 + digit
  }
  if (digits === 0 || bytes[at] !== space || (classCount > 0 && classId >= classCount)) return false
  for (let field = 0; field < 4; field++) {
    at++
    let mantissa = 0
    digits = 0
    let fraction = 0
    for (; at < length; at++) {
      const digit = (bytes[at] as number) - zero
      if (digit < 0 || digit > 9) break
      mantissa = mantissa * 10 + digit
      digits++
    }
    if (bytes[at] === point) {
      const whole = at + 1
      for (at++; at < length; at++) {
        const digit = (bytes[at] as number) - zero
        if (digit < 0 || digit > 9) break
        mantissa = mantissa * 10 + digit
      }
      fraction = at - whole
      digits += fraction
    }
    if (digits === 0 || digits > 15 || at >= length || bytes[at] !== (field < 3 ? space : 0x0a)) return false
    // Exact rounding: two whole numbers that doubles hold exactly, and one division (Clinger's fast path).
    const value = mantissa / (powersOfTen[fraction] as number)
    if (value > 1) return false
    if (field === 0) into.cx = value
    else if (field === 1) into.cy = value
    else if (field === 2) into.w = value
    else into.h = value
  }
  into.classId = classId
  into.end = at + 1
  return true
}
