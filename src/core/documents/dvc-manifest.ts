import { UsageError } from '../errors.ts'
import { type DvcEntry, isInside, md5Of } from './dvc.ts'

const mostEntries = 2_000_000
const mend = 'run dvc add again where the data is'
const opening = Buffer.from('[{"md5": "')
const middle = Buffer.from('", "relpath": "')
const [quote, backslash, slash, dot, colon] = [34, 92, 47, 46, 58]

/** Reads a .dir object after comparing its bytes with its name; at most `most` entries, sorted by path (code points). */
export function parseDirManifest(bytes: Uint8Array, md5: string, most = mostEntries): DvcEntry[] {
  const where = `DVC object ${md5}`
  const actual = `${md5Of(bytes)}.dir`
  if (actual !== md5) {
    throw new UsageError(`its bytes have another hash: ${actual}`, {
      where,
      mend: 'run dvc fetch again, or dvc push it again',
    })
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return scanned(buffer, where, most) ?? parsed(buffer, where, most)
}

/**
 * Entries of a manifest written as DVC writes it, byte by byte: a million in a fraction of the time and memory that a
 * JSON parser needs. Null for anything else, valid or not: the careful reader then says what it is.
 */
function scanned(bytes: Buffer, where: string, most: number): DvcEntry[] | null {
  if (bytes.length < 90 || bytes.length > 400_000_000 || !same(bytes, 0, opening)) return null
  // One string for all: a slice of it costs no copy.
  const text = bytes.toString('latin1')
  const entries: DvcEntry[] = []
  const odd = new Set<string>()
  let last = ''
  for (let at = opening.length; ; ) {
    const start = at + 32 + middle.length
    if (start >= bytes.length || !hexAt(bytes, at) || !same(bytes, at + 32, middle)) return null
    const plain = plainPath(bytes, start)
    const end = plain < 0 ? endOfText(bytes, start) : plain
    if (end < 0) return null
    let path = text.slice(start, end)
    if (plain < 0) {
      const decoded = decodedPath(path, odd)
      if (decoded === null) return null
      path = decoded
    } else if (path <= last) return null
    // DVC sorts by path: where each plain one is greater than the one before, none is there twice.
    else last = path
    entries.push({ path, md5: text.slice(at, at + 32) })
    if (entries.length > most) tooMany(entries.length, where, most)
    const next = end + 1
    if (bytes[next] !== 125) return null
    if (next === bytes.length - 2 && bytes[next + 1] === 93) return entries
    // `}, {"md5": "` starts the next one.
    if (bytes[next + 1] !== 44 || bytes[next + 2] !== 32 || !same(bytes, next + 3, opening, 1)) return null
    at = next + 3 + opening.length - 1
  }
}

/** A path with escapes or unusual letters; null where the careful reader has to decide. */
function decodedPath(written: string, odd: Set<string>): string | null {
  let path: unknown
  try {
    path = JSON.parse(`"${written}"`)
  } catch {
    return null
  }
  if (typeof path !== 'string' || !isInside(path)) return null
  const name = path.normalize('NFC')
  // Letters of ASCII alone could be those of a path that was written plainly.
  if (odd.has(name) || !/[^\x20-\x7e]/.test(name)) return null
  odd.add(name)
  return path
}

/** Where a JSON string ends; -1 for what is not ASCII, which DVC does not write. */
function endOfText(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === quote) return at
    if (byte === backslash) at++
    else if (byte < 32 || byte > 126) return -1
  }
  return -1
}

/** Where a path ends whose letters need no second look: printable ASCII, no escape, no part that starts with a dot. */
function plainPath(bytes: Buffer, start: number): number {
  let last = slash
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === quote) return at > start && last !== slash && at - start <= 4096 ? at : -1
    if (byte < 32 || byte > 126 || byte === backslash || byte === colon) return -1
    if (last === slash && (byte === dot || byte === slash)) return -1
    last = byte
  }
  return -1
}

function hexAt(bytes: Buffer, start: number): boolean {
  for (let at = start; at < start + 32; at++) {
    const byte = bytes[at] as number
    if (!((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return false
  }
  return true
}

function same(bytes: Buffer, start: number, wanted: Uint8Array, skip = 0): boolean {
  for (let i = skip; i < wanted.length; i++) if (bytes[start + i - skip] !== wanted[i]) return false
  return true
}

function tooMany(count: number, where: string, most: number): never {
  throw new UsageError(`it lists ${count} files or more; at most ${most} are read`, {
    where,
    mend: 'track the data set in several folders',
  })
}

function parsed(bytes: Buffer, where: string, most: number): DvcEntry[] {
  let list: unknown
  try {
    list = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new UsageError('it is not JSON', { where, mend, cause })
  }
  if (!Array.isArray(list)) throw new UsageError('it is not a list', { where, mend })
  if (list.length > most) tooMany(list.length, where, most)
  const seen = new Set<string>()
  return list.map((entry: { relpath?: unknown; md5?: unknown } | null) => {
    const path = entry?.relpath
    const hash = entry?.md5
    if (typeof path !== 'string' || !isInside(path)) {
      throw new UsageError(`it lists the path ${JSON.stringify(path)}, which leaves the folder`, { where, mend })
    }
    if (typeof hash !== 'string' || !/^[0-9a-f]{32}$/.test(hash)) {
      throw new UsageError(`it lists ${JSON.stringify(path)} with md5 ${JSON.stringify(hash)}`, { where, mend })
    }
    const key = path.normalize('NFC')
    if (seen.has(key)) throw new UsageError(`it lists ${JSON.stringify(path)} twice`, { where, mend })
    seen.add(key)
    return { path, md5: hash }
  })
}
