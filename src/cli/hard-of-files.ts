import { basename, resolve } from 'node:path'
import { readDataset } from '../adapters/dataset.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { insideRoot } from '../core/dataset/paths.ts'
import type { CocoTruth } from '../core/metrics/coco-json.ts'
import type { DetectionColumns } from '../core/metrics/columns.ts'
import type { Console } from '../ports.ts'
import { type HardOutputs, writeHardOutputs } from './hard-outputs.ts'

type Files = HardOutputs['files'] & {
  truth: string
  predictions: string
  /** Where the pictures lie; found near the ground truth unless it is named. */
  images?: string | undefined
}

/** What predictions get wrong by the ground truth of a COCO file: the same queue and sheet as of a model. */
export async function writeHardOfFiles(
  files: Files,
  coco: CocoTruth,
  detections: DetectionColumns,
  about: { subject: HardOutputs['subject']; confidence: number },
  console: Console,
): Promise<void> {
  const { truth, categoryNames: classes, imageNames: images } = coco
  await writeHardOutputs(
    {
      ...about,
      files,
      predictions: { images, scenes: images, classes, truth, detections },
      dataset: picturesOf(files, images),
      name: basename(files.predictions),
      about: `Against the ground truth of ${basename(files.truth)}, ${images.length} images.`,
      recompute: `sluice evaluate --truth ${files.truth} --predictions ${files.predictions} --hard queue.json`,
    },
    console,
  )
}

/** The images of a COCO file under the names that it gives them: their sizes, and where the pictures lie. */
function picturesOf({ truth, images: folder }: Files, names: readonly string[]): Dataset {
  const dataset = readDataset(truth)
  const paths = names.map((name) => insideRoot(name) ?? '')
  const byFile = new Map(dataset.images.map((image) => [image.file, image]))
  const base = baseOf([...byFile.keys()], new Set(paths))
  const images = names.flatMap((name, i) => {
    const path = paths[i] as string
    const image = byFile.get(`${base}${path}`)
    return image ? { ...image, name, file: folder === undefined ? image.file : path } : []
  })
  return { ...dataset, ...(folder === undefined ? {} : { root: resolve(folder) }), images }
}

/** The folder before every name, with its slash: the reader of data sets looks for the pictures near the file. */
function baseOf(files: readonly string[], written: ReadonlySet<string>): string {
  const [first = ''] = files
  const cuts = [0, ...[...first.matchAll(/\//g)].map(({ index }) => index + 1)]
  return first.slice(0, cuts.find((cut) => written.has(first.slice(cut))) ?? 0)
}
