import { type DvcPointer, parseDvcFile } from '../../core/documents/dvc.ts'
import { parseDvcLock } from '../../core/documents/dvc-lock.ts'
import { parseDirManifest } from '../../core/documents/dvc-manifest.ts'
import { UsageError } from '../../core/errors.ts'
import type { DvcStore, Fetched, ObjectName } from './store.ts'

/** What a version of a repository says of a data set's folder; paths are relative to the repository. */
export type Version = {
  /** The data set's folder; empty for the repository itself. */
  data: string
  /** Files at and below it, in git or in the folder. */
  files: readonly string[]
  /** .dvc files, dvc.lock and dvc.yaml of the folders above it. */
  beside: readonly string[]
  /** Symbolic links among both. */
  links: ReadonlySet<string>
  texts: (paths: readonly string[]) => Promise<(string | null)[]>
  /** How a file is named to people: `REV:path`. */
  shown: (path: string) => string
}

/** Data that DVC keeps: a file or folder, and the file that says so. */
export type Pointer = DvcPointer & { file: string; target: string }

/** Pointers (.dvc files and dvc.lock outputs) whose data is, holds, or lies in the data set's folder. */
export async function pointersOf(version: Version): Promise<Pointer[]> {
  const named = [...version.beside, ...version.files]
  const candidates = named.filter((path) => /[^/]\.dvc$|(^|\/)dvc\.lock$/.test(path))
  const linked = candidates.find((path) => version.links.has(path))
  if (linked !== undefined) {
    const mend = 'commit the file itself'
    throw new UsageError('this DVC file is a symbolic link', { where: version.shown(linked), mend })
  }
  const pipelines = candidates.filter((path) => path.endsWith('.lock')).map((path) => path.replace(/lock$/, 'yaml'))
  const [texts, yamls] = [await version.texts(candidates), await version.texts(pipelines)]
  const yamlOf = new Map(pipelines.map((path, i) => [path, yamls[i] ?? '']))
  const found: Pointer[] = []
  candidates.forEach((file, i) => {
    const [folder, text] = [folderOf(file), texts[i]]
    if (text === null || text === undefined) return
    const shown = version.shown(file)
    const outputs = file.endsWith('.lock')
      ? parseDvcLock(text, yamlOf.get(file.replace(/lock$/, 'yaml')) ?? '', shown)
      : [parseDvcFile(text, shown)]
    for (const output of outputs) {
      const target = join(join(folder, output.wdir), output.path)
      if (target === null) {
        throw new UsageError(`its path ${JSON.stringify(output.path)} leaves the repository`, { where: shown })
      }
      if (within(target, version.data) || within(version.data, target)) found.push({ ...output, file, target })
    }
  })
  refuseOverlaps(found, version)
  return found
}

export type TrackedFile = { path: string; object: ObjectName }

/** Files of the data set's folder behind pointers, relative to it; manifests are read, nothing else. */
export async function trackedFiles(
  version: Version,
  pointers: readonly Pointer[],
  store: DvcStore,
): Promise<{ files: TrackedFile[]; fetched: Fetched }> {
  const manifests = pointers.filter(({ md5 }) => md5.endsWith('.dir'))
  const fetched = await store.bring(manifests.map(nameOf))
  const files: TrackedFile[] = []
  for (const pointer of pointers) {
    const { legacy, remote, kept } = pointer
    if (!pointer.md5.endsWith('.dir')) {
      const path = below(pointer.target, version.data)
      if (path !== null) files.push({ path, object: nameOf(pointer) })
      continue
    }
    const entries = parseDirManifest(store.read(nameOf(pointer)), pointer.md5)
    if (pointer.nfiles !== null && pointer.nfiles !== entries.length) {
      throw new UsageError(`it says ${pointer.nfiles} files, its object lists ${entries.length}`, {
        where: version.shown(pointer.file),
        mend: 'restore it from git, or run dvc add again',
      })
    }
    const prefix = below(pointer.target, version.data)
    const inside = prefix === null ? version.data.slice(pointer.target.length + 1) : null
    for (const { path, md5 } of entries) {
      const object = { md5, legacy, remote, kept }
      if (prefix !== null) files.push({ path: prefix === '' ? path : `${prefix}/${path}`, object })
      else if (path.startsWith(`${inside}/`)) files.push({ path: path.slice((inside as string).length + 1), object })
    }
  }
  return { files, fetched }
}

const nameOf = ({ md5, legacy, remote, kept }: Pointer): ObjectName => ({ md5, legacy, remote, kept })

/** Two pointers to one place, or to a place and a part of it: DVC refuses them too. */
function refuseOverlaps(pointers: readonly Pointer[], version: Version): void {
  const sorted = [...pointers].sort((a, b) => (`${a.target}/` < `${b.target}/` ? -1 : 1))
  for (let i = 1; i < sorted.length; i++) {
    const [earlier, later] = [sorted[i - 1] as Pointer, sorted[i] as Pointer]
    if (!within(later.target, earlier.target)) continue
    throw new UsageError(`${later.target} is tracked here and, as ${earlier.target}, in ${earlier.file}`, {
      where: version.shown(later.file),
      mend: 'remove one of the two with dvc remove',
    })
  }
  for (const { file, target } of pointers) {
    const link = [...version.links].find((path) => within(target, path))
    if (link === undefined) continue
    throw new UsageError(`its data would lie behind the symbolic link ${link}`, {
      where: version.shown(file),
      mend: 'remove the link from git',
    })
  }
}

/** Whether a path is a folder or lies in it; everything lies in ''. */
function within(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

/** A path relative to a folder that holds it; '' for the folder itself, null when it lies elsewhere. */
function below(path: string, folder: string): string | null {
  if (!within(path, folder)) return null
  return folder === '' ? path : path.slice(folder.length + 1)
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

/** A path written from a folder, without `.` and `..`; null when it leaves the repository. */
function join(folder: string | null, path: string): string | null {
  if (folder === null || path.startsWith('/') || /[\\\0]/.test(path)) return null
  const parts = folder.split('/').filter(Boolean)
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join('/')
}
