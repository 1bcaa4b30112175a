import type { Fetched } from '../dvc/store.ts'
import { isLabelled, yamlOf } from './describe.ts'
import type { VersionTree } from './version-tree.ts'

const textual = /\.(txt|ya?ml|ndjson|jsonl|xml)$/i

/** Brings what readers may ask for of these files but images: labels, lists, descriptions; COCO files where there are no labels. */
export async function bringTexts(tree: VersionTree, files: readonly string[]): Promise<Fetched> {
  const texts = await tree.bring(files.filter((file) => textual.test(file)))
  if (yamlOf(tree) || isLabelled(tree)) return texts
  const json = await tree.bring(tree.files.filter((file) => /\.json$/i.test(file)))
  return { files: texts.files + json.files, bytes: texts.bytes + json.bytes, from: texts.from ?? json.from }
}

/** Brings the description alone: what tells the classes. */
export async function bringDescription(tree: VersionTree): Promise<void> {
  await tree.bring(tree.files.filter((file) => /^[^/]+\.ya?ml$/i.test(file)))
}
