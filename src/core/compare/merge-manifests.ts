import type { MergeConflict } from '../documents/dataset-merge.ts'
import type { ManifestEntry } from './manifest-diff.ts'
import { mergeValue, type Three } from './merge-values.ts'

/** A file that both sides changed: its contents have to be merged. */
export type BothChanged = { path: string } & Three<string>
export type ManifestMerge = { entries: ManifestEntry[]; both: BothChanged[]; conflicts: MergeConflict[] }

/**
 * Merges the file lists of a DVC folder: a file that one side changed, added, removed or renamed is taken so; one that
 * both changed is left to its contents. A rename is believed where the content went and came once and nowhere else.
 */
export function mergeManifests(lists: Record<'base' | 'ours' | 'theirs', readonly ManifestEntry[]>): ManifestMerge {
  const base = new Map(lists.base.map(({ path, md5 }) => [path, md5]))
  const ours = sideOf(lists.base, base, lists.ours)
  const theirs = sideOf(lists.base, base, lists.theirs)
  const merge: ManifestMerge = { entries: [], both: [], conflicts: [] }
  const taken = new Map<string, string>()
  const put = (path: string, md5: string) => {
    const other = taken.get(path)
    if (other === undefined) merge.entries.push({ path, md5 })
    else if (other !== md5) conflictAt(merge, path, 'two different files would be called this')
    taken.set(path, md5)
  }
  for (const [path, md5] of base) {
    const [left, right] = [ours.known.get(path), theirs.known.get(path)]
    if (!left || !right) {
      const kept = left ?? right
      if (kept && (kept.md5 !== md5 || kept.path !== path))
        conflictAt(merge, path, 'one side removed this file, the other changed it')
      continue
    }
    const name = mergeValue({ base: path, ours: left.path, theirs: right.path }, null)
    if (name.conflict) conflictAt(merge, path, `ours renamed this file to ${left.path}, theirs to ${right.path}`)
    const content = mergeValue({ base: md5, ours: left.md5, theirs: right.md5 }, null)
    if (content.conflict) merge.both.push({ path: name.value as string, base: md5, ours: left.md5, theirs: right.md5 })
    else put(name.value as string, content.value as string)
  }
  for (const [path, md5] of ours.added) {
    const other = theirs.added.get(path)
    if (other !== undefined && other !== md5) merge.both.push({ path, base: undefined, ours: md5, theirs: other })
    else put(path, md5)
  }
  for (const [path, md5] of theirs.added) if (!ours.added.has(path)) put(path, md5)
  for (const { path } of merge.both)
    if (taken.has(path)) conflictAt(merge, path, 'two different files would be called this')
  return merge
}

/** What became of each file of the base in one version, and the files that are new there. */
function sideOf(baseList: readonly ManifestEntry[], base: ReadonlyMap<string, string>, list: readonly ManifestEntry[]) {
  const now = new Map(list.map(({ path, md5 }) => [path, md5]))
  const known = new Map<string, ManifestEntry>()
  const added = new Map<string, string>()
  const gone = new Map<string, string[]>()
  const times = new Map<string, number>()
  for (const { path, md5 } of baseList) {
    times.set(md5, (times.get(md5) ?? 0) + 1)
    const after = now.get(path)
    if (after !== undefined) known.set(path, { path, md5: after })
    else gone.set(md5, [...(gone.get(md5) ?? []), path])
  }
  for (const { path, md5 } of list) if (!base.has(path)) added.set(path, md5)
  const arrivals = new Map<string, number>()
  for (const md5 of added.values()) arrivals.set(md5, (arrivals.get(md5) ?? 0) + 1)
  for (const [path, md5] of added) {
    const from = gone.get(md5)
    if (from?.length !== 1 || times.get(md5) !== 1 || arrivals.get(md5) !== 1) continue
    known.set(from[0] as string, { path, md5 })
    added.delete(path)
  }
  return { known, added }
}

function conflictAt({ conflicts }: ManifestMerge, path: string, message: string): void {
  conflicts.push({ kind: 'file', image: path, message })
}
