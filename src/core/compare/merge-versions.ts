import type { Dataset, DatasetImage } from '../dataset/model.ts'
import type { MergeConflict } from '../documents/dataset-merge.ts'
import type { ClassMerge, VersionName } from './merge-classes.ts'
import { isSameRow, type MergeRow, mergeRows, type RowConflict } from './merge-rows.ts'

/** One version of the data set, with where each image's rows start and a class numbering that all versions share. */
export type Version = { dataset: Dataset; starts: Uint32Array; shared: (classId: number) => number }
export type Versions = Record<VersionName, Version>

/** An image of a version with its rows on the shared class numbers; null where the version does not have it. */
export function imageAt({ dataset, starts, shared }: Version, index: number | undefined): ImageVersion | null {
  if (index === undefined) return null
  const { boxes } = dataset
  const rows: MergeRow[] = []
  for (let row = starts[index] as number; row < (starts[index + 1] as number); row++) {
    const box = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as MergeRow['box']
    rows.push({ classOf: shared(boxes.classId[row] as number), box, tail: null, shape: null })
  }
  return { ...(dataset.images[index] as DatasetImage), rows }
}
export type ImageVersion = DatasetImage & { rows: MergeRow[] }

/** Whether a version leaves an image as it was: name, split, content, facts and boxes; row order does not count. */
export function isUnchanged(base: ImageVersion, now: ImageVersion): boolean {
  const facts = ({ name, split, labelFile, provenance }: ImageVersion) =>
    JSON.stringify([name, split, labelFile === null, { ...provenance, boxes: null }])
  if (facts(base) !== facts(now)) return false
  if (base.md5 !== now.md5 && base.md5 !== null && now.md5 !== null) return false
  if (base.rows.length !== now.rows.length) return false
  if (base.rows.every((row, i) => isSameRow(row, now.rows[i] as MergeRow))) return true
  const { rows } = mergeRows(base.rows, now.rows, base.rows)
  return rows.every(({ origin }) => origin.base && origin.ours && isSameRow(origin.base, origin.ours))
}

const sentences: Record<RowConflict['kind'], string> = {
  moved: 'both sides moved this box, to different places',
  relabelled: 'both sides gave this box another class, and not the same',
  'removed-changed': 'one side removed this box, the other changed it',
  added: 'both sides drew this box, and not alike',
}

/** A conflict about a box as the document states it. */
export function boxConflict(conflict: RowConflict, image: string, nameOf: ClassMerge['nameOf']): MergeConflict {
  const side = (row: MergeRow | null) =>
    row ? { box: { className: nameOf(row.classOf), box: row.box.map((value) => Math.round(value * 1e6) / 1e6) } } : {}
  return {
    kind: conflict.kind,
    image,
    message: sentences[conflict.kind],
    base: side(conflict.base),
    ours: side(conflict.ours),
    theirs: side(conflict.theirs),
  }
}
