import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Defect } from '../../core/dataset/model.ts'
import { isImagePath } from '../../core/dataset/paths.ts'
import { UsageError } from '../../core/errors.ts'
import type { DvcStore, Fetched, ObjectName } from '../dvc/store.ts'
import type { GitObjects } from '../git-objects.ts'
import { withoutLfs } from './lfs.ts'
import { type FileBytes, readBytes, readTail } from './read-bytes.ts'
import type { Tree } from './tree.ts'

/** Where a file of a version lies: in git, behind a DVC manifest, or in a folder (then git's id, if it is clean). */
export type Source = ({ git: string } | { dvc: ObjectName } | { folder: true; oid: string | null }) & {
  /** The name of its content, once somebody asked for it. */
  id?: string | null
}

/** A tree whose files have to be brought before they can be read. */
export type VersionTree = Tree & {
  /** Makes files readable; tells how much came from a remote. Images are brought only when asked for by name. */
  bring: (paths: readonly string[]) => Promise<Fetched>
  /** A file's bytes as a file on this machine; null until it is brought. */
  place: (path: string) => string | null
}

/** The tree of a version whose files come from several places. `scratch` makes a folder for images from git. */
export function versionTree(input: {
  root: string
  sources: Map<string, Source>
  defects: Defect[]
  folder: Tree | null
  /** Folders besides those that files lie in. */
  folders?: Iterable<string>
  objects: GitObjects | null
  store: DvcStore | null
  scratch: () => string
}): VersionTree {
  const { root, sources, folder, objects, store, scratch } = input
  const files = inOrder([...sources.keys()])
  const blobs = new Map<string, Buffer>()
  const objectBytes = new Map<string, Buffer>()
  const images = new Map<string, string>()
  const brought = new Set<string>()

  const away = new Set<string>()
  const isAway = (source: Source | undefined) => source !== undefined && 'git' in source && away.has(source.git)

  const bring = async (paths: readonly string[]): Promise<Fetched> => {
    const wanted = paths.filter((path) => sources.has(path) && !brought.has(path))
    const fromGit = new Map<string, boolean>()
    const fromDvc = new Map<string, ObjectName>()
    for (const path of wanted) {
      const source = sources.get(path) as Source
      if ('git' in source) fromGit.set(source.git, (fromGit.get(source.git) ?? true) && isImagePath(path))
      else if ('dvc' in source) fromDvc.set(path, source.dvc)
    }
    const ids = [...fromGit.keys()].filter((id) => !blobs.has(id) && !images.has(id))
    // Images can be many and large: a few hundred at a time, and to disk.
    for (let at = 0; at < ids.length; ) {
      const first = fromGit.get(ids[at] as string)
      let end = at + 1
      while (end < ids.length && end - at < (first ? 256 : 1 << 20) && fromGit.get(ids[end] as string) === first) end++
      const found = (await objects?.read(ids.slice(at, end))) ?? []
      for (const [i, id] of ids.slice(at, end).entries()) {
        const blob = found[i]?.bytes
        if (!blob) throw new UsageError(`git does not have the object ${id}`, { mend: 'fetch more of the repository' })
        const bytes = withoutLfs(objects?.root ?? root, blob)
        if (bytes === null) away.add(id)
        else if (first) images.set(id, written(scratch(), id, bytes))
        else blobs.set(id, bytes)
      }
      at = end
    }
    // An image in LFS that is not on this machine stays away; a label cannot.
    const lacking = wanted.filter((path) => isAway(sources.get(path)))
    const text = lacking.find((path) => !isImagePath(path))
    if (text !== undefined) {
      const mend = 'run git lfs fetch --all, or check that revision out and name the folder'
      throw new UsageError('this file is in Git LFS, and its object is not on this machine', { where: text, mend })
    }
    const fetched = (await store?.bring([...fromDvc.values()])) ?? { files: 0, bytes: 0, from: null }
    for (const [path, object] of fromDvc) {
      // Each is hashed here, where a damaged one can still stop everything; what is no image is kept.
      const bytes = store?.read(object)
      if (bytes && !isImagePath(path)) objectBytes.set(object.md5, bytes)
    }
    for (const path of wanted) if (!isAway(sources.get(path))) brought.add(path)
    return fetched
  }

  const place = (path: string): string | null => {
    const source = sources.get(path)
    if (!source) return null
    if ('folder' in source) return join(root, path)
    if ('dvc' in source) return brought.has(path) ? (store?.place(source.dvc) ?? null) : null
    const image = images.get(source.git)
    if (image !== undefined) return image
    const bytes = blobs.get(source.git)
    return bytes ? written(scratch(), source.git, bytes) : null
  }

  const bytesOf = (path: string): Buffer => {
    const source = sources.get(path)
    const held = source && 'git' in source ? blobs.get(source.git) : undefined
    if (held) return held
    if (source && 'dvc' in source && brought.has(path) && store) {
      return objectBytes.get(source.dvc.md5) ?? store.read(source.dvc)
    }
    throw Object.assign(new Error(`${path} was not fetched`), { code: 'not fetched' })
  }
  const onDisk = (path: string): string | null => {
    const source = sources.get(path)
    if (source && 'git' in source) return images.get(source.git) ?? null
    if (!source || !('dvc' in source) || !brought.has(path) || objectBytes.has(source.dvc.md5)) return null
    return store?.place(source.dvc) ?? null
  }
  const inFolder = (path: string): Tree | null => {
    const source = sources.get(path)
    return source && 'folder' in source ? folder : null
  }

  return {
    root,
    files,
    folders: foldersOf(files, folder?.folders ?? input.folders ?? []),
    defects: input.defects,
    has: (path) => sources.has(path),
    here: (path) => inFolder(path)?.here(path) ?? brought.has(path),
    read: (path, most = Number.POSITIVE_INFINITY): FileBytes => {
      const disk = onDisk(path)
      if (disk !== null) return readBytes(disk, most)
      const plain = inFolder(path)
      if (plain) return plain.read(path, most)
      const bytes = bytesOf(path)
      return { bytes, length: Math.min(bytes.length, most), size: bytes.length }
    },
    tail: (path, most) => {
      const disk = onDisk(path)
      if (disk !== null) return readTail(disk, most)
      const plain = inFolder(path)
      if (plain) return plain.tail(path, most)
      const bytes = bytesOf(path)
      return bytes.subarray(Math.max(0, bytes.length - most))
    },
    md5: (path) => {
      const source = sources.get(path)
      return source && 'dvc' in source && !source.dvc.legacy ? source.dvc.md5 : null
    },
    id: (path) => {
      const source = sources.get(path)
      if (!source) return null
      if (source.id === undefined) source.id = idOf(source)
      return source.id
    },
    bring,
    place,
  }
}

function idOf(source: Source): string | null {
  if ('folder' in source) return source.oid === null ? null : `git:${source.oid}`
  if ('git' in source) return `git:${source.git}`
  return `${source.dvc.legacy ? 'dos2unix' : 'md5'}:${source.dvc.md5}`
}

/** Sorts what git lists in almost the same order: a look is cheaper than a sort. */
function inOrder(files: string[]): string[] {
  for (let i = 1; i < files.length; i++) if ((files[i - 1] as string) > (files[i] as string)) return files.sort()
  return files
}

function foldersOf(files: readonly string[], known: Iterable<string>): Set<string> {
  const folders = new Set<string>(['', ...known])
  let last = ''
  for (const file of files) {
    let end = file.lastIndexOf('/')
    if (end < 0 || (end === last.length && file.startsWith(last))) continue
    last = file.slice(0, end)
    for (let at = last; end >= 0 && !folders.has(at); at = at.slice(0, Math.max(0, end))) {
      folders.add(at)
      end = at.lastIndexOf('/')
    }
  }
  return folders
}

function written(folder: string, id: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, id)
  writeFileSync(file, bytes)
  return file
}
