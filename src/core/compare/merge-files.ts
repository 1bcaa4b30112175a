import { harmlessCodes, parseYoloLabels } from '../dataset/yolo-labels.ts'
import { UsageError } from '../errors.ts'
import { mergeProvenanceText } from './merge-provenance-text.ts'
import { type MergeRow, mergeRows, type RowConflict, type RowMerge } from './merge-rows.ts'
import { type FileMerge, type FileVersions, mergeSets } from './merge-values.ts'
import { boxConflict } from './merge-versions.ts'

/** How files of this path are merged: labels box by box, lists and provenance line by line; null for any other. */
export function fileMerger(path: string): ((versions: FileVersions, path: string) => FileMerge) | null {
  if (/(^|\/)splits\/[^/]+\.txt$/.test(path)) return mergeLists
  if (/(^|\/)provenance\.ndjson$/.test(path)) return (versions) => mergeProvenanceText(textsOf(versions))
  return path.endsWith('.txt') ? mergeLabelFiles : null
}

/** Merges label files box by box; rows that nobody changed stay as they are written, polygons too. */
function mergeLabelFiles(versions: FileVersions, path: string): FileMerge {
  const rows = {
    base: rowsOf(versions.base, `${path} of the base`),
    ours: rowsOf(versions.ours, `${path} of ours`),
    theirs: rowsOf(versions.theirs, `${path} of theirs`),
  }
  const { rows: merged, conflicts } = mergeRows(rows.base, rows.ours, rows.theirs)
  return {
    text: markedText(merged, conflicts),
    conflicts: conflicts.map((conflict) => boxConflict(conflict, path, (id) => `class ${id}`)),
  }
}

function markedText(merged: RowMerge['rows'], conflicts: readonly RowConflict[]): string {
  // A row in conflict stands between the marks alone, not among the others as well.
  const open = new Set(conflicts.flatMap(({ base, ours, theirs }) => [base, ours, theirs]))
  open.delete(null)
  const plain = merged.filter(({ origin }) => !open.has(origin.base) && !open.has(origin.ours ?? origin.theirs))
  const line = (row: MergeRow | null) => (row ? [`${row.classOf} ${row.tail}`] : [])
  const marked = conflicts.flatMap(({ ours, theirs }) => [
    '<<<<<<< ours',
    ...line(ours),
    '=======',
    ...line(theirs),
    '>>>>>>> theirs',
  ])
  return linesText([...plain.flatMap(({ row }) => line(row)), ...marked])
}

function rowsOf(bytes: Uint8Array, where: string): MergeRow[] {
  const lines = textOf(bytes).split(/\r\n|\n|\r/)
  const rows: MergeRow[] = []
  parseYoloLabels(bytes, bytes.length, 0, {
    row: (classOf, cx, cy, w, h, line) => {
      const fields = (lines[line - 1] ?? '').trim().split(/\s+/).slice(1)
      const shape = fields.length > 4 ? fields.map(Number).join(' ') : null
      rows.push({ classOf, box: [cx, cy, w, h], tail: fields.join(' '), shape })
    },
    defect: (code, line, _, message) => {
      if (harmlessCodes.has(code)) return
      throw new UsageError(message, { where: `${where}:${line}`, mend: 'mend this row before merging' })
    },
  })
  return rows
}

/** Merges lists of images as sets of lines: what either side removed is gone, what either added is there once. */
function mergeLists(versions: FileVersions): FileMerge {
  const { base, ours, theirs } = textsOf(versions)
  const list = (text: string) => text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '')
  const lines = { base: list(base), ours: list(ours), theirs: list(theirs) }
  const merged = mergeSets(lines, (line) => line.trim().normalize('NFC'))
  const sorted = [lines.ours, lines.theirs].every((one) =>
    one.every((line, i) => i === 0 || (one[i - 1] as string) <= line),
  )
  return { text: linesText(sorted ? merged.sort() : merged), conflicts: [] }
}

function textsOf({ base, ours, theirs }: FileVersions) {
  return { base: textOf(base), ours: textOf(ours), theirs: textOf(theirs) }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes)
}

function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
