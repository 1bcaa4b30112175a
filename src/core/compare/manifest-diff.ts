import { UsageError } from '../errors.ts'

export type ManifestEntry = { path: string; md5: string }
export type ManifestDiff = {
  added: ManifestEntry[]
  removed: ManifestEntry[]
  /** The same path with other content. */
  modified: { path: string; before: string; after: string }[]
  /** The same content under another path; taken out of added and removed. */
  renamed: { from: string; to: string; md5: string }[]
}

type Bytes = Buffer<ArrayBufferLike>
/** Where one entry's parts lie in a manifest's bytes; `next` is the following entry or the end. */
type Entry = { md5: number; path: number; pathEnd: number; next: number }

const prefix = Buffer.from('{"md5": "')
const middle = Buffer.from('", "relpath": "')
const chunk = 16_384

/**
 * The difference of two DVC folder objects (`.dir`: JSON lists of md5 and relpath) without parsing what both have:
 * equal stretches are skipped by comparing bytes, the rest is joined by path, whatever order the entries stand in.
 * Manifests that are written another way than DVC does are parsed in full. A path listed twice is refused where seen.
 */
export function diffManifests(base: Uint8Array, head: Uint8Array): ManifestDiff {
  const [a, b] = [bufferOf(base), bufferOf(head)]
  const left = joined(a, b) ?? { base: parsed(a), head: parsed(b) }
  return settle(left.base, left.head)
}

/** Entries that are not at the same place of an equal stretch; null where the form is not DVC's own. */
function joined(a: Bytes, b: Bytes): { base: ManifestEntry[]; head: ManifestEntry[] } | null {
  const left = { base: [] as ManifestEntry[], head: [] as ManifestEntry[] }
  if (a[0] !== 0x5b || b[0] !== 0x5b || a.at(-1) !== 0x5d || b.at(-1) !== 0x5d) return null
  const end = { a: a.length - 1, b: b.length - 1 }
  let [i, j] = [1, 1]
  while (i < end.a && j < end.b) {
    const equal = equalBytes(a, i, end.a, b, j, end.b)
    if (equal > 0) {
      // Back to the start of the entry that the equal stretch ends in; a quote inside a path would be escaped.
      const whole = i + equal >= end.a && j + equal >= end.b
      const start = whole ? i + equal : a.lastIndexOf(prefix, i + equal)
      if (start > i) {
        j += start - i
        i = start
        continue
      }
    }
    const [x, y] = [entryAt(a, i, end.a), entryAt(b, j, end.b)]
    if (!x || !y) return null
    const order = a.compare(b, y.path, y.pathEnd, x.path, x.pathEnd)
    if (order <= 0) {
      left.base.push(read(a, x))
      i = x.next
    }
    if (order >= 0) {
      left.head.push(read(b, y))
      j = y.next
    }
  }
  return rest(a, i, end.a, left.base) && rest(b, j, end.b, left.head) ? left : null
}

/** How many bytes from here on are the same: by chunks, then by ever smaller ones down to the byte. */
function equalBytes(a: Bytes, i: number, endA: number, b: Bytes, j: number, endB: number): number {
  const most = Math.min(endA - i, endB - j)
  let equal = 0
  let size = chunk
  while (equal < most) {
    const length = Math.min(size, most - equal)
    if (a.compare(b, j + equal, j + equal + length, i + equal, i + equal + length) === 0) equal += length
    else if (length <= 64) break
    else size = length >> 1
  }
  const last = Math.min(most, equal + 64)
  while (equal < last && a[i + equal] === b[j + equal]) equal++
  return equal
}

/** The entry that starts here, as DVC writes it; null for any other form, escapes included. */
function entryAt(bytes: Bytes, at: number, end: number): Entry | null {
  const md5 = at + prefix.length
  const key = md5 + 32
  const path = key + middle.length
  if (path >= end || !startsWith(bytes, at, prefix) || !startsWith(bytes, key, middle)) return null
  const pathEnd = bytes.indexOf(0x22, path)
  if (pathEnd < 0 || pathEnd >= end || bytes[pathEnd + 1] !== 0x7d) return null
  for (let k = path; k < pathEnd; k++) if (bytes[k] === 0x5c) return null
  if (pathEnd + 2 === end) return { md5, path, pathEnd, next: end }
  return bytes[pathEnd + 2] === 0x2c && bytes[pathEnd + 3] === 0x20 ? { md5, path, pathEnd, next: pathEnd + 4 } : null
}

function startsWith(bytes: Bytes, at: number, text: Bytes): boolean {
  for (let k = 0; k < text.length; k++) if (bytes[at + k] !== text[k]) return false
  return true
}

function read(bytes: Bytes, { md5, path, pathEnd }: Entry): ManifestEntry {
  return { path: bytes.toString('utf8', path, pathEnd), md5: bytes.toString('latin1', md5, md5 + 32) }
}

function rest(bytes: Bytes, from: number, end: number, into: ManifestEntry[]): boolean {
  for (let at = from; at < end; ) {
    const entry = entryAt(bytes, at, end)
    if (!entry) return false
    into.push(read(bytes, entry))
    at = entry.next
  }
  return true
}

function parsed(bytes: Bytes): ManifestEntry[] {
  const bad = (message: string) =>
    new UsageError(`a DVC folder object is damaged: ${message}`, { mend: 'dvc fetch it again' })
  let list: unknown
  try {
    list = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new UsageError('a DVC folder object is not JSON', { mend: 'dvc fetch it again', cause })
  }
  if (!Array.isArray(list)) throw bad('it is not a list')
  return list.map((entry: { relpath?: unknown; md5?: unknown } | null) => {
    const { relpath, md5 } = entry ?? {}
    if (typeof relpath !== 'string' || typeof md5 !== 'string') throw bad('an entry without relpath or md5')
    return { path: relpath, md5 }
  })
}

/** Joins what is left by path, then by content: linear in both, exact in any order. */
function settle(base: readonly ManifestEntry[], head: readonly ManifestEntry[]): ManifestDiff {
  const before = byPath(base)
  const after = byPath(head)
  const diff: ManifestDiff = { added: [], removed: [], modified: [], renamed: [] }
  const gone = base.filter(({ path, md5 }) => {
    const now = after.get(path)
    if (now !== undefined && now !== md5) diff.modified.push({ path, before: md5, after: now })
    return now === undefined
  })
  const fresh = head.filter(({ path }) => !before.has(path))
  pairByContent(gone, fresh, diff)
  const byName = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
  for (const list of [diff.added, diff.removed, diff.modified] as { path: string }[][]) list.sort(byName)
  diff.renamed.sort((a, b) => (a.from < b.from ? -1 : 1))
  return diff
}

function byPath(entries: readonly ManifestEntry[]): Map<string, string> {
  const map = new Map<string, string>()
  for (const { path, md5 } of entries) {
    if (map.has(path))
      throw new UsageError(`a DVC folder object lists ${JSON.stringify(path)} twice`, { mend: 'run dvc add again' })
    map.set(path, md5)
  }
  return map
}

/** Equal content that went and came is a rename; of several the same file name first, then in order. */
function pairByContent(gone: readonly ManifestEntry[], fresh: readonly ManifestEntry[], diff: ManifestDiff): void {
  let [left, right] = [gone, fresh]
  const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  for (const keyOf of [({ path, md5 }: ManifestEntry) => `${md5} ${fileName(path)}`, ({ md5 }: ManifestEntry) => md5]) {
    const waiting = new Map<string, ManifestEntry[]>()
    for (const entry of right.toReversed()) {
      const key = keyOf(entry)
      const list = waiting.get(key)
      if (list) list.push(entry)
      else waiting.set(key, [entry])
    }
    const taken = new Set<ManifestEntry>()
    left = left.filter((entry) => {
      const to = waiting.get(keyOf(entry))?.pop()
      if (!to) return true
      taken.add(to)
      diff.renamed.push({ from: entry.path, to: to.path, md5: entry.md5 })
      return false
    })
    right = right.filter((entry) => !taken.has(entry))
  }
  diff.removed.push(...left)
  diff.added.push(...right)
}

function bufferOf(bytes: Uint8Array): Bytes {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
