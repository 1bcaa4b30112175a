import { chmodSync, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ManifestEntry } from '../../core/compare/manifest-diff.ts'
import { fileMerger } from '../../core/compare/merge-files.ts'
import { type BothChanged, mergeManifests } from '../../core/compare/merge-manifests.ts'
import { type FileMerge, mergeValue } from '../../core/compare/merge-values.ts'
import type { MergeConflict } from '../../core/documents/dataset-merge.ts'
import { type DvcPointer, dirManifest, md5Of, objectPath, parseDvcFile } from '../../core/documents/dvc.ts'
import { parseDirManifest } from '../../core/documents/dvc-manifest.ts'
import { UsageError } from '../../core/errors.ts'
import { writeWhole } from '../files.ts'
import { type DvcStore, openDvcStore } from './store.ts'
import { trustedConfig } from './trusted.ts'

type Texts = Record<'base' | 'ours' | 'theirs', string>
type Pointers = { base: DvcPointer | null; ours: DvcPointer; theirs: DvcPointer }

/**
 * Merges three versions of a .dvc file by what they stand for: file lists are merged, files that both sides changed by
 * their contents. New objects are in the cache afterwards, so that dvc checkout and dvc push work; with conflicts
 * nothing is written. `file` is relative to the repository's root.
 */
export async function mergePointers(root: string, file: string, texts: Texts): Promise<FileMerge> {
  const read = (side: keyof Texts) => parseDvcFile(texts[side], `${file} of ${side}`)
  const pointers: Pointers = {
    base: texts.base.trim() === '' ? null : read('base'),
    ours: read('ours'),
    theirs: read('theirs'),
  }
  const all = [pointers.base, pointers.ours, pointers.theirs].filter((pointer) => pointer !== null)
  const frame = mergeValue(framesOf(texts, pointers.base === null), null)
  const folders = all.filter(({ md5 }) => md5.endsWith('.dir')).length
  if (frame.conflict || all.some(({ legacy }) => legacy) || (folders !== 0 && folders !== all.length)) {
    return refusal(
      file,
      frame.conflict ? 'both sides changed more than the data here' : 'one of the versions is of another form',
    )
  }
  const config = await trustedConfig(root, dirname(file) === '.' ? '' : dirname(file), null)
  if (!config) throw new UsageError('there is no DVC configuration', { where: root, mend: 'run dvc init first' })
  const store = openDvcStore(config)
  await store.bring(all)
  const keep = (bytes: Uint8Array, md5: string) => {
    const place = join(config.cache, objectPath(md5))
    if (existsSync(place)) return
    writeWhole(place, bytes)
    chmodSync(place, 0o444)
  }
  const merged = folders === 0 ? await mergeOne(pointers, store) : await mergeFolder(pointers, store)
  if (merged.conflicts.length > 0) return { text: texts.ours, conflicts: merged.conflicts }
  for (const [md5, bytes] of merged.objects) keep(bytes, md5)
  return { text: withData(frame.value as string, merged), conflicts: [] }
}

type Merged = {
  md5: string
  size: number | null
  nfiles: number | null
  objects: Map<string, Uint8Array>
  conflicts: MergeConflict[]
}

async function mergeOne({ base, ours, theirs }: Pointers, store: DvcStore): Promise<Merged> {
  const { bytes, conflicts } = await contents(
    { path: ours.path, base: base?.md5, ours: ours.md5, theirs: theirs.md5 },
    store,
  )
  const md5 = md5Of(bytes)
  return { md5, size: bytes.length, nfiles: null, objects: new Map([[md5, bytes]]), conflicts }
}

async function mergeFolder({ base, ours, theirs }: Pointers, store: DvcStore): Promise<Merged> {
  const entriesOf = (pointer: DvcPointer | null) => (pointer ? parseDirManifest(store.read(pointer), pointer.md5) : [])
  const lists = { base: entriesOf(base), ours: entriesOf(ours), theirs: entriesOf(theirs) }
  const { entries, both, conflicts } = mergeManifests(lists)
  const objects = new Map<string, Uint8Array>()
  // One question for all objects: a remote on a network is asked once.
  const mergeable = both.filter(({ path }) => fileMerger(path))
  const wanted = mergeable.flatMap(({ base, ours, theirs }) => [base, ours, theirs]).filter((md5) => md5 !== undefined)
  await store.bring(wanted.map((md5) => ({ md5, legacy: false, remote: ours.remote })))
  for (const file of both) {
    const { bytes, conflicts: own } = await contents(file, store)
    conflicts.push(...own)
    const md5 = md5Of(bytes)
    objects.set(md5, bytes)
    entries.push({ path: file.path, md5 })
  }
  const manifest = dirManifest(entries)
  const size = sizeOf(
    { base, ours, theirs },
    lists,
    entries,
    (md5) => objects.get(md5)?.length ?? placedSize(store, md5),
  )
  objects.set(manifest.md5, manifest.bytes)
  return { md5: manifest.md5, size, nfiles: entries.length, objects, conflicts }
}

/** The merged bytes of a file that both sides changed, or a conflict that names it. */
async function contents(
  { path, base, ours, theirs }: BothChanged,
  store: DvcStore,
): Promise<{ bytes: Uint8Array; conflicts: MergeConflict[] }> {
  const merge = fileMerger(path)
  if (!merge) return { bytes: new Uint8Array(), conflicts: refusal(path, 'both sides changed this file').conflicts }
  const names = { base, ours: ours as string, theirs: theirs as string }
  const object = (md5: string | undefined) => (md5 === undefined ? null : { md5, legacy: false, remote: null })
  await store.bring([object(names.base), object(names.ours), object(names.theirs)].filter((one) => one !== null))
  const bytes = (md5: string | undefined) => {
    const name = object(md5)
    return name ? store.read(name) : new Uint8Array()
  }
  try {
    const versions = { base: bytes(names.base), ours: bytes(names.ours), theirs: bytes(names.theirs) }
    const { text, conflicts } = merge(versions, path)
    return { bytes: new TextEncoder().encode(text), conflicts }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { bytes: new Uint8Array(), conflicts: refusal(path, `${error.where ?? path}: ${error.message}`).conflicts }
  }
}

/**
 * Bytes of all files: those of ours and theirs less the base's, where an object is in the result as often as that
 * says; others are looked up. Null where a size is not known here: DVC does without.
 */
function sizeOf(
  pointers: Pointers,
  lists: Record<keyof Pointers, readonly ManifestEntry[]>,
  entries: readonly ManifestEntry[],
  sizeHere: (md5: string) => number | null,
): number | null {
  const weights = new Map<string, number>()
  const weigh = (list: readonly ManifestEntry[], by: number) => {
    for (const { md5 } of list) weights.set(md5, (weights.get(md5) ?? 0) + by)
  }
  weigh(entries, 1)
  weigh(lists.ours, -1)
  weigh(lists.theirs, -1)
  weigh(lists.base, 1)
  let size = pointers.ours.size + pointers.theirs.size - (pointers.base?.size ?? 0)
  for (const [md5, weight] of weights) {
    if (weight === 0) continue
    const here = sizeHere(md5)
    if (here === null) return null
    size += weight * here
  }
  return size > 0 || entries.length === 0 ? size : null
}

function placedSize(store: DvcStore, md5: string): number | null {
  const place = store.place({ md5, legacy: false, remote: null })
  return place === null ? null : statSync(place).size
}

const dataLine = /^(\s*(?:-\s+)?)(md5|size|nfiles):.*$/

/** What stands around the data of a .dvc file, in three versions. */
function framesOf(texts: Texts, noBase: boolean) {
  const frame = (text: string) =>
    text
      .split('\n')
      .flatMap((line) => {
        const [, lead, key] = dataLine.exec(line) ?? []
        return key === undefined ? [line] : key === 'md5' ? [`${lead}md5:`] : []
      })
      .join('\n')
  return { base: noBase ? undefined : frame(texts.base), ours: frame(texts.ours), theirs: frame(texts.theirs) }
}

function withData(frame: string, { md5, size, nfiles }: Merged): string {
  return frame.replace(/^(\s*(?:-\s+)?)md5:$/m, (_, lead: string) => {
    const indent = ' '.repeat(lead.length)
    const more = [
      size === null ? '' : `\n${indent}size: ${size}`,
      nfiles === null ? '' : `\n${indent}nfiles: ${nfiles}`,
    ]
    return `${lead}md5: ${md5}${more.join('')}`
  })
}

function refusal(path: string, message: string): FileMerge {
  return { text: '', conflicts: [{ kind: 'file', image: path, message }] }
}
