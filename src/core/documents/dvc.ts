import { createHash } from 'node:crypto'
import { parse as parseYaml } from 'yaml'
import { UsageError } from '../errors.ts'

/**
 * One output of a .dvc file or of a stage; `md5` ends with .dir for a folder. `legacy` md5s (DVC 2) were taken over
 * normalised text. `remote` is the only remote that may have it; null is the default one.
 */
export type DvcPointer = {
  path: string
  md5: string
  size: number
  nfiles: number | null
  legacy: boolean
  remote: string | null
  /** Whether `dvc push` would leave it out, so that no remote has it. */
  kept: boolean
}
export type DvcEntry = { path: string; md5: string }

/** Reads a .dvc file; what DVC itself would follow out of the folder or to another host is refused. */
export function parseDvcFile(text: string, file: string): DvcPointer & { wdir: string } {
  let value: unknown
  try {
    value = parseYaml(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch (cause) {
    throw new UsageError('this .dvc file is not YAML', { where: file, mend: restore, cause })
  }
  const { outs, deps, wdir } = (value ?? {}) as { outs?: unknown; deps?: unknown; wdir?: unknown }
  if (Array.isArray(deps) && deps.some((dep) => dep?.repo || /^[a-z]+:\/\//i.test(String(dep?.path)))) {
    throw new UsageError('this .dvc file imports from elsewhere', {
      where: file,
      mend: 'add the data to this repository with dvc add',
    })
  }
  if (!Array.isArray(outs) || outs.length !== 1) {
    throw new UsageError('a .dvc file has exactly one output', { where: file, mend: restore })
  }
  if (wdir !== undefined && wdir !== null && typeof wdir !== 'string') {
    throw new UsageError(`its wdir is ${JSON.stringify(wdir)}`, { where: file, mend: restore })
  }
  return { ...pointerOf(outs[0], file, text), wdir: wdir ?? '.' }
}
const restore = 'restore it from git, or run dvc add again'
const whole = (value: unknown) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null)

/** One output of a .dvc file or a dvc.lock, checked; `text` is the file's, for the line of what is wrong. */
export function pointerOf(out: unknown, file: string, text: string): DvcPointer {
  const fields = (out !== null && typeof out === 'object' ? out : {}) as Record<string, unknown>
  const { md5, path, hash, size, nfiles, remote, push } = fields
  const where = (key: string) => `${file}:${lineOf(text, key)}`
  if ('files' in fields || 'cloud' in fields) {
    const message = 'the data is kept by a versioning remote (cloud:, files:), which is not read'
    throw new UsageError(message, { where: where('cloud|files'), mend: 'use a remote without version_aware, and push' })
  }
  if (typeof md5 !== 'string' || !/^[0-9a-f]{32}(\.dir)?$/.test(md5) || (hash !== undefined && hash !== 'md5')) {
    const told = hash === undefined || hash === 'md5' ? `md5 is ${shown(md5)}` : `hash is ${shown(hash)}, not md5`
    throw new UsageError(`its ${told}`, { where: where(told.split(' ')[0] as string), mend: restore })
  }
  const hidden = typeof path === 'string' && path.split('/').some((part) => /^\.(git|dvc)/i.test(part))
  if (typeof path !== 'string' || !isInside(path) || hidden) {
    throw new UsageError(`its path ${shown(path)} leaves the folder`, { where: where('path'), mend: restore })
  }
  return {
    path,
    md5,
    size: whole(size) ?? 0,
    nfiles: whole(nfiles),
    legacy: hash === undefined,
    remote: typeof remote === 'string' ? remote : null,
    kept: push === false,
  }
}

const shown = (value: unknown) => (value === undefined ? 'not there' : JSON.stringify(value).slice(0, 120))

/** The first line that sets a key; 1 when none does. */
function lineOf(text: string, keys: string): number {
  const at = text.split('\n').findIndex((line) => new RegExp(`^[\\s-]*(${keys})\\s*:`).test(line))
  return at < 0 ? 1 : at + 1
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
export function isInside(path: string): boolean {
  if (path === '' || path.length > 4096 || /[\\\p{Cc}]|^[a-z]:/iu.test(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}

/** A JSON string as Python writes it: everything outside printable ASCII is escaped. */
function ascii(text: string): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, escaped)
}
