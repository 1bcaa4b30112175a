import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Storage } from '../ports.ts'
import { fileError, readText, writeWhole } from './files.ts'

/** The storage port over the file system. */
export function createStorage(): Storage {
  return {
    read: (path) => {
      try {
        return new Uint8Array(readFileSync(path))
      } catch (error) {
        throw fileError(error, path, 'read')
      }
    },
    readText,
    write: writeWhole,
    exists: existsSync,
    list,
    // Removing what is not there is no error: the wish is that it be gone.
    remove: (path) => rmSync(path, { force: true, recursive: true }),
  }
}

/** Plain files only: a link could lead out of the folder. */
function list(folder: string): string[] {
  try {
    if (!lstatSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOENT' })
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort()
  } catch (error) {
    throw fileError(error, folder, 'read')
  }
}
