import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { DatasetSpecBody } from '../../core/documents/declared.ts'
import { UsageError } from '../../core/errors.ts'
import type { DvcStore, Fetched } from '../dvc/store.ts'
import { nothingFetched, openDvcStore } from '../dvc/store.ts'
import { trustedConfig } from '../dvc/trusted.ts'
import { readText } from '../files.ts'
import { checkoutTree } from './checkout-tree.ts'
import { specOf } from './describe.ts'
import type { Reference } from './reference.ts'
import type { Repository } from './repository.ts'
import { revisionTree } from './revision-tree.ts'
import { probeTree } from './tree.ts'
import { type Source, type VersionTree, versionTree } from './version-tree.ts'

/** A version of a data set before its labels are read. */
export type OpenTree = {
  /** For messages: a folder, or REV:PATH. */
  shown: string
  commit: string | null
  tree: VersionTree
  /** The file of the tree that was named: a data.yaml or COCO JSON; null for a folder. */
  entry: string | null
  spec: DatasetSpecBody | null
  /** Whether the version has images, where the tree holds a part of it and cannot tell. */
  imagesPresent?: boolean
  /** What opening it fetched: manifests. */
  fetched: Fetched
}

/** Opens the tree that a reference means; null when there is nothing there. */
export async function openTree(
  reference: Reference,
  repository: Repository | null,
  scratch: () => string,
): Promise<OpenTree | null> {
  if (reference.kind === 'revision') return openRevision(reference, repository as Repository)
  const { path } = reference
  const file = existsSync(path) && !statSync(path).isDirectory()
  if (!file) return openFolder(path, null, null, repository, scratch)
  if (/\.json$/i.test(path)) return openJson(path)
  if (!/\.ya?ml$/i.test(path)) {
    const mend = 'give a folder, a data.yaml, a dataset spec or a COCO JSON file'
    throw new UsageError('this is not a data set', { where: path, mend })
  }
  const spec = specOf(readText(path), path)
  if (!spec) return openFolder(dirname(path), basename(path), null, repository, scratch)
  for (const base of [dirname(dirname(path)), dirname(path), repository?.root ?? process.cwd()]) {
    const opened = await openFolder(resolve(base, spec.path), null, spec, repository, scratch)
    if (opened) return opened
  }
  throw noFolder(spec, path)
}

async function openRevision(
  at: Extract<Reference, { kind: 'revision' }>,
  repository: Repository,
): Promise<OpenTree | null> {
  const { revision, commit, path } = at
  const open = async (data: string, entry: string | null, spec: DatasetSpecBody | null): Promise<OpenTree | null> => {
    const found = await revisionTree(repository, { commit, revision, data })
    return found && { shown: `${revision}:${data}`, commit, entry, spec, ...found }
  }
  const folder = path.includes('/') ? dirname(path) : ''
  if (/\.json$/i.test(path)) {
    const above = basename(folder) === 'annotations'
    const data = above ? (folder.includes('/') ? dirname(folder) : '') : folder
    const opened = await open(data, above ? `annotations/${basename(path)}` : basename(path), null)
    return opened?.tree.has(opened.entry as string) ? opened : null
  }
  if (!/\.ya?ml$/i.test(path)) return open(path, null, null)
  const [object] = await repository.objects.read([`${commit}:${path}`])
  if (object?.type !== 'blob') return null
  const spec = specOf(object.bytes.toString('utf8'), `${revision}:${path}`)
  if (!spec) return open(folder, basename(path), null)
  for (const base of new Set([folder.includes('/') ? dirname(folder) : '', folder, ''])) {
    const data = join(base, spec.path).replace(/\/+$/, '')
    const opened =
      data.startsWith('..') || data.startsWith('/') ? null : await open(data === '.' ? '' : data, null, spec)
    if (opened) return opened
  }
  throw noFolder(spec, `${revision}:${path}`)
}

async function openFolder(
  path: string,
  entry: string | null,
  spec: DatasetSpecBody | null,
  repository: Repository | null,
  scratch: () => string,
): Promise<OpenTree | null> {
  const held = repository !== null && insideOf(path, repository.root)
  const root = held ? repository.root : rootWithoutGit(path)
  const storeOf = async (data: string): Promise<DvcStore | null> => {
    if (held) return repository.store(data)
    const config = await trustedConfig(root, data, null)
    return config && openDvcStore(config)
  }
  const found = await checkoutTree({ root, objects: held ? repository.objects : null, scratch }, path, storeOf)
  return found && { shown: path, commit: null, entry, spec, ...found }
}

/** A COCO file by itself: its images are beside it, or beside the folder `annotations` that it lies in. */
function openJson(path: string): OpenTree {
  const folder = dirname(resolve(path))
  const above = basename(folder) === 'annotations'
  const root = above ? dirname(folder) : folder
  const plain = probeTree(root)
  const entry = above ? `annotations/${basename(path)}` : basename(path)
  const sources = new Map<string, Source>()
  const parts = { root, sources, defects: [], folder: plain, objects: null, store: null, scratch: () => root }
  const tree = { ...versionTree(parts), ...plain }
  return { shown: root, commit: null, tree, entry, spec: null, fetched: nothingFetched }
}

function insideOf(path: string, root: string): boolean {
  const real = existsSync(path) ? realpathSync(path) : path
  return real === root || real.startsWith(`${root}/`)
}

/** The nearest folder with `.dvc` above a path that is in no git repository; else the folder itself. */
function rootWithoutGit(path: string): string {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, '.dvc/config'))) return at
  return existsSync(path) ? path : dirname(path)
}

function noFolder(spec: DatasetSpecBody, where: string): UsageError {
  return new UsageError(`path: there is no folder "${spec.path}"`, {
    where,
    mend: 'write it relative to the repository',
  })
}
