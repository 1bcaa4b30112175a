import type { Dataset, DatasetImage } from '../core/dataset/model.ts'
import { UsageError } from '../core/errors.ts'
import type { DetectionColumns } from '../core/metrics/columns.ts'
import type { Detector, Images, Picture, Progress, Storage } from '../ports.ts'

export type PicturePorts = { images: Pick<Images, 'decode'>; storage: Pick<Storage, 'read'> }

/** Detections of many pictures in columns; `sizes` are width and height of each, in order. */
export type Predicted = { detections: DetectionColumns; sizes: { width: number; height: number }[] }

/** Runs a detector over pictures of a data set; the next picture is decoded while the model works on one. */
export async function predictImages(
  { images, storage }: PicturePorts,
  detector: Detector,
  dataset: Pick<Dataset, 'root'>,
  wanted: readonly DatasetImage[],
  progress?: Progress,
): Promise<Predicted> {
  const load = async (image: DatasetImage | undefined): Promise<Picture | null> => {
    if (!image) return null
    try {
      return await images.decode(storage.read(`${dataset.root}/${image.file}`))
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(error.message, { where: image.file, mend: error.mend }) : error
    }
  }
  const parts: DetectionColumns[] = []
  const sizes: Predicted['sizes'] = []
  let coming = load(wanted[0])
  for (let i = 0; i < wanted.length; i++) {
    const picture = (await coming) as Picture
    coming = load(wanted[i + 1])
    // Its failure is reported when it is awaited, not while the model still works.
    coming.catch(() => {})
    parts.push(await detector.predict(picture))
    sizes.push({ width: picture.width, height: picture.height })
    progress?.update(i + 1, wanted.length)
  }
  return { detections: joined(parts), sizes }
}

/** Columns of single pictures put one after the other; row `image` becomes the picture's place. */
function joined(parts: readonly DetectionColumns[]): DetectionColumns {
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const all: DetectionColumns = {
    count,
    image: new Int32Array(count),
    classId: new Int32Array(count),
    score: new Float64Array(count),
    x: new Float64Array(count),
    y: new Float64Array(count),
    w: new Float64Array(count),
    h: new Float64Array(count),
  }
  let at = 0
  parts.forEach((part, image) => {
    all.image.fill(image, at, at + part.count)
    for (const key of ['classId', 'score', 'x', 'y', 'w', 'h'] as const) all[key].set(part[key], at)
    at += part.count
  })
  return all
}
