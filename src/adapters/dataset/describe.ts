import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { specProblems } from '../../core/dataset/label-spec.ts'
import type { Dataset } from '../../core/dataset/model.ts'
import { type DatasetSpecBody, datasetSpec } from '../../core/documents/declared.ts'
import { parseDeclared } from '../../core/documents/parse.ts'
import { UsageError } from '../../core/errors.ts'
import { readText } from '../files.ts'
import { readSmallText } from './read-bytes.ts'
import type { Tree } from './tree.ts'

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

/** The folder that a data set's paths are relative to, absolute. */
export function datasetFolder(dataset: Dataset): string {
  return resolve(dataset.root)
}
