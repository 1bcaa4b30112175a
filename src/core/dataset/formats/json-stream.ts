import { UsageError } from '../../errors.ts'

/** Elements of a list in file order, with the line of each and its first byte in that line, both 1-based. */
export type Batch = { values: unknown[]; line: Uint32Array; column: Float64Array }

/** Where the reader stands: bytes[at] is the next byte, `base` the offset in the file of bytes[0]. */
type Input = {
  chunks: Iterator<Uint8Array>
  bytes: Uint8Array
  at: number
  end: number
  base: number
  /** Bytes from here on are kept when more are read; -1: none before `at`. */
  keep: number
  line: number
  /** Offset in the file of the first byte of the line. */
  lineStart: number
  file: string
  inside: string
}

const batchBytes = 1 << 20
const mostBytes = 1 << 26
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the lists of a JSON object of any size without holding the file: elements of the wanted lists come in batches
 * of about a megabyte, everything else is passed over. Returns the keys that were lists. Whatever JSON.parse would
 * refuse is a UsageError that names line and byte.
 */
export function streamLists(
  source: Iterable<Uint8Array>,
  wanted: readonly string[],
  file: string,
  take: (key: string, batch: Batch) => void,
): Set<string> {
  const input = openInput(source, file)
  const lists = new Set<string>()
  const seen = new Set<string>()
  if (blank(input) !== 0x7b) refuse(input, 'expected an object with images, annotations and categories')
  input.at++
  let next = blank(input)
  while (next !== 0x7d) {
    if (next !== 0x22) refuse(input, 'expected a key in quotes')
    const key = String(wholeValue(input))
    if (seen.has(key)) refuse(input, `the key ${JSON.stringify(key.slice(0, 40))} is there twice`)
    seen.add(key)
    if (blank(input) !== 0x3a) refuse(input, 'expected ":"')
    input.at++
    input.inside = key.slice(0, 40)
    if (wanted.includes(key) && blank(input) === 0x5b) {
      lists.add(key)
      readList(input, (batch) => take(key, batch))
    } else if (blank(input) !== -1) wholeValue(input)
    input.inside = ''
    next = blank(input)
    if (next === 0x2c) {
      input.at++
      next = blank(input)
      if (next !== 0x22) refuse(input, 'expected a key after ","')
    } else if (next !== 0x7d) refuse(input, 'expected "," or "}"')
  }
  input.at++
  if (blank(input, false) !== -1) refuse(input, 'there is more after the end of the object')
  return lists
}

function openInput(source: Iterable<Uint8Array>, file: string): Input {
  const chunks = source[Symbol.iterator]()
  const place = { base: 0, keep: -1, line: 1, lineStart: 0 }
  const input: Input = { chunks, bytes: new Uint8Array(0), at: 0, end: 0, ...place, file, inside: '' }
  while (input.end < 4 && refill(input));
  const [a, b, c] = input.bytes
  const what = (why: string, mend: string) => {
    throw new UsageError(`not JSON: ${why}`, { where: file, mend })
  }
  if (a === 0x1f && b === 0x8b) what('the file is compressed by gzip', 'unpack it with gunzip')
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || b === 0) what('UTF-16 text', 'save it as UTF-8')
  if (a === 0x3c) what('a page of HTML or XML', 'download the file anew: this is an answer of a server')
  if (a === 0xef && b === 0xbb && c === 0xbf) input.at = 3
  return input
}

/** Reads on; what lies before `keep` is forgotten. False at the end of the file. */
function refill(input: Input): boolean {
  const { value, done } = input.chunks.next()
  if (done) return false
  const from = input.keep >= 0 ? input.keep : input.at
  const kept = input.end - from
  if (kept > mostBytes) refuse(input, `a value of more than ${mostBytes >> 20} MB`)
  let { bytes } = input
  if (kept === 0) bytes = value
  else {
    bytes = new Uint8Array(kept + value.length)
    bytes.set(input.bytes.subarray(from, input.end))
    bytes.set(value, kept)
  }
  const keep = input.keep >= 0 ? 0 : -1
  Object.assign(input, { bytes, at: input.at - from, end: kept + value.length, base: input.base + from, keep })
  return true
}

/** The next byte that is no blank, without taking it; -1 at the end of the file, which is refused unless allowed. */
function blank(input: Input, needed = true): number {
  for (;;) {
    while (input.at < input.end) {
      const byte = input.bytes[input.at] as number
      if (byte > 0x20) return byte
      if (byte === 0x0a) newLine(input, input.at)
      else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) refuse(input, 'a control character')
      input.at++
    }
    if (refill(input)) continue
    if (needed) cutOff(input)
    return -1
  }
}

function newLine(input: Input, at: number): void {
  input.line++
  input.lineStart = input.base + at + 1
}

/** Passes over one value, by brackets and quotes alone; `at` is then behind it. */
function passValue(input: Input): void {
  let depth = 0
  let quoted = false
  let escaped = false
  for (;;) {
    const { bytes, end } = input
    let { at } = input
    for (; at < end; at++) {
      const byte = bytes[at] as number
      if (escaped) escaped = false
      else if (quoted) {
        if (byte === 0x5c) escaped = true
        else if (byte === 0x22) {
          quoted = false
          if (depth === 0) break
        } else if (byte === 0x0a) newLine(input, at)
      } else if (byte === 0x22) quoted = true
      else if (byte === 0x7b || byte === 0x5b) depth++
      else if (byte === 0x7d || byte === 0x5d) {
        if (--depth <= 0) break
      } else if (byte === 0x0a) {
        if (depth === 0) break
        newLine(input, at)
      } else if (depth === 0 && (byte === 0x2c || byte === 0x3a || byte <= 0x20)) break
    }
    input.at = at
    if (at < end) {
      // A bracket or quote that closes belongs to the value; what ends a number does not, an unopened bracket neither.
      if (depth === 0 && (bytes[at] === 0x22 || bytes[at] === 0x7d || bytes[at] === 0x5d)) input.at++
      return
    }
    if (!refill(input)) cutOff(input)
  }
}

/** One value of any kind, parsed. */
function wholeValue(input: Input): unknown {
  input.keep = input.at
  const start = { offset: input.base + input.at, line: input.line, lineStart: input.lineStart }
  passValue(input)
  const text = decode(input, input.keep, input.at)
  input.keep = -1
  return parse(input, text, start)
}

function readList(input: Input, take: (batch: Batch) => void): void {
  const key = input.inside
  let count = 0
  let places: { offset: number; end: number; line: number; lineStart: number }[] = []
  const flush = () => {
    if (places.length === 0) return
    take(batchOf(input, places, `${key}[`, count - places.length))
    input.keep = -1
    places = []
  }
  input.at++
  if (blank(input) === 0x5d) input.at++
  else {
    for (;;) {
      blank(input)
      input.inside = `${key}[${count++}]`
      if (places.length === 0) input.keep = input.at
      const place = { offset: input.base + input.at, end: 0, line: input.line, lineStart: input.lineStart }
      passValue(input)
      place.end = input.base + input.at
      places.push(place)
      if (place.end - (places[0] as typeof place).offset >= batchBytes) flush()
      const next = blank(input)
      if (next !== 0x2c && next !== 0x5d) refuse(input, 'expected "," or "]"')
      input.at++
      if (next === 0x5d) break
    }
    flush()
  }
}

/** All elements of a batch by one call of JSON.parse; one by one when that fails, to tell which. */
function batchOf(
  input: Input,
  places: { offset: number; end: number; line: number; lineStart: number }[],
  list: string,
  first: number,
): Batch {
  const { base, keep } = input
  const last = places.at(-1) as (typeof places)[number]
  let values: unknown[] = []
  try {
    values = JSON.parse(`[${decode(input, keep, last.end - base)}]`) as unknown[]
  } catch {
    values = places.map((place, i) => {
      input.inside = `${list}${first + i}]`
      return parse(input, decode(input, place.offset - base, place.end - base), place)
    })
  }
  if (values.length !== places.length) refuse(input, 'elements without a comma between them')
  const line = Uint32Array.from(places, (place) => place.line)
  return { values, line, column: Float64Array.from(places, (place) => place.offset - place.lineStart + 1) }
}

function decode(input: Input, from: number, to: number): string {
  try {
    return utf8.decode(input.bytes.subarray(from, to))
  } catch {
    return refuse(input, 'text that is not UTF-8')
  }
}

function parse(input: Input, text: string, start: { offset: number; line: number }): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const literal = /[[,:\s]\s*-?(NaN|Infinity)\s*[,\]}]/.exec(`[${text}]`)?.[1]
    const why = literal ? `${literal} is not a number that JSON knows` : (error as Error).message.slice(0, 160)
    throw new UsageError(`not JSON: ${why} (${placeName(input)}, from byte ${start.offset})`, {
      where: `${input.file}:${start.line}`,
      mend: literal ? 'write finite numbers, or leave the annotation out' : 'mend the syntax, or write the file anew',
      cause: error,
    })
  }
}

function placeName({ inside }: Input): string {
  return inside === '' ? 'at the top' : `in ${inside}`
}

function cutOff(input: Input): never {
  const offset = input.base + input.end
  throw new UsageError(`not JSON: the file ends at byte ${offset}, ${placeName(input)}`, {
    where: `${input.file}:${input.line}`,
    mend: 'check that the file is complete',
  })
}

function refuse(input: Input, why: string): never {
  throw new UsageError(`not JSON: ${why} (${placeName(input)}, byte ${input.base + input.at})`, {
    where: `${input.file}:${input.line}`,
    mend: 'a COCO file is an object with the lists images, annotations and categories',
  })
}
