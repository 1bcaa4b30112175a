import { createHash } from 'node:crypto'
import { parse as parseYaml } from 'yaml'
import { UsageError } from '../errors.ts'

/** One output of a .dvc file; `md5` ends with .dir for a folder. `legacy` md5s (DVC 2) were taken over normalised text. */
export type DvcPointer = { path: string; md5: string; size: number; nfiles: number | null; legacy: boolean }
export type DvcEntry = { path: string; md5: string }

const mostEntries = 2_000_000
const plainMd5 = /^[0-9a-f]{32}$/

/** Reads a .dvc file; what DVC itself would follow out of the folder or to another host is refused. */
export function parseDvcFile(text: string, file: string): DvcPointer {
  let value: unknown
  try {
    value = parseYaml(text, { maxAliasCount: 0 })
  } catch (cause) {
    throw new UsageError('this .dvc file is not YAML', { where: file, mend: restore, cause })
  }
  const { outs, deps } = (value ?? {}) as { outs?: unknown; deps?: unknown }
  if (Array.isArray(deps) && deps.some((dep) => dep?.repo || /^[a-z]+:\/\//i.test(String(dep?.path)))) {
    throw new UsageError('this .dvc file imports from elsewhere', {
      where: file,
      mend: 'add the data to this repository with dvc add',
    })
  }
  if (!Array.isArray(outs) || outs.length !== 1) {
    throw new UsageError('a .dvc file has exactly one output', { where: file, mend: restore })
  }
  const out = outs[0] as Record<string, unknown>
  const { md5, path, hash, size, nfiles } = out
  if (typeof md5 !== 'string' || !/^[0-9a-f]{32}(\.dir)?$/.test(md5) || (hash !== undefined && hash !== 'md5')) {
    throw new UsageError(`its md5 is ${JSON.stringify(md5)}`, { where: file, mend: restore })
  }
  if (typeof path !== 'string' || !isInside(path) || path.includes('/') || path.startsWith('.')) {
    throw new UsageError(`its path ${JSON.stringify(path)} leaves the folder`, { where: file, mend: restore })
  }
  return { path, md5, size: whole(size) ?? 0, nfiles: whole(nfiles), legacy: hash === undefined }
}
const restore = 'restore it from git, or run dvc add again'
const whole = (value: unknown) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null)

/** Reads a .dir object after comparing its bytes with its name; entries are sorted by path (code points). */
export function parseDirManifest(bytes: Uint8Array, md5: string): DvcEntry[] {
  const where = `DVC object ${md5}`
  const actual = `${md5Of(bytes)}.dir`
  if (actual !== md5) {
    throw new UsageError(`its bytes have another hash: ${actual}`, {
      where,
      mend: 'run dvc fetch again, or dvc push it again',
    })
  }
  let list: unknown
  try {
    list = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new UsageError('it is not JSON', { where, mend: 'run dvc add again where the data is', cause })
  }
  if (!Array.isArray(list))
    throw new UsageError('it is not a list', { where, mend: 'run dvc add again where the data is' })
  if (list.length > mostEntries)
    throw new UsageError(`it lists ${list.length} files, more than ${mostEntries}`, { where })
  const seen = new Set<string>()
  return list.map((entry: { relpath?: unknown; md5?: unknown } | null) => {
    const path = entry?.relpath
    const hash = entry?.md5
    if (typeof path !== 'string' || !isInside(path)) {
      throw new UsageError(`it lists the path ${JSON.stringify(path)}, which leaves the folder`, { where })
    }
    if (typeof hash !== 'string' || !plainMd5.test(hash)) {
      throw new UsageError(`it lists ${JSON.stringify(path)} with md5 ${JSON.stringify(hash)}`, { where })
    }
    const key = path.normalize('NFC')
    if (seen.has(key)) throw new UsageError(`it lists ${JSON.stringify(path)} twice`, { where })
    seen.add(key)
    return { path, md5: hash }
  })
}

/** Bytes of the .dir object that DVC would write for these files, and its md5 with .dir. */
export function dirManifest(entries: readonly DvcEntry[]): { bytes: Uint8Array; md5: string } {
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  const rows = sorted.map(({ md5, path }) => `{"md5": ${ascii(md5)}, "relpath": ${ascii(path)}}`)
  const bytes = new TextEncoder().encode(`[${rows.join(', ')}]`)
  return { bytes, md5: `${md5Of(bytes)}.dir` }
}

/** Where an object lies below a cache or a remote. */
export function objectPath(md5: string): string {
  return `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`
}

export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** A relative path with forward slashes that stays below its folder on every system. */
function isInside(path: string): boolean {
  if (path === '' || path.length > 4096 || /[\\\p{Cc}]|^[a-z]:/iu.test(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}

/** A JSON string as Python writes it: everything outside printable ASCII is escaped. */
function ascii(text: string): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, escaped)
}
