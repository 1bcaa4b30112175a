import { powers, type Scanner } from './json-scan.ts'

const [minus, dot, zero, nine] = [45, 46, 48, 57]

/** How the object before was written: bytes, a number, bytes, a number … and bytes to its end. Programs write all
 * objects of a list alike, so the next one is read by comparing bytes, without looking for keys. */
export type Template = {
  /** All the bytes between numbers, one after the other; those before number n end at ends[n]. */
  text: Uint8Array
  ends: Uint32Array
  /** Where the value of number n goes. */
  slots: Uint8Array
}

/** Notes where the numbers of an object stand while it is read. */
export type Trace = {
  count: number
  from: Uint32Array
  to: Uint32Array
  slots: Uint8Array
  /** Whether numbers are all that may differ from one object to the next. */
  plain: boolean
}

const mostNumbers = 32

export const createTrace = (): Trace => ({
  count: 0,
  from: new Uint32Array(mostNumbers),
  to: new Uint32Array(mostNumbers),
  slots: new Uint8Array(mostNumbers),
  plain: true,
})

/** Adds the number that the scanner has just read. */
export function traceNumber(trace: Trace, scanner: Scanner, slot: number): void {
  if (trace.count < mostNumbers) {
    trace.from[trace.count] = scanner.from
    trace.to[trace.count] = scanner.at
    trace.slots[trace.count] = slot
  }
  trace.count++
}

/** The template of the object at [start, end) whose numbers were traced; null for one with too many. */
export function templateOf(bytes: Uint8Array, start: number, end: number, trace: Trace): Template | null {
  if (!trace.plain || trace.count > mostNumbers) return null
  const text: number[] = []
  const ends = new Uint32Array(trace.count + 1)
  let at = start
  for (let n = 0; n < trace.count; n++) {
    text.push(...bytes.subarray(at, trace.from[n]))
    ends[n] = text.length
    at = trace.to[n]!
  }
  text.push(...bytes.subarray(at, end))
  ends[trace.count] = text.length
  return { text: Uint8Array.from(text), ends, slots: trace.slots.slice(0, trace.count) }
}

/** Reads an object that is written like the template; the place after it, −1 where it is not, or where a number needs
 * the exact reader (an exponent, more than 15 digits). */
export function scanAlike({ text, ends, slots }: Template, bytes: Uint8Array, from: number, values: Float64Array) {
  let at = from
  let place = 0
  for (let n = 0; n < slots.length; n++) {
    for (const end = ends[n] as number; place < end; place++) if (bytes[at++] !== text[place]) return -1
    const negative = bytes[at] === minus
    if (negative) at++
    const first = at
    let byte = bytes[at] as number
    let mantissa = 0
    for (; byte >= zero && byte <= nine; byte = bytes[++at] as number) mantissa = mantissa * 10 + (byte - zero)
    if (at === first || (at > first + 1 && bytes[first] === zero)) return -1
    let decimals = 0
    if (byte === dot) {
      const point = ++at
      byte = bytes[at] as number
      for (; byte >= zero && byte <= nine; byte = bytes[++at] as number) mantissa = mantissa * 10 + (byte - zero)
      decimals = at - point
      if (decimals === 0) return -1
    }
    // With its point, 16 digits at most: the mantissa is exact.
    if (at - first > 16) return -1
    const value = decimals === 0 ? mantissa : mantissa / (powers[decimals] as number)
    values[slots[n] as number] = negative ? -value : value
  }
  for (; place < text.length; place++) if (bytes[at++] !== text[place]) return -1
  return at
}
