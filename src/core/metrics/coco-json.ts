import { UsageError } from '../errors.ts'
import { scanDetections } from './coco-scan.ts'
import { annotationWidth, type ScannedTruth, scanTruth, annotationSlots as slot } from './coco-truth-scan.ts'
import type { DetectionColumns, TruthColumns } from './columns.ts'
import { emptyDetections, emptyTruth, firstRows } from './make-columns.ts'

/** An id in COCO JSON: a whole number, or text where a tool names images by their file. */
type CocoId = number | string

export type CocoTruth = {
  truth: TruthColumns
  /** In COCO's order: ascending; the index is what the columns hold. */
  imageIds: CocoId[]
  imageNames: string[]
  categoryIds: CocoId[]
  categoryNames: string[]
  /** Row of the annotation whose id is 0, which the reference code never takes for a hit; -1 when there is none. */
  zeroIdRow: number
}

type Fields = Record<string, unknown>

/** JSON of a file; UsageError with the line where it stops being JSON. */
export function parseJsonFile(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const message = (error as Error).message
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? Number.NaN)
    const line = Number.isNaN(position) ? '' : `:${text.slice(0, position).split('\n').length}`
    const literal = /[[,:]\s*-?(NaN|Infinity)\s*[,\]}]/.exec(text)?.[1]
    throw new UsageError(literal ? `${literal} is not a number that JSON knows` : `not JSON: ${message}`, {
      where: `${file}${line}`,
      mend: literal ? 'write finite numbers, or leave the box out' : 'check that the file is complete',
      cause: error,
    })
  }
}

/** Ground truth of COCO JSON (instances). */
export function readCocoTruth(value: unknown, file: string): CocoTruth {
  const root = fieldsOf(value, file, 'an object with images, annotations and categories')
  const images = readIds(listOf(root, 'images', file), 'images', file)
  const categories = readIds(listOf(root, 'categories', file), 'categories', file)
  const annotations = listOf(root, 'annotations', file)
  const truth = emptyTruth(annotations.length, images.ids.length, categories.ids.length)
  const seen = new Map<CocoId, number>()
  let zeroIdRow = -1
  for (let row = 0; row < annotations.length; row++) {
    const where = () => `${file}: annotations[${row}]`
    const fields = fieldsOf(annotations[row], where, 'an annotation object')
    const id = idOf(fields.id, 'id', where)
    const before = seen.get(id)
    if (before !== undefined)
      fail(where, `annotation id ${id} is taken by annotations[${before}]`, 'give every annotation its own id')
    seen.set(id, row)
    if (id === 0) zeroIdRow = row
    truth.image[row] = indexOf(images.index, fields.image_id, 'image_id', 'images', where)
    truth.classId[row] = indexOf(categories.index, fields.category_id, 'category_id', 'categories', where)
    readBox(fields.bbox, truth, row, where)
    truth.area[row] = fields.area === undefined ? truth.w[row]! * truth.h[row]! : numberOf(fields.area, 'area', where)
    truth.crowd[row] = crowdOf(fields.iscrowd, where)
  }
  return { truth, zeroIdRow, ...namesOf(images, categories) }
}

/** Ground truth of a COCO file (instances), by the fast scanner where the file is plain, else by the exact reader. */
export function readTruthFile(bytes: Uint8Array, file: string): CocoTruth {
  const scanned = scanTruth(bytes)
  return (
    (scanned && fromScanned(scanned, file)) ??
    readCocoTruth(parseJsonFile(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), file), file)
  )
}

/** Null where an id is taken twice or is not listed: the exact reader then says which. */
function fromScanned({ images, categories, count, rows }: ScannedTruth, file: string): CocoTruth | null {
  if (!Array.isArray(images) || !Array.isArray(categories)) return null
  const [image, category] = [readIds(images, 'images', file), readIds(categories, 'categories', file)]
  const truth = emptyTruth(count, image.ids.length, category.ids.length)
  const [imageOf, categoryOf] = [denseIndex(image.ids), denseIndex(category.ids)]
  const seen = new Set<number>()
  let zeroIdRow = -1
  let last = Number.NEGATIVE_INFINITY
  for (let row = 0; row < count; row++) {
    const at = row * annotationWidth
    const id = rows[at + slot.id]!
    // Ids mostly rise, which alone proves that they differ.
    if (id <= last) for (let before = seen.size; before < row; before++) seen.add(rows[before * annotationWidth]!)
    if (id <= last && seen.has(id)) return null
    if (seen.size > 0) seen.add(id)
    if (id === 0) zeroIdRow = row
    last = Math.max(last, id)
    const [of, as] = [imageOf(rows[at + slot.image]!), categoryOf(rows[at + slot.category]!)]
    if (of === undefined || as === undefined) return null
    truth.image[row] = of
    truth.classId[row] = as
    truth.x[row] = rows[at + slot.x]!
    truth.y[row] = rows[at + slot.y]!
    truth.w[row] = rows[at + slot.w]!
    truth.h[row] = rows[at + slot.h]!
    truth.area[row] = rows[at + slot.area]!
    truth.crowd[row] = rows[at + slot.crowd]!
  }
  return { truth, zeroIdRow, ...namesOf(image, category) }
}

/** Index by id: an array where ids are whole and below a limit, as they mostly are, else a map. */
function denseIndex(ids: readonly CocoId[]): (id: number) => number | undefined {
  const largest = ids.reduce<number>(
    (most, id) => (typeof id === 'number' && id >= 0 ? Math.max(most, id) : Infinity),
    0,
  )
  if (largest > 1e6) {
    const index = new Map(ids.map((id, i) => [id, i]))
    return (id) => index.get(id)
  }
  const index = new Int32Array(largest + 1).fill(-1)
  for (let i = 0; i < ids.length; i++) index[ids[i] as number] = i
  return (id) => {
    const at = index[id]
    return at === undefined || at < 0 ? undefined : at
  }
}

function namesOf(images: Ids, categories: Ids): Omit<CocoTruth, 'truth' | 'zeroIdRow'> {
  return {
    imageIds: images.ids,
    imageNames: images.entries.map((entry, i) => textOr(entry.file_name, String(images.ids[i]))),
    categoryIds: categories.ids,
    categoryNames: categories.entries.map((entry, i) => textOr(entry.name, String(categories.ids[i]))),
  }
}

/** Detections of a COCO results file, by the fast scanner where the file is plain, else by the exact reader. */
export function readDetectionsFile(bytes: Uint8Array, file: string, coco: CocoTruth): CocoDetections {
  const plain = scanDetections(bytes, { image: denseIndex(coco.imageIds), category: denseIndex(coco.categoryIds) })
  return plain ?? readCocoDetections(parseJsonFile(new TextDecoder().decode(bytes), file), file, coco)
}

type CocoDetections = { detections: DetectionColumns; unknownCategory: number }

/** Detections of COCO's results JSON; those of categories that the truth does not list are left out and counted. */
export function readCocoDetections(value: unknown, file: string, coco: CocoTruth): CocoDetections {
  if (!Array.isArray(value))
    fail(() => file, 'expected a list of detections', 'COCO results are [{image_id, category_id, bbox, score}]')
  const list = value as unknown[]
  const imageIndex = new Map(coco.imageIds.map((id, i) => [id, i]))
  const categoryIndex = new Map(coco.categoryIds.map((id, i) => [id, i]))
  const columns = emptyDetections(list.length)
  let row = 0
  for (let i = 0; i < list.length; i++) {
    const where = () => `${file}: [${i}]`
    const fields = fieldsOf(list[i], where, 'a detection object')
    columns.image[row] = indexOf(imageIndex, fields.image_id, 'image_id', 'images of the ground truth', where)
    const classId = categoryIndex.get(idOf(fields.category_id, 'category_id', where))
    readBox(fields.bbox, columns, row, where)
    columns.score[row] = numberOf(fields.score, 'score', where)
    if (classId !== undefined) columns.classId[row++] = classId
  }
  const detections = row === list.length ? columns : firstRows(columns, row)
  return { detections, unknownCategory: list.length - row }
}

type Ids = ReturnType<typeof readIds>

function readIds(list: unknown[], key: string, file: string) {
  const index = new Map<CocoId, number>()
  const entries = list.map((item, i) => {
    const where = () => `${file}: ${key}[${i}]`
    const fields = fieldsOf(item, where, 'an object')
    const id = idOf(fields.id, 'id', where)
    // Two such ids may be one number here, and a detection of one would count for the other.
    if (typeof id === 'number' && !Number.isSafeInteger(id))
      fail(where, `id ${id} is too large to be told from the next`, 'write ids below 2^53, or as text')
    if (index.has(id)) fail(where, `id ${id} is taken by ${key}[${index.get(id)}]`, 'ids must differ')
    index.set(id, i)
    return { id, fields }
  })
  entries.sort((a, b) => compareIds(a.id, b.id))
  const ids = entries.map(({ id }) => id)
  return { ids, entries: entries.map(({ fields }) => fields), index: new Map(ids.map((id, i) => [id, i])) }
}

function compareIds(a: CocoId, b: CocoId): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function readBox(value: unknown, columns: Pick<TruthColumns, 'x' | 'y' | 'w' | 'h'>, row: number, where: () => string) {
  if (!Array.isArray(value) || value.length !== 4)
    fail(where, 'bbox must be [x, y, width, height]', 'write four numbers in pixels')
  const box = value as unknown[]
  columns.x[row] = numberOf(box[0], 'bbox[0]', where)
  columns.y[row] = numberOf(box[1], 'bbox[1]', where)
  columns.w[row] = numberOf(box[2], 'bbox[2]', where)
  columns.h[row] = numberOf(box[3], 'bbox[3]', where)
  if (columns.w[row]! < 0 || columns.h[row]! < 0)
    fail(where, 'bbox has a negative size', 'COCO boxes are [x, y, width, height]')
}

function crowdOf(value: unknown, where: () => string): number {
  if (value === undefined || value === 0 || value === false) return 0
  if (value === 1 || value === true) return 1
  return fail(where, `iscrowd must be 0 or 1, not ${JSON.stringify(value)}`, 'write 0 or 1')
}

function indexOf(index: Map<CocoId, number>, value: unknown, key: string, list: string, where: () => string): number {
  const id = idOf(value, key, where)
  return (
    index.get(id) ??
    fail(where, `${key} ${JSON.stringify(id)} is not among the ${list}`, `add it to ${list}, or remove this`)
  )
}

function idOf(value: unknown, key: string, where: () => string): CocoId {
  if (value === undefined) fail(where, `${key} is missing`, `add ${key}`)
  if (typeof value === 'string' || Number.isInteger(value)) return value as CocoId
  return fail(where, `${key} must be a whole number or text, not ${JSON.stringify(value)}`, `mend ${key}`)
}

function numberOf(value: unknown, key: string, where: () => string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  return fail(
    where,
    value === undefined
      ? `${key} is missing`
      : `${key} must be a number, not ${typeof value === 'number' ? value : JSON.stringify(value)}`,
    `mend ${key}`,
  )
}

function listOf(fields: Fields, key: string, file: string): unknown[] {
  const value = fields[key]
  if (!Array.isArray(value))
    return fail(
      () => file,
      `${key} ${value === undefined ? 'is missing' : 'must be a list'}`,
      `COCO JSON needs images, annotations and categories`,
    )
  return value
}

function fieldsOf(value: unknown, where: string | (() => string), what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  return fail(typeof where === 'string' ? () => where : where, `expected ${what}`, 'check the format of the file')
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise
}

function fail(where: () => string, what: string, mend: string): never {
  throw new UsageError(what, { where: where(), mend })
}
