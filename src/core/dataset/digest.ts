import { createHash } from 'node:crypto'
import { type Subject, sha256 } from '../documents/define.ts'
import { type Dataset, rowStarts, type Split } from './model.ts'

/** Named in what is hashed, so that digests of another definition never agree with these by accident. */
const definition = 'sluice labels 2'

/**
 * Digests of a data set's content for a document's subject. `labels` is the SHA-256 of a header (the definition, the
 * names of classes that occur, sorted, then a line of name, split and number of rows for each image, sorted) and of all
 * rows in that order: five 32-bit integers a row, little-endian, the class as its place among the names and the
 * coordinates in millionths, sorted within an image. So neither the order of images, rows and class ids nor formatting
 * counts. `images` is the same over (name, md5) and left out where an image was not hashed; `trainSet` and
 * `validationSet` cover labels and, where hashed, images of their split.
 */
export function datasetDigests(
  dataset: Dataset,
): Pick<Subject, 'labels' | 'images' | 'trainSet' | 'validationSet'> & { labels: string } {
  const { images } = dataset
  const order = byName(dataset)
  const rows = canonicalRows(dataset)
  const hashed = images.length > 0 && images.every(({ md5 }) => md5 !== null)
  const ofSplit = (wanted: Split) => {
    const members = order.filter((i) => images[i]?.split === wanted)
    return members.length > 0 ? labelDigest(dataset, members, rows, (i) => images[i]?.md5 ?? '') : undefined
  }
  const trainSet = ofSplit('train')
  const validationSet = ofSplit('val')
  return {
    labels: labelDigest(dataset, order, rows, (i) => images[i]?.split as string),
    ...(hashed ? { images: sha256(lines(order, (i) => `${images[i]?.name}\t${images[i]?.md5}`)) } : {}),
    ...(trainSet ? { trainSet } : {}),
    ...(validationSet ? { validationSet } : {}),
  }
}

/** The digest of labels alone, as `datasetDigests` gives it. */
export function labelsDigest(dataset: Dataset): string {
  const { images } = dataset
  return labelDigest(dataset, byName(dataset), canonicalRows(dataset), (i) => images[i]?.split as string)
}

type Rows = { start: Uint32Array; names: string[]; values: Int32Array }

const fields = 5

function labelDigest(dataset: Dataset, members: number[], rows: Rows, also: (image: number) => string): string {
  const { images } = dataset
  const { start } = rows
  const count = (i: number) => (start[i + 1] as number) - (start[i] as number)
  const header = lines(members, (i) => `${images[i]?.name}\t${also(i)}\t${count(i)}`)
  const { names, values } = onlyClassesOf(members, rows)
  const hash = createHash('sha256').update(`${definition}\n${names.join('\n')}\n\n${header}\n\n`)
  // Runs of images that follow each other in both orders are hashed at once: mostly one run is all.
  for (let at = 0; at < members.length; ) {
    const first = members[at] as number
    let last = first
    at++
    for (; at < members.length && members[at] === last + 1; at++) last++
    const run = values.subarray((start[first] as number) * fields, (start[last + 1] as number) * fields)
    hash.update(new Uint8Array(run.buffer, run.byteOffset, run.byteLength))
  }
  return hash.digest('hex')
}

/** The rows with classes counted among those that these images have; leaving names out keeps the order of the others. */
function onlyClassesOf(members: number[], { start, names, values }: Rows): Pick<Rows, 'names' | 'values'> {
  const used = new Uint8Array(names.length)
  for (const image of members) {
    const to = (start[image + 1] as number) * fields
    for (let at = (start[image] as number) * fields; at < to; at += fields) used[values[at] as number] = 1
  }
  if (!used.includes(0)) return { names, values }
  const kept = names.filter((_, id) => used[id] === 1)
  const place = names.map((name) => kept.indexOf(name))
  const renumbered = values.slice()
  for (let at = 0; at < renumbered.length; at += fields) renumbered[at] = place[renumbered[at] as number] as number
  return { names: kept, values: renumbered }
}

/** Every row as five integers, sorted within its image; class names that occur, sorted. */
function canonicalRows(dataset: Dataset): Rows {
  const { boxes, classes } = dataset
  const start = rowStarts(dataset)
  const { names, place } = classPlaces(boxes.classId.subarray(0, boxes.count), classes)
  const values = new Int32Array(boxes.count * fields)
  for (let row = 0; row < boxes.count; row++) {
    const at = row * fields
    values[at] = place[boxes.classId[row] as number] as number
    values[at + 1] = Math.round((boxes.cx[row] as number) * 1e6)
    values[at + 2] = Math.round((boxes.cy[row] as number) * 1e6)
    values[at + 3] = Math.round((boxes.w[row] as number) * 1e6)
    values[at + 4] = Math.round((boxes.h[row] as number) * 1e6)
  }
  for (let i = 0; i + 1 < start.length; i++) sortRows(values, start[i] as number, start[i + 1] as number)
  return { start, names, values }
}

/** Names of the classes that occur, sorted, and each class id's place among them. */
function classPlaces(used: Int32Array, classes: string[]): { names: string[]; place: Int32Array } {
  let highest = -1
  for (let i = 0; i < used.length; i++) highest = Math.max(highest, used[i] as number)
  const place = new Int32Array(highest + 1).fill(-1)
  for (let i = 0; i < used.length; i++) place[used[i] as number] = 0
  const nameOf = (id: number) => classes[id] ?? `class ${id}`
  const ids = [...place.keys()].filter((id) => place[id] === 0)
  const names = [...new Set(ids.map(nameOf))].sort()
  for (const id of ids) place[id] = names.indexOf(nameOf(id))
  return { names, place }
}

/** Sorts rows [from, to) by their fields: by insertion while they are few, as most images have, else by index. */
function sortRows(values: Int32Array, from: number, to: number): void {
  if (to - from > 40) {
    const copy = values.slice(from * fields, to * fields)
    const order = Uint32Array.from({ length: to - from }, (_, i) => i * fields)
    order.sort((a, b) => compareRows(copy, a, b))
    for (const [i, row] of order.entries()) values.set(copy.subarray(row, row + fields), (from + i) * fields)
    return
  }
  const first = from * fields
  for (let end = first + fields; end < to * fields; end += fields) {
    for (let at = end; at > first && compareRows(values, at - fields, at) > 0; at -= fields) swapRows(values, at)
  }
}

function compareRows(values: Int32Array, i: number, j: number): number {
  for (let k = 0; k < fields; k++) {
    const difference = (values[i + k] as number) - (values[j + k] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Exchanges the row that begins at `at` with the one before it. */
function swapRows(values: Int32Array, at: number): void {
  for (let k = at; k < at + fields; k++) {
    const held = values[k] as number
    values[k] = values[k - fields] as number
    values[k - fields] = held
  }
}

/** Indices of the images sorted by name; readers mostly give them so. */
function byName({ images }: Dataset): number[] {
  const order = images.map((_, i) => i)
  const name = (i: number) => images[i]?.name as string
  const sorted = images.every((image, i) => i === 0 || name(i - 1) <= image.name)
  return sorted ? order : order.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a - b))
}

function lines(members: number[], line: (image: number) => string): string {
  return members.map(line).join('\n')
}
