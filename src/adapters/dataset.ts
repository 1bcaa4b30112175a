import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { specProblems } from '../core/dataset/label-spec.ts'
import type { Dataset, Defect } from '../core/dataset/model.ts'
import { type DatasetSpecBody, datasetSpec } from '../core/documents/declared.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { UsageError } from '../core/errors.ts'
import type { Progress } from '../ports.ts'
import { cocoFiles, readCoco } from './dataset/coco.ts'
import { decodeImages as decodeBelow } from './dataset/decode.ts'
import { readSmallText } from './dataset/read-bytes.ts'
import { listTree, probeTree, type Tree } from './dataset/tree.ts'
import { readVoc } from './dataset/voc.ts'
import { type ReadOptions, readYolo } from './dataset/yolo.ts'
import { readText } from './files.ts'

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

/** A DatasetSpec and the folder of its data set; null when the YAML is not a spec. */
export function readSpec(path: string): { body: DatasetSpecBody; folder: string } | null {
  const body = specOf(readText(path), path)
  if (!body) return null
  const here = dirname(resolve(path))
  const folder = [dirname(here), here, process.cwd()].map((base) => resolve(base, body.path)).find(existsSync)
  if (folder) return { body, folder }
  throw new UsageError(`path: there is no folder "${body.path}"`, {
    where: path,
    mend: 'write it relative to the repository',
  })
}

/** A DatasetSpec from its text; null when the YAML is not a spec. */
export function specOf(text: string, where: string): DatasetSpecBody | null {
  // A data.yaml names train, val and names; a spec that lacks a key is still a spec, and is told which.
  return /^(?:classes|splits|signedOff|format)\s*:/m.test(text) && !/^(?:names|train|val)\s*:/m.test(text)
    ? parseDeclared(datasetSpec, text, where, specProblems)
    : null
}

type Read = ReadOptions

/** Reads the data set of a tree; `entry` is the file of it that was named (a data.yaml, a COCO JSON file), or null. */
export function readTree(path: string, tree: Tree, entry: string | null, read: Read): Dataset {
  if (entry !== null)
    return /\.json$/i.test(entry) ? readCoco(path, tree, [entry], read) : readYolo(path, tree, entry, read)
  if (tree.folders.has('Annotations') && tree.files.some((file) => /^Annotations\/.*\.xml$/.test(file))) {
    return readVoc(path, tree, read)
  }
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

/** Whether a folder has YOLO labels: then JSON files in it are something else. */
export function isLabelled(tree: Tree): boolean {
  return tree.folders.has('labels') || tree.files.some((file) => /(^|\/)labels\/.*\.txt$/.test(file))
}

/** The data.yaml of a tree, by its name or as the only one that reads like it. */
export function yamlOf(tree: Tree): string | null {
  return ['data.yaml', 'data.yml', 'dataset.yaml', 'dataset.yml'].find((file) => tree.has(file)) ?? onlyYaml(tree)
}

/** The folder's only YAML file when it reads like an Ultralytics data description. */
function onlyYaml(tree: Tree): string | null {
  const candidates = tree.files.filter((file) => /^[^/]+\.ya?ml$/.test(file))
  const described = candidates.filter((file) => /^(train|val):/m.test(readSmallText(tree, file, 300_000)))
  return described.length === 1 ? (described[0] as string) : null
}

/** Decodes every image in full; defects of those that cannot be. `dataset.root` is where it was read from. */
export async function decodeImages(dataset: Dataset, progress: Progress): Promise<Defect[]> {
  return decodeBelow(dataset, datasetFolder(dataset), progress)
}

/** The folder that a data set's paths are relative to, absolute. */
export function datasetFolder(dataset: Dataset): string {
  return resolve(dataset.root)
}

/** A COCO file by itself: its images are beside it, or beside the folder `annotations` that it lies in. */
function readCocoFile(path: string, read: { md5: boolean }): Dataset {
  const folder = dirname(path)
  const inAnnotations = basename(resolve(folder)) === 'annotations'
  const root = inAnnotations ? join(folder, '..') : folder
  const file = inAnnotations ? `annotations/${basename(path)}` : basename(path)
  return readCoco(root, probeTree(root), [file], read)
}
