import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readDataset } from '../adapters/dataset.ts'
import type { Dataset, Split } from '../core/dataset/model.ts'
import { labelPathOf } from '../core/dataset/paths.ts'
import { UsageError } from '../core/errors.ts'

/** A data set that can be trained on: read with its hashes, in the one format that the trainer reads. */
export function readTrainingSet(path: string): { dataset: Dataset; root: string } {
  const dataset = readDataset(path, { md5: true })
  if (dataset.format !== 'yolo') {
    throw new UsageError(`the trainer reads YOLO labels, these are ${dataset.format}`, {
      where: path,
      mend: 'sluice convert IN OUT --to yolo',
    })
  }
  const root = resolve(dataset.root)
  return { dataset, root: statSync(root).isDirectory() ? root : dirname(root) }
}

/** Absolute images and label files of one split, in the data set's order; a label file may not exist (background). */
export function filesOfSplit({ dataset, root }: { dataset: Dataset; root: string }, split: Split) {
  const chosen = dataset.images.filter((image) => image.split === split)
  return {
    images: chosen.map((image) => resolve(root, image.file)),
    labels: chosen.map((image) => resolve(root, image.labelFile ?? labelPathOf(image.file))),
  }
}
