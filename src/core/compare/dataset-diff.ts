import { type Dataset, type DatasetImage, rowStarts } from '../dataset/model.ts'
import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import { type ImageBoxes, matchBoxes, placeTolerance } from './box-matching.ts'
import { type ClassMatching, matchClasses, nameOfClass } from './class-matching.ts'
import { createAuthors } from './diff-authors.ts'
import { isSameWithoutSplit, pairImages } from './image-pairing.ts'

type BoxCounts = DatasetDiffBody['boxes']
type ImageEntry = DatasetDiffBody['byImage'][number]
type BoxChange = ImageEntry['changes'][number]
type Side = { dataset: Dataset; starts: Uint32Array; shared: (classId: number) => number }

/**
 * The label-level difference of two versions of a data set. Classes are matched by name, images by content and name,
 * boxes by the best assignment per image; order and number formatting don't matter. A relabelled box counts under the
 * class it had. `modified` counts images with changed boxes or changed content; one image may also be renamed or moved
 * to another split.
 */
export function diffDatasets(base: Dataset, head: Dataset): DatasetDiffBody {
  const { pairs, removed, added } = pairImages(base, head)
  const starts = { base: rowStarts(base), head: rowStarts(head) }
  const classes = matchClasses(base, head, boxesInPlace(base, head, pairs, starts))
  const sides = {
    base: { dataset: base, starts: starts.base, shared: classes.base },
    head: { dataset: head, starts: starts.head, shared: classes.head },
  }
  const tally = createTally()
  const entries: ImageEntry[] = []
  for (const [i, j] of pairs) {
    const entry = pairEntry(sides, i, j, classes, tally)
    if (entry) entries.push(entry)
  }
  for (const i of removed) entries.push(loneEntry(sides.base, i, 'removed', tally))
  for (const j of added) entries.push(loneEntry(sides.head, j, 'added', tally))
  entries.sort((a, b) => (a.image < b.image ? -1 : a.image > b.image ? 1 : 0))
  return {
    classes: classes.changes,
    images: tally.images,
    boxes: tally.boxes,
    byClass: Object.fromEntries(tally.byClass),
    bySplit: Object.fromEntries(tally.bySplit),
    ...tally.authors.counts(),
    byImage: entries,
  }
}

type Tally = ReturnType<typeof createTally>
function createTally() {
  const byClass = new Map<string, BoxCounts>()
  const bySplit = new Map<string, DatasetDiffBody['bySplit'][string]>()
  const boxes = noBoxes()
  const split = (name: string) => {
    const known = bySplit.get(name) ?? { images: { added: 0, removed: 0 }, boxes: noBoxes() }
    bySplit.set(name, known)
    return known
  }
  const count = (change: keyof BoxCounts, className: string, splitName: string, own: BoxCounts) => {
    const ofClass = byClass.get(className) ?? noBoxes()
    byClass.set(className, ofClass)
    for (const counts of [boxes, ofClass, split(splitName).boxes, own]) counts[change]++
  }
  return {
    images: { added: 0, removed: 0, renamed: 0, resplit: 0, modified: 0, replaced: 0 },
    authors: createAuthors(),
    boxes,
    byClass,
    bySplit,
    split,
    count,
  }
}

function noBoxes(): BoxCounts {
  return { added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: 0 }
}

/** The entry of an image that both versions have; null when nothing about it changed. */
function pairEntry(
  sides: { base: Side; head: Side },
  i: number,
  j: number,
  classes: ClassMatching,
  tally: Tally,
): ImageEntry | null {
  const before = sides.base.dataset.images[i] as DatasetImage
  const after = sides.head.dataset.images[j] as DatasetImage
  const boxes = noBoxes()
  const changes: BoxChange[] = []
  const match = isSameRows(sides, i, j) ? null : matchBoxes(boxesOf(sides.base, i), boxesOf(sides.head, j))
  const old = (k: number) => boxAt(sides.base, i, k)
  const now = (k: number) => boxAt(sides.head, j, k)
  const note = (change: Exclude<keyof BoxCounts, 'unchanged'>, className: string, box: Omit<BoxChange, 'change'>) => {
    tally.count(change, className, after.split, boxes)
    changes.push({ change, ...box })
  }
  const nameOf = (shared: number) => classes.nameOf(shared)
  const sharedOf = (k: number) => sides.base.shared(classIdAt(sides.base, i, k))
  const keep = (k: number) => tally.count('unchanged', nameOf(sharedOf(k)), after.split, boxes)
  if (match === null) for (let k = 0; k < countAt(sides.base, i); k++) keep(k)
  else {
    for (const [a] of match.unchanged) keep(a)
    for (const [a, b] of match.moved) note('moved', nameOf(sharedOf(a)), { before: old(a), after: now(b) })
    for (const [a, b] of match.relabelled) note('relabelled', nameOf(sharedOf(a)), { before: old(a), after: now(b) })
    for (const a of match.removed) note('removed', nameOf(sharedOf(a)), { before: old(a) })
    for (const b of match.added) note('added', now(b).className, { after: now(b) })
    tally.authors.note(changes, before, after)
  }

  const resplit = before.split !== after.split
  const renamed = before.name !== after.name && !(resplit && isSameWithoutSplit(before.name, after.name))
  const content = before.md5 !== null && after.md5 !== null && before.md5 !== after.md5
  const modified = changes.length > 0 || content
  if (renamed) tally.images.renamed++
  if (resplit) {
    tally.images.resplit++
    tally.split(before.split).images.removed++
    tally.split(after.split).images.added++
  }
  if (modified) tally.images.modified++
  if (content) tally.images.replaced++
  if (!renamed && !resplit && !modified) return null
  const change = renamed ? 'renamed' : resplit ? 'resplit' : 'modified'
  const from = renamed ? before.name : resplit ? before.split : undefined
  return { image: after.name, change, split: after.split, ...(from === undefined ? {} : { from }), boxes, changes }
}

function loneEntry(side: Side, index: number, change: 'added' | 'removed', tally: Tally): ImageEntry {
  const image = side.dataset.images[index] as DatasetImage
  const boxes = noBoxes()
  const changes: BoxChange[] = []
  for (let k = 0; k < countAt(side, index); k++) {
    const box = boxAt(side, index, k)
    tally.count(change, box.className, image.split, boxes)
    changes.push(change === 'added' ? { change, after: box } : { change, before: box })
  }
  tally.authors.note(changes, change === 'removed' ? image : null, change === 'added' ? image : null)
  tally.images[change]++
  tally.split(image.split).images[change]++
  return { image: image.name, change, split: image.split, boxes, changes }
}

function countAt({ starts }: Pick<Side, 'starts'>, image: number): number {
  return (starts[image + 1] as number) - (starts[image] as number)
}

function classIdAt({ dataset, starts }: Side, image: number, k: number): number {
  return dataset.boxes.classId[(starts[image] as number) + k] as number
}

/** Whether two images have the same rows in the same order: nothing needs to be paired then. */
function isSameRows({ base, head }: { base: Side; head: Side }, i: number, j: number): boolean {
  const count = countAt(base, i)
  if (count !== countAt(head, j)) return false
  const [a, b] = [base.dataset.boxes, head.dataset.boxes]
  const [from, to] = [base.starts[i] as number, head.starts[j] as number]
  const far = (x: Float64Array, y: Float64Array, k: number) =>
    Math.abs((x[from + k] as number) - (y[to + k] as number)) > placeTolerance
  for (let k = 0; k < count; k++) {
    if (base.shared(a.classId[from + k] as number) !== head.shared(b.classId[to + k] as number)) return false
    if (far(a.cx, b.cx, k) || far(a.cy, b.cy, k) || far(a.w, b.w, k) || far(a.h, b.h, k)) return false
  }
  return true
}

function boxAt({ dataset, starts }: Side, image: number, k: number): NonNullable<BoxChange['after']> {
  const { boxes } = dataset
  const row = (starts[image] as number) + k
  const classId = boxes.classId[row] as number
  const box = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as number[]
  return { classId, className: nameOfClass(dataset, classId), box }
}

function boxesOf({ dataset, starts, shared }: Side, image: number): ImageBoxes {
  const { boxes } = dataset
  const start = starts[image] as number
  const count = (starts[image + 1] as number) - start
  const classOf = new Int32Array(count)
  const geometry = new Float64Array(4 * count)
  for (let k = 0; k < count; k++) {
    const row = start + k
    classOf[k] = shared(boxes.classId[row] as number)
    geometry[4 * k] = boxes.cx[row] as number
    geometry[4 * k + 1] = boxes.cy[row] as number
    geometry[4 * k + 2] = boxes.w[row] as number
    geometry[4 * k + 3] = boxes.h[row] as number
  }
  return { count, classOf, geometry }
}

/** Class ids of boxes that lie in the same place in both versions, whatever their class. */
export function* boxesInPlace(
  base: Dataset,
  head: Dataset,
  pairs: readonly [number, number][],
  starts: { base: Uint32Array; head: Uint32Array },
): Generator<[number, number]> {
  const anyClass = () => 0
  const sides = {
    base: { dataset: base, starts: starts.base, shared: anyClass },
    head: { dataset: head, starts: starts.head, shared: anyClass },
  }
  for (const [i, j] of pairs) {
    for (const [a, b] of matchBoxes(boxesOf(sides.base, i), boxesOf(sides.head, j)).unchanged)
      yield [classIdAt(sides.base, i, a), classIdAt(sides.head, j, b)]
  }
}
