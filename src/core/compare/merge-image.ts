import type { DatasetImage, Split } from '../dataset/model.ts'
import { suffixOf } from '../dataset/paths.ts'
import type { MergeConflict } from '../documents/dataset-merge.ts'
import { isSameWithoutSplit } from './image-pairing.ts'
import type { AlignedImage } from './merge-align.ts'
import type { ClassMerge, VersionName } from './merge-classes.ts'
import { mergeBoxProvenance, mergeImageFacts } from './merge-provenance.ts'
import { type MergeSide, mergeRows, type RowMerge } from './merge-rows.ts'
import { mergeValue, type Three } from './merge-values.ts'
import { boxConflict, type ImageVersion, imageAt, isUnchanged, type Versions } from './merge-versions.ts'

export type MergedImage = {
  /** The image as it is after the merge; `file` is where it goes. */
  image: DatasetImage
  rows: RowMerge['rows']
  /** The version whose image file is taken, and its path there. */
  source: { version: VersionName; file: string }
  changed: 'none' | 'ours' | 'theirs' | 'both'
  /** Whether the base does not have it. */
  added: boolean
}

/** Merges one image; null where it is removed. Conflicts are added to the list, settled for the preferred side. */
export function mergeImage(
  versions: Versions,
  at: AlignedImage,
  classes: ClassMerge,
  prefer: MergeSide | null,
  conflicts: MergeConflict[],
): MergedImage | null {
  const base = imageAt(versions.base, at.base)
  const ours = imageAt(versions.ours, at.ours)
  const theirs = imageAt(versions.theirs, at.theirs)
  if (!ours && !theirs) return null
  if (ours && theirs) return mergeBoth(base, ours, theirs, classes, prefer, conflicts)
  const side = ours ? 'ours' : 'theirs'
  const left = (ours ?? theirs) as ImageVersion
  if (base) {
    if (isUnchanged(base, left)) return null
    const message = `${ours ? 'theirs' : 'ours'} removed this image, ${side} changed it`
    conflicts.push({ kind: 'image-removed', image: left.name, message })
    if (prefer !== null && prefer !== side) return null
  }
  const rows = left.rows.map((row) => ({ row, origin: { base: null, ours: null, theirs: null, [side]: row } }))
  const known = { base: null, ours: null, theirs: null, [side]: left.provenance }
  const boxes = left.provenance?.boxes ? mergeBoxProvenance(known, rows, classes) : undefined
  const { rows: _, ...image } = left
  return {
    image: { ...image, provenance: left.provenance && withBoxes(left.provenance, boxes) },
    rows,
    source: { version: side, file: left.file },
    changed: side,
    added: base === null,
  }
}

function mergeBoth(
  base: ImageVersion | null,
  ours: ImageVersion,
  theirs: ImageVersion,
  classes: ClassMerge,
  prefer: MergeSide | null,
  conflicts: MergeConflict[],
): MergedImage {
  const three = <T>(of: (image: ImageVersion) => T): Three<T> => ({
    base: base ? of(base) : undefined,
    ours: of(ours),
    theirs: of(theirs),
  })
  const note = (kind: MergeConflict['kind'], message: string, of: (image: ImageVersion) => unknown) =>
    void conflicts.push({ kind, image: ours.name, message, ...said(three(of)) })
  const name = mergeValue(
    three((one) => one.name),
    prefer,
  )
  const split = mergeValue(
    three((one) => one.split),
    prefer,
  )
  const content = mergeValue(
    three((one) => one.md5),
    prefer,
    (a, b) => a === b || a === null || b === null,
  )
  const suffix = mergeValue(
    three((one) => suffixOf(one.file)),
    prefer,
  )
  if (split.conflict) note('split', `ours puts it into ${ours.split}, theirs into ${theirs.split}`, (one) => one.split)
  if (name.conflict && !(split.conflict && isSameWithoutSplit(ours.name, theirs.name)))
    note('image-name', 'both sides renamed it differently', (one) => one.name)
  if (content.conflict) {
    const message = base ? 'both sides replaced the picture' : 'both sides added another picture of this name'
    note('image-content', message, (one) => one.md5)
  }
  const known = three((one) => one.provenance)
  const facts = mergeImageFacts(known, prefer)
  for (const field of facts.conflicts)
    note('provenance', `both sides say another ${field}`, (one) => Object(one.provenance)[field])
  const merged = mergeRows(base?.rows ?? [], ours.rows, theirs.rows, prefer)
  for (const conflict of merged.conflicts) conflicts.push(boxConflict(conflict, ours.name, classes.nameOf))
  const labelled =
    mergeValue(
      three((one) => one.labelFile !== null),
      prefer,
    ).value || merged.rows.length > 0
  const md5 = content.value ?? ours.md5 ?? theirs.md5
  const version = ours.md5 === md5 || md5 === null ? 'ours' : 'theirs'
  const source = version === 'ours' ? ours : theirs
  const finalName = name.value as string
  const hasBoxes = ours.provenance?.boxes !== undefined || theirs.provenance?.boxes !== undefined
  const boxes = hasBoxes ? mergeBoxProvenance(known, merged.rows, classes) : undefined
  const [oursChanged, theirsChanged] = [ours, theirs].map((one) => !base || !isUnchanged(base, one))
  return {
    image: {
      name: finalName,
      file: suffix.value ? `images/${finalName}.${suffix.value}` : `images/${finalName}`,
      labelFile: labelled ? `labels/${finalName}.txt` : null,
      split: split.value as Split,
      width: source.width || ours.width || theirs.width,
      height: source.height || ours.height || theirs.height,
      md5,
      provenance: facts.facts && withBoxes({ ...facts.facts, image: finalName }, boxes),
    },
    rows: merged.rows,
    source: { version, file: source.file },
    changed: oursChanged && theirsChanged ? 'both' : oursChanged ? 'ours' : theirsChanged ? 'theirs' : 'none',
    added: base === null,
  }
}

function withBoxes<P extends object, B>(provenance: P, boxes: B[] | undefined): P & { boxes?: B[] } {
  return boxes === undefined ? provenance : { ...provenance, boxes }
}

function said(values: Three<unknown>): Pick<MergeConflict, 'base' | 'ours' | 'theirs'> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(entries.map(([version, value]) => [version, { value: String(value) }]))
}
