import { UsageError } from '../errors.ts'

/** Files of a data set folder by relative path, forward slashes; in memory or read on demand. */
export type DataFiles = {
  paths: readonly string[]
  text: (path: string) => string
  bytes: (path: string) => Uint8Array
}

/** What is to be written (or removed: null) to bring changes about. */
export type Changes = Map<string, string | Uint8Array | null>

/** Files held in memory. */
export function filesInMemory(files: ReadonlyMap<string, string | Uint8Array>): DataFiles {
  const read = (path: string) => {
    const content = files.get(path)
    if (content === undefined) throw new UsageError('there is no such file', { where: path })
    return content
  }
  return {
    paths: [...files.keys()].sort(),
    text: (path) =>
      ((content) => (typeof content === 'string' ? content : new TextDecoder().decode(content)))(read(path)),
    bytes: (path) =>
      ((content) => (typeof content === 'string' ? new TextEncoder().encode(content) : content))(read(path)),
  }
}

/** The same files with changes laid over them; later changes win. */
export function overlay(files: DataFiles, changes: Changes): DataFiles & { has: (path: string) => boolean } {
  const known = new Set(files.paths)
  const has = (path: string) => (changes.has(path) ? changes.get(path) !== null : known.has(path))
  const changed = (path: string) => {
    const content = changes.get(path)
    if (content === null) throw new UsageError('there is no such file', { where: path })
    return content
  }
  return {
    has,
    paths: files.paths,
    text: (path) => {
      const content = changed(path)
      if (content === undefined) return has(path) ? files.text(path) : ''
      return typeof content === 'string' ? content : new TextDecoder().decode(content)
    },
    bytes: (path) => {
      const content = changed(path)
      if (content === undefined) return files.bytes(path)
      return typeof content === 'string' ? new TextEncoder().encode(content) : content
    },
  }
}
