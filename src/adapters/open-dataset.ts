import { knownPlaces, type LabelMemory } from '../core/dataset/known-labels.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { isImagePath } from '../core/dataset/paths.ts'
import type { DatasetSpecBody } from '../core/documents/declared.ts'
import { UsageError } from '../core/errors.ts'
import { bringTexts } from './dataset/bring-texts.ts'
import {
  classesOf,
  differentImages,
  equalClasses,
  equalFiles,
  sameImages,
  sameNote,
  shareFacts,
  without,
} from './dataset/changed.ts'
import { type DifferingTrees, differingTrees } from './dataset/differing-trees.ts'
import type { OpenTree } from './dataset/open-tree.ts'
import { isVoc, readTree } from './dataset/read-tree.ts'
import type { Reference } from './dataset/reference.ts'
import { openSession, type Session } from './dataset/session.ts'
import type { VersionTree } from './dataset/version-tree.ts'
import type { Fetched } from './dvc/store.ts'

export type OpenOptions = {
  /** The folder that paths and `REV:./x` are meant from. */
  cwd?: string
  /** The data set of a REV that stands alone: a path as a user types it. */
  data?: string
  /** Facts about the data, over those of a spec that the reference names. */
  spec?: DatasetSpecBody
  /** Hash the images that are here; those of DVC have their hash without being here. */
  md5?: boolean
  /** `none` looks at the images that a folder has and fetches none; `changed` those that the other version lacks. */
  images?: 'none' | 'changed' | 'all'
  /** The revision whose DVC configuration counts; without it a base's, and without that the work tree's. */
  trust?: string
  /** What is known of label files by content: those are neither fetched nor read. A memory of its own for each version. */
  remember?: () => LabelMemory
}

/** A data set at a version, its labels read. Dispose of it: a git process and scratch files go with it. */
export type Opened = AsyncDisposable & {
  /** The reference as given. */
  reference: string
  /** The commit that it was read at; null for a folder. */
  commit: string | null
  dataset: Dataset
  tree: VersionTree
  /** What the reader saw of label files, where the options asked for it. */
  memory: LabelMemory | null
  /** The spec that the options gave or the reference named. */
  spec: DatasetSpecBody | null
  /** What came from a remote for it: manifests, labels, and images once they were asked for. */
  fetched: Fetched
  /** Brings images (paths of the tree) to this machine, and reads the data set again with them. */
  fetchImages: (paths: readonly string[]) => Promise<Fetched>
}

/** Opens a data set: a folder or file, `REV:PATH`, or a REV with `data`. Labels are fetched, images are not. */
export async function openDataset(reference: string, options: OpenOptions = {}): Promise<Opened> {
  const session = await openSession(options.cwd ?? process.cwd())
  try {
    if (options.trust !== undefined) await session.repository?.trust(options.trust)
    const data = options.data === undefined ? null : session.dataPath(options.data)
    const open = await session.open(await session.parse(reference, data))
    if (!open) throw nothingThere(reference)
    const fetched = [open.fetched, await bringTexts(open.tree, unknownFiles(open.tree, options, none))]
    if (options.images === 'all') fetched.push(await open.tree.bring(open.tree.files.filter(isImagePath)))
    return await withAllLabels(await openedOf(reference, open, options, fetched, session.close), options)
  } catch (error) {
    session.close()
    throw error
  }
}

/** Two versions of a data set, the second against the first. */
export type Versions = AsyncDisposable & {
  /** Null when the base has no such data set. */
  base: Opened | null
  head: Opened
  /** The text of another file of the base, by its path in the repository: a policy, say. Null when it has none. */
  baseText: (path: string) => Promise<string | null>
  /** Label and image files that both versions have with one content id, as far as ids are known without reading. */
  equal: { labels: number; images: number }
  fetched: Fetched
}

/**
 * Opens two versions of a data set; a base that is a REV alone has the head's path. DVC's configuration is the base's.
 * With `labels: 'changed'` only label files whose content differs are fetched and read, and images that are the same
 * in both versions, label and split too, are left out of both data sets: enough for a difference, not for a check.
 */
export async function openVersions(
  baseReference: string,
  headReference: string,
  options: OpenOptions & { labels?: 'all' | 'changed' } = {},
): Promise<Versions> {
  const { labels = 'all', images = 'none' } = options
  const session = await openSession(options.cwd ?? process.cwd())
  try {
    const data = options.data === undefined ? null : session.dataPath(options.data)
    const headAt = await session.parse(headReference, data)
    // A head that lies outside the repository tells nothing of where the base's data set is.
    const within = headAt.kind === 'path' && headAt.path.startsWith(`${session.repository?.root}/`)
    const headPath = headAt.kind === 'revision' ? headAt.path : within ? session.dataPath(headAt.path) : null
    const baseAt = await session.parse(baseReference, data ?? headPath)
    const trust = options.trust ?? (baseAt.kind === 'revision' ? baseAt.commit : undefined)
    if (trust !== undefined) await session.repository?.trust(trust)
    const narrow = await onlyDiffering(baseAt, headAt, session, options)
    const baseTree = narrow?.base ?? (await session.open(baseAt))
    if (!baseTree && baseAt.kind === 'path') throw nothingThere(baseReference)
    const headTree = narrow?.head ?? (await session.open(headAt))
    if (!headTree) throw nothingThere(headReference)

    const sameFiles = () => (baseTree && !narrow ? equalFiles(baseTree.tree, headTree.tree) : null)
    const same = labels === 'changed' ? sameFiles() : null
    const comparable =
      same !== null && baseTree !== null && (await equalClasses(baseTree, headTree, options.spec ?? null))
    const skipped = same && comparable ? same.labels : none
    const bringAll = async (open: OpenTree, other: OpenTree | null) => {
      const fetched = [open.fetched, await bringTexts(open.tree, unknownFiles(open.tree, options, skipped))]
      const wanted = images === 'all' ? open.tree.files.filter(isImagePath) : []
      if (images === 'changed') wanted.push(...differentImages(open.tree, other?.tree ?? null))
      fetched.push(await open.tree.bring(wanted))
      return fetched
    }
    const close = () => {}
    const left = new Set<string>()
    const baseFetched = baseTree ? await bringAll(baseTree, headTree) : []
    const headFetched = await bringAll(headTree, baseTree)
    const base =
      baseTree &&
      (await withAllLabels(
        await openedOf(baseReference, baseTree, options, baseFetched, close, { skipped, left }),
        options,
      ))
    const head = await withAllLabels(
      await openedOf(headReference, headTree, options, headFetched, close, { skipped, left }),
      options,
    )
    if (base && skipped.size > 0) {
      for (const file of sameImages(base, head, skipped)) left.add(file)
      for (const opened of [base, head]) opened.dataset = without(opened.dataset, left)
    }
    for (const opened of narrow && base ? [base, head] : [])
      opened.dataset.notes = [...(opened.dataset.notes ?? []), sameNote(narrow?.left ?? 0)]
    if (base) shareFacts(base, head)
    return {
      base,
      head,
      baseText: async (path) => textOf(session, baseAt, path),
      get equal() {
        const counted = same ?? sameFiles()
        return narrow?.equal ?? { labels: counted?.labels.size ?? 0, images: counted?.images ?? 0 }
      },
      fetched: sum([...baseFetched, ...headFetched]),
      [Symbol.asyncDispose]: async () => session.close(),
    }
  } catch (error) {
    session.close()
    throw error
  }
}

/** Trees of what differs alone, where a difference is all that is asked for and the classes are declared. */
async function onlyDiffering(
  base: Reference,
  head: Reference,
  session: Session,
  { labels, images = 'none', spec }: OpenOptions & { labels?: 'all' | 'changed' },
): Promise<DifferingTrees | null> {
  if (labels !== 'changed' || images !== 'none') return null
  const narrow = await differingTrees(base, head, session.repository)
  return narrow && narrow.equal.labels > 0 && (await classesOf(narrow.head, spec ?? null)) !== null ? narrow : null
}

async function openedOf(
  reference: string,
  open: OpenTree,
  options: OpenOptions,
  fetched: Fetched[],
  close: Session['close'],
  out: { skipped: ReadonlySet<string>; left: ReadonlySet<string> } = { skipped: new Set(), left: new Set() },
): Promise<Opened> {
  const { tree, entry, commit, shown } = open
  const spec = options.spec ?? open.spec
  const readVoc = isVoc(tree) ? (await import('./dataset/voc.ts')).readVoc : null
  const read = () => {
    const memory = options.remember?.() ?? null
    const dataset = readTree(
      shown,
      silent(tree, out.skipped),
      entry,
      {
        memory: memory ?? undefined,
        imagesPresent: open.imagesPresent,
        md5: options.md5 ?? false,
        classes: spec?.classes ?? null,
      },
      readVoc,
    )
    dataset.notes = [...(dataset.notes ?? []), ...notesOf(dataset, tree)]
    return { dataset: without(dataset, out.left), memory }
  }
  const opened: Opened = {
    reference,
    commit,
    ...read(),
    tree,
    spec,
    fetched: sum(fetched),
    fetchImages: async (paths) => {
      const more = await tree.bring(paths)
      opened.fetched = sum([opened.fetched, more])
      Object.assign(opened, read())
      return more
    },
    [Symbol.asyncDispose]: async () => close(),
  }
  return opened
}

/** Where what was known turns out not to apply (the class map changed), label files that were left out come after all. */
async function withAllLabels(opened: Opened, options: OpenOptions): Promise<Opened> {
  const dropped = opened.memory !== null && opened.memory.known === null && options.remember?.().known
  if (dropped) await opened.fetchImages(opened.tree.files.filter((file) => file.endsWith('.txt')))
  return opened
}

const none: ReadonlySet<string> = new Set()

/** Files to be brought: all but those that are skipped, and label files of which the content is known. */
function unknownFiles(tree: VersionTree, { remember }: OpenOptions, skipped: ReadonlySet<string>): readonly string[] {
  const known = remember?.().known
  const places = known ? knownPlaces(known, tree.files, tree.files.map(tree.id)) : null
  if (!places && skipped.size === 0) return tree.files
  return tree.files.filter((file, i) => !((places?.[i] ?? -1) >= 0 || skipped.has(file)))
}

/** A tree whose skipped label files read as empty: their images are left out afterwards. */
function silent(tree: VersionTree, skipped: ReadonlySet<string>): VersionTree {
  if (skipped.size === 0) return tree
  const nothing = { bytes: new Uint8Array(0), length: 0, size: 0 }
  return { ...tree, read: (path, most) => (skipped.has(path) ? nothing : tree.read(path, most)) }
}

function notesOf(dataset: Dataset, tree: VersionTree): string[] {
  if (dataset.imagesPresent === false) return []
  const away = dataset.images.filter(({ file }) => tree.has(file) && !tree.here(file)).length
  if (away === 0) return []
  const count = away === dataset.images.length ? 'The images were' : away === 1 ? '1 image was' : `${away} images were`
  return [`${count} not fetched: what follows from pixels was not looked at.`]
}

function sum(parts: readonly Fetched[]): Fetched {
  const total: Fetched = { files: 0, bytes: 0, from: null }
  for (const { files, bytes, from } of parts) {
    total.files += files
    total.bytes += bytes
    total.from ??= from
  }
  return total
}

async function textOf(session: Session, at: Reference, path: string): Promise<string | null> {
  if (at.kind === 'path' || !session.repository) return null
  const [object] = await session.repository.objects.read([`${at.commit}:${path}`])
  return object?.type === 'blob' ? object.bytes.toString('utf8') : null
}

function nothingThere(reference: string): UsageError {
  return new UsageError('there is no such file or folder, and no such revision', {
    where: reference,
    mend: 'give a path, or REV:PATH; in a shallow clone fetch more history first',
  })
}
