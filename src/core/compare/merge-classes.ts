import type { Dataset } from '../dataset/model.ts'
import type { MergeConflict } from '../documents/dataset-merge.ts'
import { type ClassMatching, nameOfClass } from './class-matching.ts'
import type { MergeSide } from './merge-rows.ts'
import { mergeValue } from './merge-values.ts'

export type VersionName = 'base' | MergeSide
export type ClassMerge = {
  /** Merged names by id. */
  classes: string[]
  /** Number that all versions share, of a version's class id. */
  shared: Record<VersionName, (classId: number) => number>
  /** Merged id of a shared number; -1 where the class is gone. */
  idOf: (shared: number) => number
  nameOf: (shared: number) => string
  conflicts: MergeConflict[]
}

type Renames = ClassMatching['changes']['renamed']
type Entry = { base: string | undefined; ours: string | undefined; theirs: string | undefined }

/**
 * Merges class maps by name: a class keeps its labels whatever its number is. A map that one side left alone is the
 * other side's as it stands; else the base's order (or that of the side which reordered), then new classes by name.
 */
export function mergeClasses(
  versions: Record<VersionName, Dataset>,
  renamed: { ours: Renames; theirs: Renames },
  prefer: MergeSide | null,
): ClassMerge {
  const entries: Entry[] = []
  const numberOf: Record<VersionName, Map<string, number>> = { base: new Map(), ours: new Map(), theirs: new Map() }
  const known = (version: VersionName) => [...new Set(versions[version].classes)]
  for (const name of known('base')) {
    numberOf.base.set(name, entries.push({ base: name, ours: undefined, theirs: undefined }) - 1)
  }
  const fresh = new Map<string, number>()
  const newNames = new Set<string>()
  for (const side of ['ours', 'theirs'] as const) {
    const from = new Map(renamed[side].map((rename) => [rename.to, rename.from]))
    for (const name of known(side)) {
      const number = numberOf.base.get(from.get(name) ?? name)
      if (number === undefined) newNames.add(name)
      else {
        ;(entries[number] as Entry)[side] = name
        numberOf[side].set(name, number)
      }
    }
  }
  for (const name of [...newNames].sort())
    fresh.set(name, entries.push({ base: undefined, ours: undefined, theirs: undefined }) - 1)
  for (const side of ['ours', 'theirs'] as const) {
    for (const name of known(side)) {
      const number = numberOf[side].has(name) ? undefined : fresh.get(name)
      if (number === undefined) continue
      ;(entries[number] as Entry)[side] = name
      numberOf[side].set(name, number)
    }
  }
  const conflicts: MergeConflict[] = []
  const names = entries.map((entry, number) => mergedName(entry, number, fresh, prefer, conflicts))
  const classes = orderOf(versions, entries, names, prefer, conflicts)
  const idOfName = new Map(classes.map((name, id) => [name, id]))
  const extra = new Map<string, number>()
  const shared = (version: VersionName) => (classId: number) => {
    const name = nameOfClass(versions[version], classId)
    const number = numberOf[version].get(name) ?? extra.get(name)
    if (number !== undefined) return number
    extra.set(name, names.push(undefined) - 1)
    entries.push({ base: name, ours: name, theirs: name })
    return names.length - 1
  }
  return {
    classes,
    shared: { base: shared('base'), ours: shared('ours'), theirs: shared('theirs') },
    idOf: (number) => idOfName.get(names[number] ?? '') ?? -1,
    nameOf: (number) => names[number] ?? firstName(entries[number] as Entry),
    conflicts,
  }
}

const firstName = ({ base, ours, theirs }: Entry): string => base ?? ours ?? theirs ?? ''

/** A class's name after the merge; undefined where it is gone. */
function mergedName(
  entry: Entry,
  number: number,
  fresh: ReadonlyMap<string, number>,
  prefer: MergeSide | null,
  conflicts: MergeConflict[],
): string | undefined {
  if (entry.base === undefined) return entry.ours ?? entry.theirs
  const { value, conflict } = mergeValue(entry, prefer)
  const said = (name: string | undefined) => (name === undefined ? {} : { value: name })
  const note = (message: string) =>
    void conflicts.push({
      kind: 'class',
      message,
      base: said(entry.base),
      ours: said(entry.ours),
      theirs: said(entry.theirs),
    })
  const was = JSON.stringify(entry.base)
  if (conflict) note(`the class ${was} was renamed or removed differently by both sides; give it one name on one side`)
  else if (value !== undefined && value !== entry.base && (fresh.get(value) ?? number) !== number) {
    note(`one side renamed the class ${was} to ${JSON.stringify(value)}, the other added a class of that name`)
  }
  return value
}

/** Merged class names by id. */
function orderOf(
  versions: Record<VersionName, Dataset>,
  entries: readonly Entry[],
  names: readonly (string | undefined)[],
  prefer: MergeSide | null,
  conflicts: MergeConflict[],
): string[] {
  const { base, ours, theirs } = versions
  const same = (a: Dataset, b: Dataset) => a.classes.join('\n') === b.classes.join('\n')
  if (same(theirs, base) || same(ours, theirs)) return [...ours.classes]
  if (same(ours, base)) return [...theirs.classes]
  // Classes that every version has, in the order of each.
  const common = entries.flatMap((entry, number) => (entry.base && entry.ours && entry.theirs ? [number] : []))
  const sequence = (version: VersionName) => {
    const at = (number: number) => versions[version].classes.indexOf(entries[number]?.[version] as string)
    return [...common].sort((a, b) => at(a) - at(b)).join(' ')
  }
  const order = mergeValue({ base: sequence('base'), ours: sequence('ours'), theirs: sequence('theirs') }, prefer)
  if (order.conflict) {
    const message =
      'both sides put the classes into another order; labels follow the names, but models follow the order'
    const said = (version: VersionName) => ({ value: versions[version].classes.join(', ') })
    conflicts.push({ kind: 'class', message, base: said('base'), ours: said('ours'), theirs: said('theirs') })
  }
  const first = (order.value ?? '').split(' ').filter(Boolean).map(Number)
  const rest = names.flatMap((name, number) => (name === undefined || first.includes(number) ? [] : [name]))
  return [...new Set([...first.map((number) => names[number] as string), ...rest.sort()])]
}
