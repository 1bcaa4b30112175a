import { UsageError } from '../../errors.ts'
import { insideRoot } from '../paths.ts'
import { crowdProblem, segmentationProblem } from './coco-shapes.ts'
import { type Batch, streamLists } from './json-stream.ts'
import { type PixelDataset, pixelColumns } from './pixels.ts'

type Entry = { [key: string]: unknown }

/** More findings of one file than this are counted, not listed: a broken export repeats one mistake a million times. */
const mostDefects = 20_000

/** Whether a text looks like COCO detection ground truth, without parsing it. */
export function looksLikeCoco(head: string): boolean {
  return /^(?:\ufeff|\u00ef\u00bb\u00bf)?\s*\{/.test(head) && /"(images|annotations|categories)"\s*:/.test(head)
}

/**
 * Reads COCO detection ground truth, of any size, from its text or its bytes in pieces. Class ids follow ascending
 * category ids. A file that is not COCO is a UsageError; an annotation that is not sound is a defect and left out.
 */
export function parseCoco(source: string | Iterable<Uint8Array>, file: string): PixelDataset {
  const state = openState(file)
  const chunks = typeof source === 'string' ? [new TextEncoder().encode(source)] : source
  const keys = ['images', 'annotations', 'categories']
  const takers: { [key: string]: (entry: Entry, line: number, column: number) => void } = {
    images: (entry, line, column) => takeImage(state, entry, line, column),
    annotations: (entry, line, column) => takeAnnotation(state, entry, line, column),
    categories: (entry, line) => takeCategory(state, entry, line),
  }
  const lists = streamLists(chunks, keys, file, (key, { values, line, column }: Batch) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      takers[key]?.(value !== null && typeof value === 'object' ? (value as Entry) : {}, line[i]!, column[i]!)
    }
  })
  const missing = keys.find((key) => !lists.has(key))
  if (missing !== undefined) {
    const mend = 'a COCO file has images, annotations, categories'
    throw new UsageError(`there is no list "${missing}"`, { where: file, mend })
  }
  return finish(state)
}

type State = ReturnType<typeof openState>

function openState(file: string) {
  const result: PixelDataset = {
    ...{ classes: [], images: [], defects: [], lost: [], notes: [] },
    boxes: pixelColumns(1).finish(),
  }
  return {
    file,
    result,
    boxes: pixelColumns(),
    imageOf: new Map<number, number>(),
    categories: [] as { id: number; name: string; line: number }[],
    /** Ids that annotations name, in the order in which they came up: columns hold indices into these. */
    imageRefs: interned(),
    categoryRefs: interned(),
    /** Id of the annotation of a row, to name it in a defect; NaN when it is not a number. */
    seenIds: idSet(),
    crowds: 0,
    shapes: 0,
    more: 0,
    defect(code: string, line: number, column: number, message: string) {
      if (result.defects.length >= mostDefects) this.more++
      else result.defects.push({ code, file, line, column, message, image: null, key: message })
    },
  }
}

function takeCategory(state: State, { id, name }: Entry, line: number): void {
  const sound = Number.isInteger(id) && typeof name === 'string' && name.trim() !== '' && name.length <= 100
  if (sound) state.categories.push({ id: id as number, name: name as string, line })
  else {
    const shown = JSON.stringify({ id, name }).slice(0, 80)
    throw new UsageError(`a category without a sound id and name: ${shown}`, { where: `${state.file}:${line}` })
  }
}

function takeImage(state: State, { id, file_name: name, width, height }: Entry, line: number, column: number): void {
  const defect = (code: string, message: string) => state.defect(code, line, column, message)
  if (typeof id !== 'number' || typeof name !== 'string') {
    defect('annotation-reference', 'an image without id and file_name')
    return
  }
  if (state.imageOf.has(id)) {
    defect('annotation-reference', `image id ${id} is there twice`)
    return
  }
  const path = name.length > 255 ? null : insideRoot(name)
  if (path === null || path === '') {
    const shown = JSON.stringify(name.slice(0, 80))
    defect('path-outside', `file_name ${shown} leaves the data set or is too long`)
    return
  }
  state.imageOf.set(id, state.result.images.length)
  state.result.images.push({ file: path, width: size(width), height: size(height), line })
}

function size(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0
}

function takeAnnotation(state: State, entry: Entry, line: number, column: number): void {
  const { id, image_id: imageId, category_id: categoryId, bbox, iscrowd, segmentation, area } = entry
  const named = () => `annotation ${JSON.stringify(id)?.slice(0, 40)}`
  const defect = (code: string, message: string) => state.defect(code, line, column, `${named()}${message}`)
  if (id !== undefined && state.seenIds(id)) defect('annotation-reference', ' is there twice')
  const sound =
    Array.isArray(bbox) &&
    bbox.length === 4 &&
    bbox.every((value) => typeof value === 'number' && Number.isFinite(value))
  if (!sound) {
    defect('label-number', `: bbox ${JSON.stringify(bbox)?.slice(0, 80)} is not four numbers`)
    return
  }
  const [x, y, w, h] = bbox as [number, number, number, number]
  if (w < 0 || h < 0) {
    defect('label-negative-size', `: bbox of negative size (${w} × ${h})`)
    return
  }
  if (iscrowd === 1 || iscrowd === true) state.crowds++
  const shaped = segmentation !== undefined && !(Array.isArray(segmentation) && segmentation.length === 0)
  if (shaped && segmentation !== null) state.shapes++
  const shape = shaped ? (segmentationProblem(segmentation) ?? crowdProblem(segmentation)) : null
  if (shape !== null) defect('annotation-shape', `: ${shape}`)
  const box = w * h
  // A mask fills at most its box, and a plain box all of it; the size classes of COCO's measures hang on this number.
  if (typeof area === 'number' && (area > box * 1.1 + 1 || (!shaped && area < box * 0.9 - 1))) {
    defect('annotation-shape', `: area ${area}, but its bbox has ${box}`)
  }
  state.boxes.add(state.imageRefs.index(imageId), state.categoryRefs.index(categoryId), x, y, w, h, line)
}

/** References are resolved when all of the file is known: its lists come in any order. */
function finish(state: State): PixelDataset {
  const { result, file, categories, imageOf } = state
  const classOf = new Map<number, number>()
  for (const { id, name, line } of categories.sort((a, b) => a.id - b.id)) {
    const where = `${file}:${line}`
    if (classOf.has(id)) throw new UsageError(`category id ${id} is there twice`, { where })
    if (result.classes.includes(name)) throw new UsageError(`category "${name}" is there twice`, { where })
    classOf.set(id, result.classes.length)
    result.classes.push(name)
  }
  const images = state.imageRefs.ids.map((id) => imageOf.get(id as number) ?? -1)
  const classes = state.categoryRefs.ids.map((id) => classOf.get(id as number) ?? -1)
  const boxes = state.boxes.finish()
  let count = 0
  for (let row = 0; row < boxes.count; row++) {
    const [ref, categoryRef] = [boxes.image[row] as number, boxes.classId[row] as number]
    const [image, classId] = [images[ref] as number, classes[categoryRef] as number]
    if (image < 0 || classId < 0) {
      const id = image < 0 ? state.imageRefs.ids[ref] : state.categoryRefs.ids[categoryRef]
      const missing = `${image < 0 ? 'image' : 'category'} ${JSON.stringify(id)?.slice(0, 60)}`
      state.defect(
        'annotation-reference',
        boxes.line[row] as number,
        1,
        `an annotation names ${missing}, which is not there`,
      )
      continue
    }
    for (const key of ['x', 'y', 'w', 'h', 'line'] as const) boxes[key][count] = boxes[key][row] as number
    boxes.image[count] = image
    boxes.classId[count++] = classId
  }
  if (state.more > 0) result.defects.push(moreThan(state.more, file))
  if (state.crowds > 0) result.lost.push(`${state.crowds} crowd annotations are taken as plain boxes`)
  if (state.shapes > 0) result.lost.push(`${state.shapes} segmentations are taken as their boxes`)
  const gaps = categories.some(({ id }, i) => id !== i)
  if (gaps) result.notes.push(`${file}: ${mapping(categories)}`)
  return { ...result, boxes: { ...boxes, count } }
}

function moreThan(more: number, file: string) {
  const message = `and ${more} more findings in this file, which are not listed`
  return { code: 'annotation-reference', file, line: 0, column: 0, message, image: null, key: 'more' }
}

function mapping(categories: readonly { id: number; name: string }[]): string {
  const shown = categories.slice(0, 5).map(({ id, name }, i) => `${id} "${name}" is ${i}`)
  const rest = categories.length - shown.length
  return `category ids become classes from 0: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Small numbers for ids of any kind. */
function interned() {
  const known = new Map<unknown, number>()
  const ids: unknown[] = []
  return {
    ids,
    index: (id: unknown): number => {
      const key = typeof id === 'object' ? JSON.stringify(id) : id
      let at = known.get(key)
      if (at === undefined) {
        at = ids.length
        known.set(key, at)
        ids.push(id)
      }
      return at
    },
  }
}

/** Whether an id was given before; a bit each for whole numbers up to 2^28, which is nearly all there are. */
function idSet(): (id: unknown) => boolean {
  let bits = new Uint32Array(1024)
  const others = new Set<unknown>()
  return (id) => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= 1 << 28) {
      const before = others.size
      return others.add(typeof id === 'object' ? JSON.stringify(id) : id).size === before
    }
    const [word, bit] = [id >>> 5, 1 << (id & 31)]
    if (word >= bits.length) {
      const grown = new Uint32Array(Math.max(word + 1, bits.length * 2))
      grown.set(bits)
      bits = grown
    }
    const was = ((bits[word] as number) & bit) !== 0
    bits[word]! |= bit
    return was
  }
}
