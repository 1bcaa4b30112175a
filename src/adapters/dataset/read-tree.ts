import { join } from 'node:path'
import type { Dataset } from '../../core/dataset/model.ts'
import { UsageError } from '../../core/errors.ts'
import { cocoFiles, readCoco } from './coco.ts'
import { isLabelled, yamlOf } from './describe.ts'
import type { Tree } from './tree.ts'
import { type ReadOptions, readYolo } from './yolo.ts'

/** The reader of Pascal VOC, which brings an XML parser with it: loaded where there is something for it to read. */
export type VocReader = (path: string, tree: Tree, read: ReadOptions) => Dataset

/**
 * Reads the data set of a tree; `entry` is the file of it that was named (a data.yaml, a COCO JSON file), or null.
 * `readVoc` may be left out where `isVoc` says no.
 */
export function readTree(
  path: string,
  tree: Tree,
  entry: string | null,
  read: ReadOptions,
  readVoc: VocReader | null,
): Dataset {
  if (entry !== null)
    return /\.json$/i.test(entry) ? readCoco(path, tree, [entry], read) : readYolo(path, tree, entry, read)
  if (readVoc && isVoc(tree)) return readVoc(path, tree, read)
  const yaml = yamlOf(tree)
  if (yaml || isLabelled(tree)) return readYolo(path, tree, yaml, read)
  const coco = cocoFiles(tree)
  if (coco.length > 0) return readCoco(path, tree, coco, read)
  if (tree.files.some((file) => /^images\//.test(file))) return readYolo(path, tree, null, read)
  throw new UsageError('no data set was found here', {
    where: path,
    mend: `expected data.yaml, images/ and labels/, a COCO JSON file, or Annotations/ and JPEGImages/ in ${join(path, '')}`,
  })
}

/** Whether a folder is laid out as Pascal VOC is. */
export function isVoc(tree: Tree): boolean {
  return tree.folders.has('Annotations') && tree.files.some((file) => /^Annotations\/.*\.xml$/.test(file))
}
