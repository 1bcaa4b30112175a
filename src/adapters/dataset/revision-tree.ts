import { join } from 'node:path'
import type { Defect } from '../../core/dataset/model.ts'
import { insideRoot } from '../../core/dataset/paths.ts'
import { UsageError } from '../../core/errors.ts'
import type { DvcStore, Fetched } from '../dvc/store.ts'
import { nothingFetched } from '../dvc/store.ts'
import { pointersOf, type TrackedFile, trackedFiles, type Version } from '../dvc/tracked.ts'
import { foldersAbove } from '../dvc/trusted.ts'
import { type GitEntry, treeEntries } from '../git-objects.ts'
import type { Repository } from './repository.ts'
import { type Source, type VersionTree, versionTree } from './version-tree.ts'

export type RevisionAt = { commit: string; revision: string; data: string }

/** What a commit lists of a data set's folder: what git holds, and what DVC's manifests hold. */
export type RevisionListing = RevisionAt & {
  entries: readonly GitEntry[]
  /** Relative to the data set's folder, unlike the paths of entries. */
  tracked: readonly TrackedFile[]
  store: DvcStore | null
  fetched: Fetched
}

/**
 * The files of a data set's folder at a commit: what git lists, and what DVC's manifests list. Null when there is
 * nothing at that path. Nothing but manifests is fetched.
 */
export async function revisionTree(
  repository: Repository,
  at: RevisionAt,
): Promise<{ tree: VersionTree; fetched: Fetched } | null> {
  const entries = await repository.objects.list(at.commit, at.data === '' ? [] : [at.data])
  const listing = await listRevision(repository, at, entries)
  return listing && { tree: await treeOfListing(repository, listing), fetched: listing.fetched }
}

/** Adds what DVC tracks to what git lists; null when there is nothing of either. */
export async function listRevision(
  repository: Repository,
  at: RevisionAt,
  entries: readonly GitEntry[],
): Promise<RevisionListing | null> {
  const { commit, revision, data } = at
  const above = await entriesAbove(repository, commit, data)
  const shown = (path: string) => `${revision}:${path}`
  const first = entries.length === 1 ? entries[0] : undefined
  if (first?.path === data && first.mode === '120000') {
    throw new UsageError('the data set lies behind a symbolic link', {
      where: shown(data),
      mend: 'name the folder itself',
    })
  }
  const visible = entries.filter(({ path }) => !hidden(path))
  const own = visible.filter(
    ({ path }) => path.endsWith('.dvc') || path.endsWith('dvc.lock') || path.endsWith('dvc.yaml'),
  )
  const ids = new Map([...above, ...own].map(({ path, oid }) => [path, oid]))
  const links = new Set([...above, ...visible.filter(isLink)].filter(isLink).map(({ path }) => path))
  const version: Version = {
    data,
    files: visible.map(({ path }) => path),
    beside: above.map(({ path }) => path),
    links,
    texts: async (paths) => {
      const known = paths.map((path) => ids.get(path)).filter((id) => id !== undefined)
      const found = new Map((await repository.objects.read(known)).map((object) => [object?.oid, object]))
      return paths.map((path) => found.get(ids.get(path))?.bytes.toString('utf8') ?? null)
    },
    shown,
  }
  const pointers = await pointersOf(version)
  if (visible.length === 0 && pointers.length === 0) return null
  const store = pointers.length === 0 ? null : await repository.store(data)
  if (pointers.length > 0 && store === null) {
    throw new UsageError('there is a .dvc file but no DVC configuration', {
      where: shown(pointers[0]?.file as string),
      mend: 'run dvc init and dvc remote add on the base branch first, in a pull request of its own',
    })
  }
  const { files, fetched } = store
    ? await trackedFiles(version, pointers, store)
    : { files: [], fetched: nothingFetched }
  return { ...at, entries: visible, tracked: files, store, fetched }
}

const isLink = ({ mode }: GitEntry) => mode === '120000'

/** Whether a file belongs to git or DVC themselves. */
function hidden(path: string): boolean {
  return (path.startsWith('.') || path.includes('/.')) && /(^|\/)\.(git|dvc)\//.test(path)
}

/** The tree of a listing, or of a part of one; `folders` are those that files left out would have named. */
export async function treeOfListing(
  repository: Repository,
  { revision, data, entries, tracked, store }: RevisionListing,
  folders: Iterable<string> = [],
): Promise<VersionTree> {
  const { sources, defects } = await plainSources(repository, entries, data)
  for (const { path, object } of tracked) {
    if (sources.has(path)) {
      throw new UsageError(`${path} is in git and behind a DVC file`, {
        where: `${revision}:${data === '' ? path : `${data}/${path}`}`,
        mend: 'git rm --cached it, or take it out of DVC',
      })
    }
    sources.set(path, { dvc: object })
  }
  const root = join(repository.root, data)
  const { objects, scratch } = repository
  return versionTree({ root, sources, defects, folder: null, folders, objects, store, scratch })
}

/** .dvc files, dvc.lock and dvc.yaml of the folders above a path: each folder is one small object. */
async function entriesAbove(repository: Repository, commit: string, data: string): Promise<GitEntry[]> {
  const folders = data === '' ? [] : foldersAbove(data).slice(1)
  const found = await repository.objects.read(folders.map((folder) => `${commit}:${folder}`))
  return found.flatMap((object, i) => {
    if (object?.type !== 'tree') return []
    const folder = folders[i] as string
    return treeEntries(object.bytes, object.oid.length / 2)
      .filter((entry) => !entry.folder && /[^/]\.dvc$|^dvc\.(lock|yaml)$/.test(entry.path))
      .map((entry) => ({ ...entry, path: folder === '' ? entry.path : `${folder}/${entry.path}` }))
  })
}

/** Where git's files lie; a link to one of them is that file, and any other link becomes a defect as in a folder. */
async function plainSources(repository: Repository, entries: readonly GitEntry[], data: string) {
  const defects: Defect[] = []
  const sources = new Map<string, Source>()
  const cut = data === '' ? 0 : data.length + 1
  const outside = (file: string, message: string) =>
    void defects.push({ code: 'path-outside', file, line: 0, column: 0, message, image: null, key: message })
  const links: { file: string; oid: string }[] = []
  for (const { path, mode, oid } of entries) {
    const file = path.slice(cut)
    if (mode.startsWith('100')) sources.set(file, { git: oid })
    else if (mode === '120000') links.push({ file, oid })
    else outside(file, 'a submodule; it is not opened')
  }
  const targets = await repository.objects.read(links.map(({ oid }) => oid))
  for (const [i, { file }] of links.entries()) {
    const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
    const target = insideRoot(targets[i]?.bytes.toString('utf8') ?? '/', folder)
    const source = target === null ? undefined : sources.get(target)
    if (source) sources.set(file, source)
    else outside(file, 'a symbolic link that does not lead to a file of this data set; it is not followed')
  }
  return { sources, defects }
}
