import { diffDatasets } from '../core/compare/dataset-diff.ts'
import { boxColumnsOf } from '../core/dataset/columns.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { type DatasetDiffBody, datasetDiff } from '../core/documents/dataset-diff.ts'
import type { Document, Subject } from '../core/documents/define.ts'
import { printable } from '../core/documents/printable.ts'
import { plain } from '../core/render/markdown.ts'
import type { Console } from '../ports.ts'

/**
 * Compares two versions of a data set; the subject names the head's digests, and the base's labels as `base`. Scope
 * `changed` says that both hold only images whose files differ: unchanged boxes are then counted in those alone.
 */
export function diff(
  base: Dataset,
  head: Dataset,
  subject: Subject,
  scope: NonNullable<DatasetDiffBody['scope']> = 'all',
): Document<'DatasetDiff', DatasetDiffBody> {
  return datasetDiff.make(subject, { ...diffDatasets(base, head), scope })
}

/** Prints a difference: totals, classes that changed, who changed them, and the images that changed most. */
export function printDiff(body: DatasetDiffBody, console: Console): void {
  const print = (line: string) => console.print(printable(line))
  const { images, boxes, classes } = body
  if (isEmpty(body)) {
    const same = `${boxes.unchanged} boxes are the same`
    print(
      body.scope === 'changed' ? 'no difference: the files are the same, or say the same' : `no difference: ${same}`,
    )
    return
  }
  print(
    `images: ${images.added} added, ${images.removed} removed, ${images.renamed} renamed, ${images.resplit} moved between splits, ${images.modified} modified${replacedOf(images)}`,
  )
  print(
    `boxes:  ${boxes.added} added, ${boxes.removed} removed, ${boxes.moved} moved or resized, ${boxes.relabelled} relabelled, ${boxes.unchanged} unchanged${body.scope === 'changed' ? ' in the files that differ' : ''}`,
  )
  for (const name of classes.added) print(`class added: ${name}`)
  for (const name of classes.removed) print(`class removed: ${name}`)
  for (const { from, to } of classes.renamed) print(`class renamed: ${from} to ${to}`)
  const rows = Object.entries(body.byClass)
    .map(([name, c]) => [name, c.added, c.removed, c.moved, c.relabelled])
    .filter(([, ...counts]) => counts.some((count) => count !== 0))
    .map((row) => row.map(String))
  if (rows.length > 0) printTable(rows, print)
  for (const line of authorLines(body)) print(line)
  const changed = body.byImage.filter(({ changes }) => changes.length > 0)
  const most = [...changed].sort((a, b) => b.changes.length - a.changes.length).slice(0, mostImages)
  if (most.length > 0) print('')
  if (most.length > 0) print(`images that changed most, ${most.length} of ${changed.length}:`)
  for (const { image, change, split, changes } of most)
    print(`  ${image} (${change}, ${split}): ${changes.length} ${changes.length === 1 ? 'box' : 'boxes'}`)
}

const mostImages = 5

function printTable(rows: string[][], print: (line: string) => void): void {
  print('')
  const table = [['class', 'added', 'removed', 'moved', 'relabelled'], ...rows]
  const widths = table[0]?.map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length))) ?? []
  for (const row of table) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    print(cells.join('  '))
  }
}

function replacedOf({ replaced = 0 }: DatasetDiffBody['images']): string {
  return replaced > 0 ? ` (${replaced} with other pixels)` : ''
}

type Authors = NonNullable<DatasetDiffBody['byAnnotator']>

/** Who changed how much, where provenance tells; a removed box counts for who had drawn it. */
function authorLines({ byAnnotator = {}, bySource = {} }: DatasetDiffBody): string[] {
  const line =
    (word: string) => (entry: [string, { added: number; removed: number; moved: number; relabelled: number }]) => {
      const [name, { added, removed, moved, relabelled }] = entry
      return `${word} ${name}: ${added} added, ${removed} of theirs removed, ${moved} moved or resized, ${relabelled} relabelled`
    }
  const told = (counts: Authors) =>
    Object.entries(counts).filter((_, __, all) => all.some(([name]) => name !== 'unknown'))
  return [...told(byAnnotator).map(line('annotator')), ...told(bySource).map(line('label source'))]
}

/** What a base without the data set is: no image, no class. */
export function emptyLike(head: Dataset): Dataset {
  return { ...head, classes: [], images: [], boxes: boxColumnsOf([]), defects: [], notes: [], lost: [] }
}

/** Whether nothing differs. */
export function isEmpty({ classes, images, boxes }: DatasetDiffBody): boolean {
  const changes = [images.added, images.removed, images.renamed, images.resplit, images.modified]
  const changedBoxes = [boxes.added, boxes.removed, boxes.moved, boxes.relabelled]
  const changedClasses = [classes.added, classes.removed, classes.renamed].map((list) => list.length)
  return [...changes, ...changedBoxes, ...changedClasses].every((n) => n === 0)
}

/** The JSON contract of `sluice diff --json`: the body, with counts as numbers. */
export function diffJson({ classes, images, boxes, byClass, byImage, byAnnotator, bySource, scope }: DatasetDiffBody) {
  return { classes, images, boxes, byClass, byImage, byAnnotator, bySource, scope }
}

/** The difference as Markdown for a pull request; names come from the proposal and are escaped. */
export function diffMarkdown(body: DatasetDiffBody): string {
  const { images, boxes, classes, byClass, byImage } = body
  const row = (name: string, c: DatasetDiffBody['boxes']) =>
    `| ${name} | ${c.added} | ${c.removed} | ${c.moved} | ${c.relabelled} | ${c.unchanged} |`
  const listed = byImage.slice(0, mostListed).map((entry) => {
    const from = entry.from === undefined ? '' : ` from ${plain(entry.from)}`
    return `- ${plain(entry.image)} (${entry.split}): ${entry.change}${from}, ${sentenceOf(entry.boxes)}`
  })
  return [
    '### What changes in the labels',
    '',
    `${images.added} images added, ${images.removed} removed, ${images.renamed} renamed, ${images.resplit} moved between splits, ${images.modified} modified${replacedOf(images)}.`,
    ...classes.added.map((name) => `Class added: ${plain(name)}.`),
    ...classes.removed.map((name) => `Class removed: ${plain(name)}.`),
    ...classes.renamed.map(({ from, to }) => `Class renamed: ${plain(from)} to ${plain(to)}.`),
    '',
    '| boxes | added | removed | moved or resized | relabelled | unchanged |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    row('**all**', boxes),
    ...Object.entries(byClass).map(([name, counts]) => row(plain(name), counts)),
    '',
    ...authorLines(body).map((line) => `- ${plain(line)}`),
    ...listed,
    ...(byImage.length > mostListed ? [`- and ${byImage.length - mostListed} more images`] : []),
    '',
  ].join('\n')
}

const mostListed = 50

function sentenceOf(boxes: DatasetDiffBody['boxes']): string {
  const parts = (['added', 'removed', 'moved', 'relabelled'] as const).filter((change) => boxes[change] > 0)
  return parts.length === 0 ? 'boxes as before' : parts.map((change) => `${boxes[change]} boxes ${change}`).join(', ')
}
