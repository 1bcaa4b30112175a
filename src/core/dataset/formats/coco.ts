import { UsageError } from '../../errors.ts'
import { insideRoot } from '../paths.ts'
import { elementOffsets } from './json-lines.ts'
import { lineFinder, type PixelDataset } from './pixels.ts'

type Entry = { [key: string]: unknown }

/** Whether a text looks like COCO detection ground truth, without parsing it. */
export function looksLikeCoco(head: string): boolean {
  return /^\s*\{/.test(head) && /"(images|annotations|categories)"\s*:/.test(head)
}

/**
 * Reads COCO detection ground truth. Class ids follow ascending category ids. A file that is not COCO is a UsageError;
 * an annotation that is not sound is a defect and left out.
 */
export function parseCoco(text: string, file: string): PixelDataset {
  const root = parsed(text.replace(/^\ufeff/, ''), file)
  const lists = ['images', 'annotations', 'categories'].map((key) => {
    if (Array.isArray(root[key])) return root[key] as unknown[]
    throw new UsageError(`there is no list "${key}"`, {
      where: file,
      mend: 'a COCO file has images, annotations, categories',
    })
  }) as [unknown[], unknown[], unknown[]]
  const result: PixelDataset = { classes: [], images: [], boxes: [], defects: [], lost: [] }
  const classOf = readCategories(lists[2], file, result)
  const imageOf = readImages(lists[0], text, file, result)
  readAnnotations(lists[1], { text, file, classOf, imageOf }, result)
  return result
}

function parsed(text: string, file: string): Entry {
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Entry
  } catch (error) {
    const offset = /position (\d+)/.exec((error as Error).message)?.[1]
    const line = offset ? lineFinder(text)(Number(offset)) : 1
    throw new UsageError(`not JSON: ${(error as Error).message.slice(0, 200)}`, {
      where: `${file}:${line}`,
      cause: error,
    })
  }
  throw new UsageError('expected an object with images, annotations and categories', { where: file })
}

function readCategories(list: unknown[], file: string, result: PixelDataset): Map<number, string> {
  const classOf = new Map<number, string>()
  const categories = list.map((item) => {
    const { id, name } = (item ?? {}) as Entry
    const sound = Number.isInteger(id) && typeof name === 'string' && name.trim() !== '' && name.length <= 100
    if (!sound)
      throw new UsageError(`a category without a sound id and name: ${JSON.stringify(item)?.slice(0, 80)}`, {
        where: file,
      })
    return { id: id as number, name: name as string }
  })
  for (const { id, name } of categories.sort((a, b) => a.id - b.id)) {
    if (classOf.has(id)) throw new UsageError(`category id ${id} is there twice`, { where: file })
    if (result.classes.includes(name)) throw new UsageError(`category "${name}" is there twice`, { where: file })
    classOf.set(id, name)
    result.classes.push(name)
  }
  return classOf
}

function readImages(list: unknown[], text: string, file: string, result: PixelDataset): Map<number, number> {
  const imageOf = new Map<number, number>()
  const offsets = elementOffsets(text, 'images')
  const lineAt = lineFinder(text)
  for (const [i, item] of list.entries()) {
    const { id, file_name: name, width, height } = (item ?? {}) as Entry
    const line = lineAt(offsets[i] ?? 0)
    const defect = (code: string, message: string) =>
      void result.defects.push({ code, file, line, column: 1, message, image: null, key: message })
    if (typeof id !== 'number' || typeof name !== 'string') {
      defect('annotation-reference', 'an image without id and file_name')
      continue
    }
    if (imageOf.has(id)) {
      defect('annotation-reference', `image id ${id} is there twice`)
      continue
    }
    const path = name.length > 255 ? null : insideRoot(name)
    if (path === null || path === '') {
      defect('path-outside', `file_name ${JSON.stringify(name.slice(0, 80))} leaves the data set`)
      continue
    }
    imageOf.set(id, result.images.length)
    result.images.push({ file: path, width: size(width), height: size(height), line })
  }
  return imageOf
}

function size(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0
}

type Source = { text: string; file: string; classOf: Map<number, string>; imageOf: Map<number, number> }

function readAnnotations(list: unknown[], source: Source, result: PixelDataset): void {
  const offsets = elementOffsets(source.text, 'annotations')
  const lineAt = lineFinder(source.text)
  const ids = new Set<unknown>()
  let crowds = 0
  let polygons = 0
  for (const [i, item] of list.entries()) {
    const { id, image_id: imageId, category_id: categoryId, bbox, iscrowd, segmentation } = (item ?? {}) as Entry
    const line = lineAt(offsets[i] ?? 0)
    const defect = (code: string, message: string) =>
      void result.defects.push({ code, file: source.file, line, column: 1, message, image: null, key: message })
    if (ids.has(id)) defect('annotation-reference', `annotation id ${JSON.stringify(id)} is there twice`)
    ids.add(id)
    const image = source.imageOf.get(imageId as number)
    const className = source.classOf.get(categoryId as number)
    if (image === undefined || className === undefined) {
      const missing =
        image === undefined ? `image ${JSON.stringify(imageId)}` : `category ${JSON.stringify(categoryId)}`
      defect('annotation-reference', `annotation ${JSON.stringify(id)} names ${missing}, which is not there`)
      continue
    }
    const sound = Array.isArray(bbox) && bbox.length === 4 && bbox.every((value) => Number.isFinite(value))
    if (!sound) {
      defect(
        'label-number',
        `annotation ${JSON.stringify(id)}: bbox ${JSON.stringify(bbox)?.slice(0, 80)} is not four numbers`,
      )
      continue
    }
    const [x, y, w, h] = bbox as [number, number, number, number]
    if (w < 0 || h < 0) {
      defect('label-negative-size', `annotation ${JSON.stringify(id)}: bbox of negative size (${w} × ${h})`)
      continue
    }
    if (iscrowd === 1) crowds++
    if (segmentation !== undefined && !(Array.isArray(segmentation) && segmentation.length === 0)) polygons++
    result.boxes.push({ image, className, x, y, w, h, line })
  }
  if (crowds > 0) result.lost.push(`${crowds} crowd annotations are taken as plain boxes`)
  if (polygons > 0) result.lost.push(`${polygons} segmentations are taken as their boxes`)
}
