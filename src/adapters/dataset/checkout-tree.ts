import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import type { DvcStore, Fetched } from '../dvc/store.ts'
import { pointersOf, trackedFiles, type Version } from '../dvc/tracked.ts'
import { foldersAbove } from '../dvc/trusted.ts'
import { readText } from '../files.ts'
import { type GitObjects, gitOutput } from '../git-objects.ts'
import { listTree, type Tree } from './tree.ts'
import { type Source, type VersionTree, versionTree } from './version-tree.ts'

/** What a checkout may have that a folder alone has not: the repository around it. */
export type Around = { root: string; objects: GitObjects | null; scratch: () => string }

/**
 * The files of a folder of a work tree, and what its .dvc files list that is not checked out: that is read from DVC's
 * cache or a remote, and no file is written into the folder. Null when there is no such folder and no .dvc file for it.
 */
export async function checkoutTree(
  around: Around,
  path: string,
  storeOf: (data: string) => Promise<DvcStore | null>,
): Promise<{ tree: VersionTree; fetched: Fetched } | null> {
  const { objects, scratch } = around
  const [root, folder] = [realpathSync(around.root), existsSync(path) ? realpathSync(path) : path]
  const data = relative(root, folder)
  if (data === '..' || data.startsWith('../')) {
    throw new UsageError('the data set lies outside the repository, through a symbolic link', {
      where: path,
      mend: 'commit the folder itself',
    })
  }
  const here: Tree | null = existsSync(path) ? listTree(folder) : null
  const linked = here?.defects.find(({ code, file }) => code === 'path-outside' && file.endsWith('.dvc'))
  if (linked) {
    throw new UsageError('this DVC file is a symbolic link', {
      where: data === '' ? linked.file : `${data}/${linked.file}`,
      mend: 'commit the file itself',
    })
  }
  const inside = (file: string) => (data === '' ? file : `${data}/${file}`)
  const beside = (data === '' ? [] : foldersAbove(data).slice(1)).flatMap((above) => {
    const at = join(root, above)
    const names = existsSync(at) ? readdirSync(at) : []
    const files = names.filter((name) => /[^/]\.dvc$|^dvc\.(lock|yaml)$/.test(name))
    return files.map((name) => (above === '' ? name : `${above}/${name}`))
  })
  const candidates = [
    ...beside,
    ...(here?.files ?? []).filter((file) => /[^/]\.dvc$|(^|\/)dvc\.lock$/.test(file)).map(inside),
  ]
  const links = candidates.filter((file) => lstatSync(join(root, file), { throwIfNoEntry: false })?.isSymbolicLink())
  const version: Version = {
    data,
    files: (here?.files ?? []).map(inside),
    beside,
    links: new Set(links),
    texts: async (paths) => paths.map((file) => (existsSync(join(root, file)) ? readText(join(root, file)) : null)),
    shown: (file) => file,
  }
  const pointers = (await pointersOf(version)).filter(({ target }) => !existsSync(join(root, target)))
  // A link that leads nowhere: DVC's own lead into its cache, any other would lead what is checked out elsewhere.
  const detour = pointers.find(({ target }) => leadsElsewhere(join(root, target)))
  if (detour) {
    throw new UsageError(`its data would lie behind the symbolic link ${detour.target}`, {
      where: detour.file,
      mend: 'remove the link from git',
    })
  }
  if (here === null && pointers.length === 0) return null
  const store = pointers.length === 0 ? null : await storeOf(data)
  if (pointers.length > 0 && store === null) {
    throw new UsageError('there is a .dvc file but no DVC configuration', {
      where: pointers[0]?.file as string,
      mend: 'run dvc init and dvc remote add on the base branch first, in a pull request of its own',
    })
  }
  const ids = here && objects ? await cleanIds(around.root, data, here.files.map(inside)) : new Map<string, string>()
  const sources = new Map<string, Source>(
    (here?.files ?? []).map((file) => [file, { folder: true, oid: ids.get(inside(file)) ?? null }]),
  )
  const tracked = store ? await trackedFiles(version, pointers, store) : null
  for (const { path: file, object } of tracked?.files ?? []) if (!sources.has(file)) sources.set(file, { dvc: object })
  const defects = here?.defects ?? []
  const tree = versionTree({ root: join(root, data), sources, defects, folder: here, objects, store, scratch })
  return { tree, fetched: tracked?.fetched ?? { files: 0, bytes: 0, from: null } }
}

/**
 * Git's ids of files that the index has as they lie here, told by their times and sizes; none where git changes bytes
 * between repository and work tree (line ends, LFS).
 */
async function cleanIds(root: string, data: string, files: readonly string[]): Promise<Map<string, string>> {
  const attributes = [
    ...foldersAbove(data).map((folder) => join(folder, '.gitattributes')),
    ...files.filter(isAttributes),
  ]
  const converts = attributes.some((file) => /\b(text|eol|crlf|filter|ident|encoding)\b/.test(textAt(join(root, file))))
  if (converts || process.platform === 'win32') return new Map()
  const paths = data === '' ? [] : ['--', data]
  const [staged, dirty] = await Promise.all([
    gitOutput(root, ['ls-files', '--stage', '-z', ...paths]),
    gitOutput(root, ['diff-files', '--name-only', '-z', ...paths]),
  ])
  const changed = new Set(dirty.toString('utf8').split('\0'))
  const ids = new Map<string, string>()
  for (const line of staged.toString('utf8').split('\0')) {
    const tab = line.indexOf('\t')
    const path = line.slice(tab + 1)
    if (line.startsWith('100') && !changed.has(path)) ids.set(path, line.slice(7, tab - 2))
  }
  return ids
}

function leadsElsewhere(path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return false
  return !/[\\/]files[\\/]md5[\\/]/.test(readlinkSync(path))
}

const isAttributes = (file: string) => file.endsWith('.gitattributes')

function textAt(file: string): string {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readText(file) : ''
}
