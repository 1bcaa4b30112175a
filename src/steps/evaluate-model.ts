import { type Dataset, type DatasetImage, type Provenance, rowStarts, type Split } from '../core/dataset/model.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { type DocumentOf, type Subject, sha256 } from '../core/documents/define.ts'
import { evaluation } from '../core/documents/evaluation.ts'
import { UsageError } from '../core/errors.ts'
import { fromYolo } from '../core/geometry/boxes.ts'
import type { TruthColumns } from '../core/metrics/columns.ts'
import { emptyTruth } from '../core/metrics/make-columns.ts'
import { decodePredictions, encodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import { type Slicing, sceneSlicing } from '../core/metrics/slices.ts'
import type { Detector, Progress, Runtime, Serving } from '../ports.ts'
import { evaluateDetections } from './evaluate-detections.ts'
import { type PicturePorts, predictImages } from './predict-images.ts'

export type EvaluateModelInput = {
  artifact: string
  dataset: Dataset
  split: Exclude<Split, 'none'>
  serving: Serving
  threads: number
  /** What the runtime at hand runs it on; the processor unless another is named. */
  provider?: 'cpu' | 'cuda' | 'tensorrt'
  subject: Subject
  /** Name under which the predictions will lie beside the document. */
  predictionsFile?: string
  progress?: Progress
}

export type EvaluatedModel = {
  evaluation: DocumentOf<typeof evaluation>
  predictions: PredictionSet
  /** What to write as the predictions file; the document carries its SHA-256. */
  predictionsJson: string
}

/** Runs a model over one split and scores what it would serve; a missing split or another class list is refused. */
export async function evaluateModel(
  ports: PicturePorts & { runtime: Runtime },
  input: EvaluateModelInput,
): Promise<EvaluatedModel> {
  const { dataset, serving, split, predictionsFile = 'predictions.json' } = input
  const detector = await ports.runtime.load(input.artifact, serving, input.threads)
  try {
    const notes = checkClasses(detector, dataset)
    const predictionsJson = encodePredictions(await predictSplit(ports, detector, dataset, split, input.progress))
    // Scored as read back, so that the numbers can be computed again from the file alone.
    const predictions = decodePredictions(predictionsJson, predictionsFile)
    const images = imagesOf(dataset, split)
    const { confidence, iou, maxDetections, multiLabel, suppression } = serving
    const groups = predictions.groups ?? []
    const byScene = sceneSlicing(predictions.scenes, groups)
    const { provider = 'cpu' } = input
    const scored = evaluateDetections({
      truth: predictions.truth,
      detections: predictions.detections,
      classNames: dataset.classes,
      scenes: predictions.scenes,
      slices: [...groups, ...byScene.slicings],
      served: { confidence, iou, maxDetections, multiLabel, ...(suppression ? { suppression } : {}) },
      labelSource: labelSourceOf(images),
      resamples: 500,
      predictions: { file: predictionsFile, sha256: sha256(predictionsJson) },
      notes: [...notes, ...byScene.notes],
    })
    const body = provider === 'cpu' ? scored : { ...scored, provider }
    return {
      evaluation: evaluation.make({ ...input.subject, serving: servingDigest(serving) }, body),
      predictions,
      predictionsJson,
    }
  } finally {
    await detector.release()
  }
}

/** Truth and detections of one split, with the scene of every image. */
export async function predictSplit(
  ports: PicturePorts,
  detector: Detector,
  dataset: Dataset,
  split: Exclude<Split, 'none'>,
  progress?: Progress,
): Promise<PredictionSet> {
  const images = imagesOf(dataset, split)
  const { detections, sizes } = await predictImages(ports, detector, dataset, images, progress)
  return {
    images: images.map(({ name }) => name),
    scenes: images.map(sceneOf),
    classes: dataset.classes,
    truth: truthOf(dataset, split, sizes),
    detections,
    groups: groupsOf(images),
  }
}

/** Images of a split in data set order; UsageError when there are none. */
function imagesOf(dataset: Dataset, split: Split): DatasetImage[] {
  const images = dataset.images.filter((image) => image.split === split)
  if (images.length > 0) return images
  const known = [...new Set(dataset.images.map((image) => image.split))].join(', ') || 'no images at all'
  throw new UsageError(`the data set has no images in split ${split}; it has ${known}`, {
    where: dataset.root,
    mend: 'name another split, or add the images',
  })
}

/** The unit that resampling draws: the scene, else the video, else the image alone. */
function sceneOf({ name, provenance }: DatasetImage): string {
  return provenance?.scene ?? provenance?.video ?? name
}

function truthOf(dataset: Dataset, split: Split, sizes: { width: number; height: number }[]): TruthColumns {
  const start = rowStarts(dataset)
  const { boxes } = dataset
  const found: { image: number; row: number }[] = []
  let at = 0
  dataset.images.forEach((image, index) => {
    if (image.split !== split) return
    for (let row = start[index] as number; row < (start[index + 1] as number); row++) {
      const classId = boxes.classId[row] as number
      if (classId >= 0 && classId < dataset.classes.length) found.push({ image: at, row })
    }
    at++
  })
  const truth = emptyTruth(found.length, sizes.length, dataset.classes.length)
  found.forEach(({ image, row }, i) => {
    const { width, height } = sizes[image] as { width: number; height: number }
    const [cx = 0, cy = 0, w = 0, h = 0] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]]
    const box = fromYolo(cx, cy, w, h, width, height)
    truth.image[i] = image
    truth.classId[i] = boxes.classId[row] as number
    truth.x[i] = box.x1
    truth.y[i] = box.y1
    truth.w[i] = box.x2 - box.x1
    truth.h[i] = box.y2 - box.y1
    truth.area[i] = (truth.w[i] as number) * (truth.h[i] as number)
  })
  return truth
}

/** Notes on class names; UsageError when the model's classes cannot be those of the data. */
export function checkClasses({ artifact, classCount, classNames }: Detector, { classes }: Dataset): string[] {
  const mend = 'evaluate on the data set that the model was trained for, or mend the class list'
  if (classCount > 0 && classCount !== classes.length) {
    const told = `the model has ${classCount} classes, the data set ${classes.length} (${classes.join(', ')})`
    throw new UsageError(told, { where: artifact, mend })
  }
  if (!classNames || classNames.every((name, id) => name === classes[id])) return []
  const told = `the model's classes are ${classNames.join(', ')}, the data set's ${classes.join(', ')}`
  if (classNames.every((name) => classes.includes(name))) {
    throw new UsageError(`${told}: the same names in another order`, { where: artifact, mend })
  }
  return [`${told}; compared by position`]
}

const groupFields = ['camera', 'source', 'uploader', 'video', 'licence'] as const
const mostGroups = 200
const mostOwnFields = 20

/** Ways to group images by their provenance, where a field tells at least two groups and not one an image. */
function groupsOf(images: readonly DatasetImage[]): Slicing[] {
  const own = [...new Set(images.flatMap(({ provenance }) => Object.keys(provenance?.own ?? {})))]
  const known = groupFields.map((slice) => ({ slice, of: (told: Provenance) => told[slice] }))
  const further = own
    .sort()
    .slice(0, mostOwnFields)
    .map((slice) => ({
      slice,
      of: ({ own = {} }: Provenance) => (Object.hasOwn(own, slice) ? own[slice] : undefined),
    }))
  return [...known, ...further].flatMap(({ slice, of }) => {
    const values = images.map(({ provenance }) => (provenance ? of(provenance) : null) ?? null)
    const distinct = new Set(values.filter((value) => value !== null)).size
    return distinct > 1 && distinct <= Math.min(mostGroups, images.length / 2) ? [{ slice, values }] : []
  })
}

/** Who drew the labels; unknown unless every box says. */
function labelSourceOf(images: readonly DatasetImage[]): string {
  const sources = new Set(
    images.flatMap((image) => image.provenance?.boxes?.map((box) => box.source ?? 'unknown') ?? ['unknown']),
  )
  if (sources.size === 0 || sources.has('unknown')) return 'unknown'
  return [...sources].sort().join(' and ')
}
