import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Defect } from '../../core/dataset/model.ts'
import { UsageError } from '../../core/errors.ts'
import { type FileBytes, readBytes, readTail } from './read-bytes.ts'

/**
 * The files of one version of a data set, relative to its root, sorted: those of a folder, or those that a revision's
 * trees and manifests list. Readers ask a tree and nothing else.
 */
export type Tree = {
  /** Folder, absolute; of a revision the folder that the version would be checked out to. */
  root: string
  files: string[]
  has: (path: string) => boolean
  folders: Set<string>
  defects: Defect[]
  /** Whether a file's bytes are on this machine; a listed image need not be. */
  here: (path: string) => boolean
  /** A file's bytes, at most the first `most`, in a buffer that the next read may overwrite. */
  read: (path: string, most?: number) => FileBytes
  /** The last bytes of a file, at most `most`. */
  tail: (path: string, most: number) => Uint8Array
  /** MD5 of a file as far as a manifest tells it without reading; null where only its bytes would tell. */
  md5: (path: string) => string | null
  /**
   * A name for exactly a file's bytes, known without reading them: `md5:…` from a DVC manifest, `git:…` of a blob; null
   * where only the bytes would tell. Two files of one id are equal, files of different kinds of id may be too.
   */
  id: (path: string) => string | null
  /** Where every file can be opened by its path as it is; a tree without it must be read through `read`. */
  opens?: (path: string) => string
}

const dvcObject = /[\\/]files[\\/]md5[\\/][0-9a-f]{2}[\\/][0-9a-f]{30}$/

/** Lists a data set's folder; a link that leaves it, and whatever is neither file nor folder, becomes a defect. */
export function listTree(root: string): Tree {
  const files: string[] = []
  const folders = new Set<string>([''])
  const defects: Defect[] = []
  const real = realRoot(root)
  const outside = (file: string, message: string) =>
    void defects.push({ code: 'path-outside', file, line: 0, column: 0, message, image: null, key: message })
  const walk = (folder: string) => {
    for (const entry of entriesOf(join(real, folder), () => outside(folder, 'a folder that cannot be read'))) {
      if (entry.name === '.git' || entry.name === '.dvc') continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory()) {
        folders.add(path)
        walk(path)
      } else if (entry.isSymbolicLink()) {
        if (linkedFile(real, path)) files.push(path)
        else outside(path, 'a symbolic link that does not lead to a file of this data set; it is not followed')
      } else outside(path, 'neither a file nor a folder; it is not opened')
    }
  }
  walk('')
  files.sort()
  const known = new Set(files)
  return { root: real, files, folders, has: (path) => known.has(path), defects, ...readersOf(real) }
}

/** A folder of which only the files that are asked for are looked at; for a JSON file that lies among other things. */
export function probeTree(root: string): Tree {
  const real = realRoot(root)
  const has = (path: string) => linkedFile(real, path)
  return { root: real, files: [], folders: new Set(), has, defects: [], ...readersOf(real), here: has }
}

function readersOf(root: string): Pick<Tree, 'here' | 'read' | 'tail' | 'md5' | 'id' | 'opens'> {
  const opens = (path: string) => `${root}/${path}`
  return {
    opens,
    here: () => true,
    read: (path, most) => readBytes(opens(path), most),
    tail: (path, most) => readTail(join(root, path), most),
    md5: () => null,
    id: () => null,
  }
}

function entriesOf(folder: string, refused: () => void): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    refused()
    return []
  }
}

function realRoot(root: string): string {
  try {
    const real = realpathSync(root)
    if (statSync(real).isDirectory()) return real
  } catch (cause) {
    throw new UsageError('there is no such folder', { where: root, mend: 'check the path', cause })
  }
  throw new UsageError('this is a file, a folder was expected', { where: root })
}

function linkedFile(root: string, path: string): boolean {
  try {
    const target = realpathSync(join(root, path))
    return (target.startsWith(root + sep) || dvcObject.test(target)) && statSync(target).isFile()
  } catch {
    return false
  }
}
