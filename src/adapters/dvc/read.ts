import { lstatSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type DvcEntry, type DvcPointer, md5Of, objectPath, parseDvcFile } from '../../core/documents/dvc.ts'
import { parseDirManifest } from '../../core/documents/dvc-manifest.ts'
import { ToolError, UsageError } from '../../core/errors.ts'
import { readText } from '../files.ts'

/** The pointer of one .dvc file and the absolute path of the data it stands for. */
export function readPointer(file: string): DvcPointer & { target: string } {
  if (!file.endsWith('.dvc')) throw new UsageError('this is no .dvc file', { where: file })
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new UsageError('this .dvc file is a symbolic link', { where: file, mend: 'commit the file itself' })
  }
  const pointer = parseDvcFile(readText(file), file)
  return { ...pointer, target: join(dirname(file), pointer.path) }
}

/** Bytes of an object in a cache or a folder remote, hashed again: DVC itself would not notice a flipped bit. */
function readObject(stores: readonly string[], md5: string): Uint8Array {
  for (const store of stores) {
    const file = join(store, objectPath(md5))
    let bytes: Uint8Array
    try {
      bytes = readFileSync(file)
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue
      throw new ToolError(`cannot read the DVC object ${file}`, { mend: 'check its permissions', cause: error })
    }
    const actual = md5Of(bytes)
    if (actual !== md5.replace(/\.dir$/, '')) {
      throw new UsageError(`this DVC object is damaged: its name says ${md5}, its bytes have ${actual}`, {
        where: file,
        mend: 'delete it and dvc push it again from a sound copy',
      })
    }
    return bytes
  }
  throw new ToolError(`the DVC object ${md5} is not here`, {
    mend: 'dvc pull fetches it; if that fails, dvc push it where the data is',
  })
}

/** Files of a tracked folder or file, from its pointer and the objects; no DVC process is started. */
export function readTracked(file: string, stores: readonly string[]): { target: string; entries: DvcEntry[] } {
  const pointer = readPointer(file)
  if (!pointer.md5.endsWith('.dir')) return { target: pointer.target, entries: [{ path: '', md5: pointer.md5 }] }
  const entries = parseDirManifest(readObject(stores, pointer.md5), pointer.md5)
  if (pointer.nfiles !== null && pointer.nfiles !== entries.length) {
    throw new UsageError(`it says ${pointer.nfiles} files, its object lists ${entries.length}`, {
      where: file,
      mend: 'restore it from git, or run dvc add again',
    })
  }
  return { target: pointer.target, entries }
}

/** Where objects of a repository may lie on this machine: its cache. */
export function cacheOf(root: string): string {
  return resolve(root, '.dvc/cache')
}
