import type { MergeConflict } from '../documents/dataset-merge.ts'
import type { MergeSide } from './merge-rows.ts'

/** One file in three versions; a version that does not have it is empty. */
export type FileVersions = Record<'base' | 'ours' | 'theirs', Uint8Array>
/** The merged text; with conflicts it has marks where a person must choose, which no reader takes for labels. */
export type FileMerge = { text: string; conflicts: MergeConflict[] }

/** One value in three versions; undefined where a version has none. */
export type Three<T> = { base: T | undefined; ours: T | undefined; theirs: T | undefined }

/** The merged value, and whether both sides changed it differently (then the preferred side's, or ours). */
export function mergeValue<T>(
  { base, ours, theirs }: Three<T>,
  prefer: MergeSide | null,
  same: (a: T | undefined, b: T | undefined) => boolean = Object.is,
): { value: T | undefined; conflict: boolean } {
  if (same(ours, theirs) || same(theirs, base)) return { value: ours, conflict: false }
  if (same(ours, base)) return { value: theirs, conflict: false }
  return { value: prefer === 'theirs' ? theirs : ours, conflict: true }
}

/**
 * Merges lists whose elements are told apart by a key and whose order does not matter: what either side removed is
 * gone, what either added is there once, in ours' order and then theirs'.
 */
export function mergeSets<T>({ base, ours, theirs }: Record<keyof Three<T>, readonly T[]>, keyOf: (item: T) => string) {
  const keys = { base: new Set(base.map(keyOf)), ours: new Set(ours.map(keyOf)), theirs: new Set(theirs.map(keyOf)) }
  const kept = ours.filter((item) => keys.theirs.has(keyOf(item)) || !keys.base.has(keyOf(item)))
  const added = theirs.filter((item) => !keys.ours.has(keyOf(item)) && !keys.base.has(keyOf(item)))
  return [...kept, ...added]
}
