import { isImagePath, labelPathOf } from '../../core/dataset/paths.ts'
import type { TrackedFile } from '../dvc/tracked.ts'
import { type GitEntry, gitOutput } from '../git-objects.ts'
import type { OpenTree } from './open-tree.ts'
import type { Reference } from './reference.ts'
import type { Repository } from './repository.ts'
import { listRevision, type RevisionListing, treeOfListing } from './revision-tree.ts'

type Revision = Extract<Reference, { kind: 'revision' }>
export type DifferingTrees = {
  base: OpenTree
  head: OpenTree
  equal: { labels: number; images: number }
  /** Images that the trees leave out: the same in both versions, label too. */
  left: number
}

/**
 * Two revisions of one folder as trees of only those label and image files that differ, with all that describes them
 * (lists, data.yaml, provenance). Null where that would not be enough: where a description or a link differs, or where
 * images lie in git. What did not change is neither listed nor read: a difference of the two trees is that of the whole.
 */
export async function differingTrees(
  base: Reference,
  head: Reference,
  repository: Repository | null,
): Promise<DifferingTrees | null> {
  if (!repository || base.kind === 'path' || head.kind === 'path') return null
  if (base.path !== head.path || /\.(json|ya?ml)$/i.test(base.path)) return null
  const git = await differingEntries(repository, base, head)
  if (git === null) return null
  const [before, after] = [
    await listRevision(repository, { ...base, data: base.path }, git.base),
    await listRevision(repository, { ...head, data: head.path }, git.head),
  ]
  if (!before || !after) return null
  // What lies in git below a folder that DVC tracks has to be seen in full to be refused.
  if ([before, after].some((listing) => listing.tracked.length > 0 && git.labels > 0 && overlaps(listing, git.listed)))
    return null
  return narrowed(repository, { base: before, head: after }, git.labels)
}

const isLabel = (path: string) => path.endsWith('.txt') && `/${path}`.includes('/labels/')

/** Entries of both commits but the label files that both have; null where anything but labels and DVC files differs. */
async function differingEntries(repository: Repository, base: Revision, head: Revision) {
  const data = base.path
  const scope = data === '' ? [] : ['--', data]
  const raw = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', base.commit, head.commit]
  const [changes, listing] = await Promise.all([
    gitOutput(repository.root, ['--literal-pathspecs', ...raw, ...scope]),
    gitOutput(repository.root, ['ls-tree', '-r', '-z', '--full-tree', head.commit, ...scope]),
  ])
  const prefix = data === '' ? '' : `${data}/`
  const changed = changesOf(changes)
  const inside = ({ path }: { path: string }) =>
    path.startsWith(prefix) && (isLabel(path.slice(prefix.length)) || /(^|[/.])dvc(\.lock)?$/.test(path))
  const plain = ({ modes }: Change) => modes.every((mode) => mode === '000000' || mode.startsWith('100'))
  if (!changed.every((change) => inside(change) && plain(change))) return null
  const listed = listing.toString('utf8')
  // Links and submodules can mean anything; images in git have no list of their own that could be compared.
  if (/(^|\0)1[26]0000 /.test(listed) || imageInGit.test(listed)) return null
  const differs = new Set(changed.map(({ path }) => path))
  const kept: GitEntry[] = []
  let labels = 0
  for (let at = 0; at < listed.length; ) {
    const end = listed.indexOf('\0', at)
    const tab = listed.indexOf('\t', at)
    const path = listed.slice(tab + 1, end)
    if (!differs.has(path)) {
      if (isLabel(path.slice(prefix.length))) labels++
      else kept.push({ path, mode: listed.slice(at, at + 6), oid: listed.slice(listed.lastIndexOf(' ', tab) + 1, tab) })
    }
    at = end + 1
  }
  const side = (k: 0 | 1) =>
    changed.flatMap(({ path, modes, oids }) => (modes[k] === '000000' ? [] : [{ path, mode: modes[k], oid: oids[k] }]))
  return { base: [...kept, ...side(0)], head: [...kept, ...side(1)], labels, listed }
}

const imageInGit = /\.(?:avif|bmp|dng|heic|heif|jp2|jpeg|jpg|mpo|png|tif|tiff|webp)\0/i

type Change = { path: string; modes: [string, string]; oids: [string, string] }

/** Records of `diff-tree --raw -z`: both modes, both ids and a letter, NUL, the path, NUL. */
function changesOf(output: Buffer): Change[] {
  const parts = output.toString('utf8').split('\0')
  const changes: Change[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [from = '', to = '', before = '', after = ''] = (parts[i] as string).slice(1).split(' ')
    changes.push({ path: parts[i + 1] as string, modes: [from, to], oids: [before, after] })
  }
  return changes
}

/** Whether git holds a file in a folder of files that DVC tracks. */
function overlaps({ tracked, data }: RevisionListing, listed: string): boolean {
  const prefix = data === '' ? '' : `${data}/`
  return [...foldersOf(tracked)].some((folder) => folder === '' || listed.includes(`\t${prefix}${folder}/`))
}

/** Both trees with the files that differ, images of labels that differ, and all that is neither label nor image. */
async function narrowed(
  repository: Repository,
  listings: { base: RevisionListing; head: RevisionListing },
  labelsInGit: number,
): Promise<DifferingTrees | null> {
  const { base, head } = listings
  const before = new Map(base.tracked.map((file) => [file.path, file]))
  const equal = { labels: labelsInGit, images: 0 }
  const same = new Set<string>()
  for (const file of head.tracked) {
    const other = before.get(file.path)
    if (!other || other.object.md5 !== file.object.md5 || other.object.legacy !== file.object.legacy) continue
    same.add(file.path)
    if (isLabel(file.path)) equal.labels++
    else if (isImagePath(file.path)) equal.images++
  }
  const all = [...base.tracked, ...head.tracked]
  if (all.some(({ path }) => !same.has(path) && !isLabel(path) && !isImagePath(path))) return null
  const present = [base, head].map(({ tracked }) => tracked.some(({ path }) => isImagePath(path)))
  if (present[0] !== present[1]) return null
  const cut = base.data === '' ? 0 : base.data.length + 1
  const labels = new Set(all.flatMap(({ path }) => (isLabel(path) && !same.has(path) ? [path] : [])))
  for (const { path } of [...base.entries, ...head.entries]) if (isLabel(path.slice(cut))) labels.add(path.slice(cut))
  const open = async (listing: RevisionListing): Promise<OpenTree> => {
    const { commit, revision, data, fetched } = listing
    const tracked = listing.tracked.filter(
      ({ path }) => !same.has(path) || (isImagePath(path) ? labels.has(labelPathOf(path)) : !isLabel(path)),
    )
    const tree = await treeOfListing(repository, { ...listing, tracked }, foldersOf(listing.tracked))
    const entry = { shown: `${revision}:${data}`, commit, entry: null, spec: null, fetched }
    return { ...entry, tree, imagesPresent: present[0] as boolean }
  }
  const kept = head.tracked.filter(({ path }) => same.has(path) && isImagePath(path) && labels.has(labelPathOf(path)))
  const left = present[0] ? equal.images - kept.length : equal.labels
  return { base: await open(base), head: await open(head), equal, left }
}

function foldersOf(files: readonly TrackedFile[]): Set<string> {
  const folders = new Set<string>()
  let last = '.'
  for (const { path } of files) {
    const end = Math.max(0, path.lastIndexOf('/'))
    if (end === last.length && path.startsWith(last)) continue
    last = path.slice(0, end)
    for (let folder = last; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
      folders.add(folder)
    }
    if (last === '') folders.add('')
  }
  return folders
}
