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

type Compared = {
  base: TrackedFile[]
  head: TrackedFile[]
  images: TrackedFile[]
  others: TrackedFile[]
  labels: number
}

/**
 * What DVC tracks in both versions, walked side by side: files that differ, and of equal ones the images, the number of
 * labels and all else. Lists are sorted, as manifests are; where one is not, an equal file may pass for two that differ,
 * which costs a look at it and nothing more.
 */
function compared(base: readonly TrackedFile[], head: readonly TrackedFile[]): Compared {
  const found: Compared = { base: [], head: [], images: [], others: [], labels: 0 }
  let [i, j] = [0, 0]
  while (i < base.length || j < head.length) {
    const [a, b] = [base[i], head[j]]
    if (a && b && a.path === b.path) {
      i++
      j++
      if (a.object.md5 !== b.object.md5 || a.object.legacy !== b.object.legacy) {
        found.base.push(a)
        found.head.push(b)
      } else if (isLabel(b.path)) found.labels++
      else (isImagePath(b.path) ? found.images : found.others).push(b)
    } else if (a && (!b || a.path < b.path)) {
      found.base.push(a)
      i++
    } else if (b) {
      found.head.push(b)
      j++
    }
  }
  return found
}

/** Both trees with the files that differ, images of labels that differ, and all that is neither label nor image. */
async function narrowed(
  repository: Repository,
  { base, head }: { base: RevisionListing; head: RevisionListing },
  labelsInGit: number,
): Promise<DifferingTrees | null> {
  const tracked = compared(base.tracked, head.tracked)
  const differing = [...tracked.base, ...tracked.head]
  if (differing.some(({ path }) => !isLabel(path) && !isImagePath(path))) return null
  const present = [tracked.base, tracked.head].map(
    (own) => tracked.images.length > 0 || own.some(({ path }) => isImagePath(path)),
  )
  if (present[0] !== present[1]) return null
  const cut = base.data === '' ? 0 : base.data.length + 1
  const inGit = [...base.entries, ...head.entries].map(({ path }) => path.slice(cut))
  const labels = new Set([...differing.map(({ path }) => path), ...inGit].filter(isLabel))
  const images = tracked.images.filter(({ path }) => labels.has(labelPathOf(path)))
  const open = async (listing: RevisionListing, own: TrackedFile[]): Promise<OpenTree> => {
    const { commit, revision, data, fetched } = listing
    const part = { ...listing, tracked: [...tracked.others, ...images, ...own] }
    const tree = await treeOfListing(repository, part, foldersOf(listing.tracked))
    const entry = { shown: `${revision}:${data}`, commit, entry: null, spec: null, fetched }
    return { ...entry, tree, imagesPresent: present[0] as boolean }
  }
  const equal = { labels: labelsInGit + tracked.labels, images: tracked.images.length }
  const left = present[0] ? equal.images - images.length : equal.labels
  return { base: await open(base, tracked.base), head: await open(head, tracked.head), equal, left }
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
