import type { Provenance } from '../dataset/model.ts'
import type { MergeConflict } from '../documents/dataset-merge.ts'
import { UsageError } from '../errors.ts'
import { mergeBoxProvenance, mergeImageFacts } from './merge-provenance.ts'
import { type MergeRow, mergeRows } from './merge-rows.ts'
import type { FileMerge } from './merge-values.ts'
import { boxConflict } from './merge-versions.ts'

type Line = { text: string; value: Provenance }
const same = (id: number) => id
const asIs = { shared: { base: same, ours: same, theirs: same }, idOf: same }

/** Merges provenance.ndjson: lines of different images apart, facts and boxes of one image each for itself. */
export function mergeProvenanceText(texts: Record<'base' | 'ours' | 'theirs', string>): FileMerge {
  const base = linesOf(texts.base, 'the base')
  const ours = linesOf(texts.ours, 'ours')
  const theirs = linesOf(texts.theirs, 'theirs')
  const conflicts: MergeConflict[] = []
  const merged: string[] = []
  const fresh = [...theirs.keys()].filter((image) => !ours.has(image))
  for (const image of [...ours.keys(), ...fresh]) {
    const line = mergedLine(image, base.get(image), ours.get(image), theirs.get(image), conflicts)
    if (line !== null) merged.push(line)
  }
  const inOrder = [ours, theirs].every((lines) =>
    [...lines.keys()].every((name, i, all) => i === 0 || (all[i - 1] as string) < name),
  )
  if (inOrder) merged.sort((a, b) => (imageOf(a) < imageOf(b) ? -1 : 1))
  return { text: merged.map((line) => `${line}\n`).join(''), conflicts }
}

function mergedLine(
  image: string,
  base: Line | undefined,
  ours: Line | undefined,
  theirs: Line | undefined,
  conflicts: MergeConflict[],
): string | null {
  if (!ours || !theirs) {
    const left = (ours ?? theirs) as Line
    if (!base) return left.text
    if (left.text !== base.text) {
      const message = 'one side removed the provenance of this image, the other changed it'
      conflicts.push({ kind: 'provenance', image, message })
    }
    return null
  }
  if (ours.text === theirs.text || theirs.text === base?.text) return ours.text
  if (ours.text === base?.text) return theirs.text
  const known = { base: base?.value, ours: ours.value, theirs: theirs.value }
  const facts = mergeImageFacts(known, null)
  for (const field of facts.conflicts)
    conflicts.push({ kind: 'provenance', image, message: `both sides say another ${field}` })
  const rows = mergeRows(rowsOf(base), rowsOf(ours), rowsOf(theirs))
  for (const conflict of rows.conflicts) conflicts.push(boxConflict(conflict, image, (id) => `class ${id}`))
  const boxes = mergeBoxProvenance(known, rows.rows, asIs)
  const hasBoxes = ours.value.boxes !== undefined || theirs.value.boxes !== undefined
  return JSON.stringify({ ...facts.facts, ...(hasBoxes ? { boxes } : {}) })
}

function rowsOf(line: Line | undefined): MergeRow[] {
  return (line?.value.boxes ?? []).map(({ classId, box }) => ({ classOf: classId, box, tail: null, shape: null }))
}

function linesOf(text: string, side: string): Map<string, Line> {
  const lines = new Map<string, Line>()
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const value = parsed(line)
    const where = `provenance.ndjson:${i + 1} of ${side}`
    const mend = 'mend this line before merging'
    if (value === null) throw new UsageError('this is no line of provenance', { where, mend })
    if (lines.has(value.image)) throw new UsageError('this image has a line already', { where, mend })
    lines.set(value.image, { text: line.trim(), value })
  }
  return lines
}

function parsed(line: string): Provenance | null {
  try {
    const value = JSON.parse(line) as Partial<Provenance> | null
    if (typeof value !== 'object' || value === null || typeof value.image !== 'string') return null
    const boxes = value.boxes ?? []
    const sound = ({ classId, box }: { classId?: unknown; box?: unknown }) =>
      Number.isInteger(classId) && Array.isArray(box) && box.length === 4 && box.every(Number.isFinite)
    if (!Array.isArray(boxes) || !boxes.every((box) => typeof box === 'object' && box !== null && sound(box)))
      return null
    return { ...value, image: value.image.normalize('NFC') } as Provenance
  } catch {
    return null
  }
}

function imageOf(line: string): string {
  return (JSON.parse(line) as Provenance).image
}
