import { type Dataset, rowStarts } from '../dataset/model.ts'
import { nameOfClass } from './class-matching.ts'

export const boxMeasures = ['box size', 'box aspect', 'box x', 'box y'] as const
export const pictureMeasures = [
  ...(['image size', 'image aspect'] as const),
  ...(['brightness', 'contrast', 'saturation', 'sharpness'] as const),
] as const
export type BoxMeasure = (typeof boxMeasures)[number]
type PictureMeasure = (typeof pictureMeasures)[number]

/** What drift is measured on: one value a box or one a picture, NaN where it is not known. */
export type DriftColumns = {
  /** Boxes of image i are rows start[i] up to start[i + 1]. */
  start: Uint32Array
  /** Index into the class names that both versions share. */
  classOf: Int32Array
  boxes: Record<BoxMeasure, Float64Array>
  images: Record<PictureMeasure | 'boxes an image', Float64Array>
  /** Scene, or else video, of each image; null where provenance doesn't tell. */
  group: (string | null)[]
}

/** The columns of a data set; a class that `rename` knows goes by its new name. */
export function driftColumns(
  dataset: Dataset,
  classes: readonly string[],
  rename: ReadonlyMap<string, string> = new Map(),
): DriftColumns {
  const { images, boxes } = dataset
  const start = rowStarts(dataset)
  const column = new Map(classes.map((name, k) => [name, k]))
  const columnOf = new Map<number, number>()
  const aspect = new Float64Array(boxes.count)
  const classOf = new Int32Array(boxes.count)
  const size = new Float64Array(boxes.count)
  for (let row = 0; row < boxes.count; row++) {
    const id = boxes.classId[row] as number
    const known = columnOf.get(id)
    if (known === undefined) {
      const name = nameOfClass(dataset, id)
      columnOf.set(id, column.get(rename.get(name) ?? name) ?? -1)
    }
    classOf[row] = columnOf.get(id) as number
    const image = images[boxes.image[row] as number]
    const [w, h] = [boxes.w[row] as number, boxes.h[row] as number]
    size[row] = Math.sqrt(w * h)
    aspect[row] = image && image.width > 0 && h > 0 ? (w * image.width) / (h * image.height) : Number.NaN
  }
  const ofImages = (value: (image: Dataset['images'][number]) => number | undefined) =>
    Float64Array.from(images, (image) => value(image) ?? Number.NaN)
  const known = (image: Dataset['images'][number], value: number) => (image.width > 0 ? value : Number.NaN)
  return {
    start,
    classOf,
    boxes: { 'box size': size, 'box aspect': aspect, 'box x': boxes.cx, 'box y': boxes.cy },
    images: {
      'boxes an image': Float64Array.from(images, (_, i) => (start[i + 1] as number) - (start[i] as number)),
      'image size': ofImages((image) => known(image, Math.sqrt(image.width * image.height))),
      'image aspect': ofImages((image) => known(image, image.width / image.height)),
      brightness: ofImages((image) => image.look?.brightness),
      contrast: ofImages((image) => image.look?.contrast),
      saturation: ofImages((image) => image.look?.saturation),
      sharpness: ofImages((image) => image.look?.sharpness),
    },
    group: images.map(({ provenance }) => provenance?.scene ?? provenance?.video ?? null),
  }
}

/** Names of the classes of either version, the old names of renamed ones left out. */
export function sharedClasses(base: Dataset, head: Dataset, rename: ReadonlyMap<string, string>): string[] {
  const used = (dataset: Dataset) =>
    [...new Set(dataset.boxes.classId)].sort((a, b) => a - b).map((id) => nameOfClass(dataset, id))
  const before = [...base.classes, ...used(base)].map((name) => rename.get(name) ?? name)
  return [...new Set([...before, ...head.classes, ...used(head)])]
}

/** Some images of one version. */
export type DriftSide = { columns: DriftColumns; images: Uint32Array }

/** Boxes of each class in the images of a side. */
export function classTotals({ columns, images }: DriftSide, classes: number): Float64Array {
  const totals = new Float64Array(classes)
  for (const image of images)
    for (let row = columns.start[image] as number; row < (columns.start[image + 1] as number); row++)
      totals[columns.classOf[row] as number]!++
  return totals
}
