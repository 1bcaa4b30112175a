import type { Dataset } from '../core/dataset/model.ts'
import { layoutCoco } from '../core/dataset/write-coco.ts'
import { layoutYolo, type WriteOptions } from '../core/dataset/write-yolo.ts'
import { UsageError } from '../core/errors.ts'
import type { Progress, Storage } from '../ports.ts'

export type ConvertPorts = { storage: Storage; progress?: Progress }

/** What was written, and what the new form does not hold. */
export type Converted = { images: number; files: number; lost: string[] }

/**
 * Writes a data set in the repository's layout: images copied, labels, splits, provenance and data.yaml. `from` is the
 * folder that its paths are relative to. What gets lost is returned; with `acceptLoss` false it is refused first.
 */
export function writeYoloDataset(
  ports: ConvertPorts,
  input: { dataset: Dataset; from: string; to: string; acceptLoss: boolean } & WriteOptions,
): Converted {
  const { dataset, from, to, acceptLoss } = input
  const layout = layoutYolo(dataset, input)
  consent(layout.lost, acceptLoss)
  emptyTarget(ports.storage, to)
  for (const [i, copy] of layout.copies.entries()) {
    ports.storage.write(`${to}/${copy.to}`, ports.storage.read(`${from}/${copy.from}`))
    ports.progress?.update(i + 1, layout.copies.length)
  }
  for (const { path, text } of layout.files) ports.storage.write(`${to}/${path}`, text)
  ports.progress?.end(`${layout.copies.length} images`)
  return { images: layout.copies.length, files: layout.files.length, lost: layout.lost }
}

/** Writes COCO JSON, one file a split, and copies the images beside it. */
export function writeCocoDataset(
  ports: ConvertPorts,
  input: { dataset: Dataset; from: string; to: string; acceptLoss: boolean },
): Converted {
  const { dataset, from, to, acceptLoss } = input
  const { files, lost } = layoutCoco(dataset)
  consent(lost, acceptLoss)
  emptyTarget(ports.storage, to)
  const images = dataset.images.filter((image) => image.width > 0 && dataset.imagesPresent !== false)
  for (const [i, image] of images.entries()) {
    const target = `images/${image.file.replace(/^.*?(?:images|JPEGImages)\//, '')}`
    ports.storage.write(`${to}/${target}`, ports.storage.read(`${from}/${image.file}`))
    ports.progress?.update(i + 1, images.length)
  }
  for (const { path, text } of files) ports.storage.write(`${to}/${path}`, text)
  ports.progress?.end(`${images.length} images`)
  return { images: images.length, files: files.length, lost }
}

function consent(lost: readonly string[], accepted: boolean): void {
  if (lost.length === 0 || accepted) return
  throw new UsageError(`this would lose something: ${lost.join('; ')}`, {
    mend: 'mend the data first, or accept the loss with --accept-loss',
  })
}

/** A conversion never mixes with what lies there: files left from another run would become part of the data. */
function emptyTarget(storage: Storage, to: string): void {
  if (!storage.exists(to) || storage.list(to).length === 0) return
  throw new UsageError('the folder is not empty', { where: to, mend: 'name a new folder' })
}
