import type { BoxProvenance, Provenance } from '../dataset/model.ts'
import { boxKey } from '../dataset/provenance.ts'
import { canonicalJson } from '../documents/define.ts'
import { isSameRow, type MergeRow, type MergeSide, type RowMerge } from './merge-rows.ts'
import { mergeSets, mergeValue, type Three } from './merge-values.ts'

type Known = Three<Provenance | null>
type Classes = { shared: Record<'base' | MergeSide, (classId: number) => number>; idOf: (shared: number) => number }
const versions = ['base', 'ours', 'theirs'] as const

/** Facts of the image, each merged for itself; returns the names of those that both sides changed differently. */
export function mergeImageFacts(
  { base, ours, theirs }: Known,
  prefer: MergeSide | null,
): { facts: Omit<Provenance, 'boxes'> | null; conflicts: string[] } {
  const of = (known: Provenance | null | undefined) => (known ?? {}) as { [field: string]: unknown }
  const fields = new Set([base, ours, theirs].flatMap((known) => Object.keys(of(known))))
  fields.delete('boxes')
  // Fields of a file may have any name, __proto__ too.
  const facts = new Map<string, unknown>()
  const own = (known: Provenance | null | undefined, field: string) =>
    Object.hasOwn(of(known), field) ? of(known)[field] : undefined
  const conflicts: string[] = []
  for (const field of fields) {
    const three = { base: own(base, field), ours: own(ours, field), theirs: own(theirs, field) }
    const { value, conflict } = mergeValue(three, prefer, (a, b) => JSON.stringify(a) === JSON.stringify(b))
    // What one side does not know is no statement against the other.
    if (conflict && three.ours !== undefined && three.theirs !== undefined && field !== 'image') conflicts.push(field)
    const kept = value ?? (conflict ? (three.ours ?? three.theirs) : undefined)
    if (kept !== undefined) facts.set(field, kept)
  }
  return { facts: fields.size === 0 ? null : (Object.fromEntries(facts) as Provenance), conflicts }
}

/**
 * Provenance of the merged boxes. A box that one side changed has that side's; where both say something else of an
 * equal box, the later review counts, then the weaker source: a merge makes nothing more human than it was.
 */
export function mergeBoxProvenance(known: Known, rows: RowMerge['rows'], classes: Classes): BoxProvenance[] {
  const byKey = {
    base: keyed(known.base, 'base'),
    ours: keyed(known.ours, 'ours'),
    theirs: keyed(known.theirs, 'theirs'),
  }
  function keyed(provenance: Provenance | null | undefined, version: (typeof versions)[number]) {
    const map = new Map<string, BoxProvenance[]>()
    for (const box of provenance?.boxes ?? []) {
      const key = boxKey(classes.shared[version](box.classId), ...box.box)
      map.set(key, [...(map.get(key) ?? []), box])
    }
    return map
  }
  const takeFrom = (version: (typeof versions)[number], row: MergeRow | null) =>
    row ? byKey[version].get(boxKey(row.classOf, ...row.box))?.shift() : undefined
  const merged = rows.flatMap(({ row, origin }): BoxProvenance[] => {
    const three = {
      base: takeFrom('base', origin.base),
      ours: takeFrom('ours', origin.ours),
      theirs: takeFrom('theirs', origin.theirs),
    }
    const said = chosen(three, row, origin)
    return said ? [{ ...said, classId: classes.idOf(row.classOf), box: row.box }] : []
  })
  // Lines that fit no box stay: a check tells of them.
  const left = (version: (typeof versions)[number]) =>
    [...byKey[version].values()].flat().map((box) => {
      return { ...box, classId: classes.idOf(classes.shared[version](box.classId)) }
    })
  const unmatched = mergeSets({ base: left('base'), ours: left('ours'), theirs: left('theirs') }, canonicalJson)
  return [...merged, ...unmatched.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))]
}

function chosen(
  { base, ours, theirs }: Three<BoxProvenance>,
  row: MergeRow,
  origin: RowMerge['rows'][number]['origin'],
): BoxProvenance | undefined {
  const changed = (now: MergeRow | null) => now !== null && origin.base !== null && !isSameRow(now, origin.base)
  if (changed(origin.ours) && !changed(origin.theirs)) return ours
  if (changed(origin.theirs) && !changed(origin.ours)) return theirs
  // Preferred rows of a settled conflict carry their own.
  if (origin.ours && origin.theirs && !isSameRow(origin.ours, origin.theirs)) {
    if (row === origin.ours) return ours
    if (row === origin.theirs) return theirs
  }
  const text = (said: BoxProvenance | undefined) =>
    said === undefined ? '' : canonicalJson({ ...said, box: null, classId: null })
  if (text(ours) === text(theirs) || text(theirs) === text(base)) return ours
  if (text(ours) === text(base)) return theirs
  return weaker(ours, theirs)
}

const strength = ['pseudo', 'prelabel', 'synthetic', 'simulated-human', 'human']

function weaker(a: BoxProvenance | undefined, b: BoxProvenance | undefined): BoxProvenance | undefined {
  if (!a || !b) return a ?? b
  const source = (box: BoxProvenance) => strength.indexOf(box.source ?? 'human')
  const order =
    source(a) - source(b) || (b.reviewPass ?? 0) - (a.reviewPass ?? 0) || (canonicalJson(a) < canonicalJson(b) ? -1 : 1)
  return order <= 0 ? a : b
}
