import { type DatasetMerge, mergeDatasets } from '../core/compare/merge-datasets.ts'
import type { MergeSide } from '../core/compare/merge-rows.ts'
import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { type DatasetMergeBody, datasetMerge, type MergeConflict } from '../core/documents/dataset-merge.ts'
import type { Document } from '../core/documents/define.ts'
import { printable } from '../core/documents/printable.ts'
import { UsageError } from '../core/errors.ts'
import type { Console } from '../ports.ts'

/** Rows that a reader refused or repaired cannot be written again. */
const refusedRow = /^(label-(?!orphan|missing|class-format|range-tolerated)|annotation)/

/**
 * Merges two versions that come from one base; the subject names the merged labels and the base's. What a merged data
 * set could not hold (polygons, rows that no reader takes) is refused unless the loss is allowed.
 */
export function merge(
  base: Dataset,
  ours: Dataset,
  theirs: Dataset,
  { prefer, allowLoss }: { prefer: MergeSide | null; allowLoss: boolean },
): DatasetMerge & { document: Document<'DatasetMerge', DatasetMergeBody> } {
  for (const dataset of [base, ours, theirs]) if (!allowLoss) refuseLoss(dataset)
  const merged = mergeDatasets(base, ours, theirs, prefer)
  const subject = { ...datasetDigests(merged.dataset), base: datasetDigests(base).labels }
  return { ...merged, document: datasetMerge.make(subject, merged.body) }
}

function refuseLoss({ root, lost = [], defects }: Dataset): void {
  const mend = 'mend it first, or merge without it by --allow-loss'
  const bad = defects.find(({ code }) => refusedRow.test(code))
  if (bad)
    throw new UsageError(`this label cannot be merged: ${bad.message}`, {
      where: `${root}/${bad.file}:${bad.line}`,
      mend,
    })
  const twice = defects.find(({ code }) => code === 'image-in-two-splits')
  if (twice) throw new UsageError(`an image ${twice.message}`, { where: `${root}/${twice.file}:${twice.line}`, mend })
  if (lost[0] !== undefined)
    throw new UsageError(`the merged data set would not hold this: ${lost[0]}`, { where: root, mend })
}

/** Prints what was taken from where, and each conflict with its boxes. */
export function printMerge(body: DatasetMergeBody, console: Console): void {
  const print = (line: string) => console.print(printable(line))
  const { images, conflicts, prefer } = body
  print(
    `${images.total} images: ${images.fromOurs} changed by ours, ${images.fromTheirs} by theirs, ${images.fromBoth} by both; ${images.removed} of the base removed`,
  )
  print(`${body.boxes} boxes, classes ${body.classes.join(', ') || '(unnamed)'}`)
  for (const { side, className, from, to } of body.renumbered)
    print(`class ${className} of ${side} had number ${from} and has ${to}; its labels are rewritten`)
  if (conflicts.length === 0) return
  const settled = prefer === 'none' ? '' : `, settled for ${prefer}`
  print('')
  print(`${conflicts.length} ${conflicts.length === 1 ? 'conflict' : 'conflicts'}${settled}`)
  tellConflicts(conflicts, print)
  if (prefer === 'none')
    print('nothing is written: mend one side, or settle all of them by --prefer ours or --prefer theirs')
}

const mostPrinted = 40

/** Conflicts as text, with image and boxes; names come from the data. */
export function tellConflicts(conflicts: readonly MergeConflict[], print: (line: string) => void): void {
  for (const conflict of conflicts.slice(0, mostPrinted))
    for (const line of conflictLines(conflict)) print(printable(line))
  if (conflicts.length > mostPrinted) print(`and ${conflicts.length - mostPrinted} more; --json lists them all`)
}

function conflictLines(conflict: MergeConflict): string[] {
  const sides = (['base', 'ours', 'theirs'] as const).flatMap((version) => {
    const said = conflict[version]
    if (said === undefined) return []
    const text = said.box ? `${said.box.className} ${said.box.box.join(' ')}` : (said.value ?? 'nothing')
    return [`    ${version.padEnd(6)} ${text}`]
  })
  return [`  ${conflict.image ?? 'data set'}: ${conflict.message}`, ...sides]
}
