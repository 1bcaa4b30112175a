import { boxColumnsBuilder } from '../dataset/columns.ts'
import { type Dataset, rowStarts } from '../dataset/model.ts'
import type { DatasetMergeBody, MergeConflict } from '../documents/dataset-merge.ts'
import { matchClasses } from './class-matching.ts'
import { boxesInPlace } from './dataset-diff.ts'
import { pairImages } from './image-pairing.ts'
import { alignImages } from './merge-align.ts'
import { type ClassMerge, mergeClasses, type VersionName } from './merge-classes.ts'
import { type MergedImage, mergeImage } from './merge-image.ts'
import type { MergeSide } from './merge-rows.ts'

export type DatasetMerge = {
  body: DatasetMergeBody
  /** The merged data set; with conflicts and no preference it holds ours' answer and must not be written. */
  dataset: Dataset
  /** Where each image's file is taken from, in the order of the images. */
  sources: MergedImage['source'][]
}

/**
 * Merges two versions of a data set that come from one base, box by box. Symmetric: with ours and theirs exchanged the
 * data set is the same. Images stand by name, so that the same content gives the same bytes.
 */
export function mergeDatasets(
  base: Dataset,
  ours: Dataset,
  theirs: Dataset,
  prefer: MergeSide | null = null,
): DatasetMerge {
  const datasets = { base, ours, theirs }
  const renamed = { ours: renamesOf(base, ours), theirs: renamesOf(base, theirs) }
  const classes = mergeClasses(datasets, renamed, prefer)
  const version = (name: VersionName) => ({
    dataset: datasets[name],
    starts: rowStarts(datasets[name]),
    shared: classes.shared[name],
  })
  const versions = { base: version('base'), ours: version('ours'), theirs: version('theirs') }
  const conflicts = [...classes.conflicts]
  const images = alignImages(base, ours, theirs).flatMap((at): MergedImage[] => {
    const merged = mergeImage(versions, at, classes, prefer, conflicts)
    return merged ? [merged] : []
  })
  const kept = withoutClashes(images, prefer, conflicts).sort((a, b) => (a.image.name < b.image.name ? -1 : 1))
  const boxes = columnsOf(kept, classes, conflicts)
  const changed = (by: MergedImage['changed']) => kept.filter((image) => image.changed === by).length
  conflicts.sort(byImage)
  const inBase = kept.filter(({ added }) => !added).length
  return {
    body: {
      verdict: conflicts.length > 0 && prefer === null ? 'fail' : 'pass',
      images: {
        total: kept.length,
        fromOurs: changed('ours'),
        fromTheirs: changed('theirs'),
        fromBoth: changed('both'),
        removed: base.images.length - inBase,
      },
      boxes: boxes.count,
      classes: classes.classes,
      renumbered: (['ours', 'theirs'] as const).flatMap((side) => renumbered(datasets[side], side, classes)),
      conflicts,
      prefer: prefer ?? 'none',
    },
    dataset: {
      root: '',
      format: 'yolo',
      classes: classes.classes,
      images: kept.map(({ image }) => image),
      boxes,
      defects: [],
      imagesPresent: ours.imagesPresent !== false && theirs.imagesPresent !== false,
    },
    sources: kept.map(({ source }) => source),
  }
}

function renamesOf(base: Dataset, head: Dataset) {
  if (base.classes.join('\n') === head.classes.join('\n')) return []
  const starts = { base: rowStarts(base), head: rowStarts(head) }
  return matchClasses(base, head, boxesInPlace(base, head, pairImages(base, head).pairs, starts)).changes.renamed
}

/** Images of which two would carry one name are a conflict; the preferred side's stays. */
function withoutClashes(images: MergedImage[], prefer: MergeSide | null, conflicts: MergeConflict[]): MergedImage[] {
  const byName = Map.groupBy(images, ({ image }) => image.name)
  if (byName.size === images.length) return images
  return [...byName].flatMap(([name, same]) => {
    if (same.length === 1) return same
    const message = `${same.length} different images would be called this`
    conflicts.push({ kind: 'image-name', image: name, message })
    return [same.find(({ source }) => source.version === (prefer ?? 'ours')) ?? (same[0] as MergedImage)]
  })
}

function columnsOf(images: readonly MergedImage[], classes: ClassMerge, conflicts: MergeConflict[]) {
  const columns = boxColumnsBuilder()
  for (const [at, { image, rows }] of images.entries()) {
    const gone = new Set<string>()
    for (const [k, { row }] of rows.entries()) {
      const id = classes.idOf(row.classOf)
      if (id >= 0) columns.add(at, id, ...row.box, k + 1)
      else gone.add(classes.nameOf(row.classOf))
    }
    for (const name of gone) {
      const message = `a box here has the class ${JSON.stringify(name)}, which the other side removed`
      conflicts.push({ kind: 'class', image: image.name, message })
    }
  }
  return columns.finish()
}

function renumbered(dataset: Dataset, side: MergeSide, classes: ClassMerge): DatasetMergeBody['renumbered'] {
  return dataset.classes.flatMap((className, from) => {
    const to = classes.idOf(classes.shared[side](from))
    return to >= 0 && to !== from ? [{ side, className, from, to }] : []
  })
}

function byImage(a: MergeConflict, b: MergeConflict): number {
  const key = ({ image = '', kind, base, ours, theirs }: MergeConflict) =>
    `${image}\n${kind}\n${JSON.stringify(base)}\n${[JSON.stringify(ours), JSON.stringify(theirs)].sort().join('\n')}`
  const [left, right] = [key(a), key(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
