import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Dataset, Defect } from '../core/dataset/model.ts'
import type { DatasetSpecBody } from '../core/documents/declared.ts'
import { UsageError } from '../core/errors.ts'
import type { Progress } from '../ports.ts'
import { readCoco } from './dataset/coco.ts'
import { decodeImages as decodeBelow } from './dataset/decode.ts'
import { datasetFolder, readSpec } from './dataset/describe.ts'
import { readTree as readTreeWith } from './dataset/read-tree.ts'
import { listTree, probeTree, type Tree } from './dataset/tree.ts'
import { readVoc } from './dataset/voc.ts'
import type { ReadOptions } from './dataset/yolo.ts'

export { datasetFolder, readSpec } from './dataset/describe.ts'

export type ReadDatasetOptions = {
  /** Facts about the data; gives class names where the format has none or no order of them. */
  spec?: DatasetSpecBody
  /** Hash image and label files too. */
  md5?: boolean
}

/**
 * Reads a data set wherever it lies: the repository's layout, an Ultralytics folder or its data.yaml, COCO JSON (file or
 * folder), a Pascal VOC folder, or a DatasetSpec that names one. Unsound data becomes defects; an unsafe or unreadable
 * description of it is a UsageError.
 */
export function readDataset(path: string, options: ReadDatasetOptions = {}): Dataset {
  if (!existsSync(path))
    throw new UsageError('there is no such file or folder', { where: path, mend: 'check the path' })
  const read = { md5: options.md5 ?? false, classes: options.spec?.classes ?? null }
  if (statSync(path).isDirectory()) return readTree(path, listTree(path), null, read)
  if (/\.json$/i.test(path)) return readCocoFile(path, read)
  if (!/\.ya?ml$/i.test(path)) {
    const mend = 'give a folder, a data.yaml, a dataset spec or a COCO JSON file'
    throw new UsageError('this is not a data set', { where: path, mend })
  }
  const spec = readSpec(path)
  if (spec) return readDataset(spec.folder, { ...options, spec: spec.body })
  return readTree(dirname(path), listTree(dirname(path)), basename(path), read)
}

function readTree(path: string, tree: Tree, entry: string | null, read: ReadOptions): Dataset {
  return readTreeWith(path, tree, entry, read, readVoc)
}

/** Decodes every image in full; defects of those that cannot be. `dataset.root` is where it was read from. */
export async function decodeImages(dataset: Dataset, progress: Progress): Promise<Defect[]> {
  return decodeBelow(dataset, datasetFolder(dataset), progress)
}

/** A COCO file by itself: its images are beside it, or beside the folder `annotations` that it lies in. */
function readCocoFile(path: string, read: { md5: boolean }): Dataset {
  const folder = dirname(path)
  const inAnnotations = basename(resolve(folder)) === 'annotations'
  const root = inAnnotations ? join(folder, '..') : folder
  const file = inAnnotations ? `annotations/${basename(path)}` : basename(path)
  return readCoco(root, probeTree(root), [file], read)
}
