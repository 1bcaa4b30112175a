import { parseDataYaml } from '../../core/dataset/formats/yolo.ts'
import type { Dataset } from '../../core/dataset/model.ts'
import { isImagePath } from '../../core/dataset/paths.ts'
import type { DatasetSpecBody } from '../../core/documents/declared.ts'
import { bringDescription } from './bring-texts.ts'
import { yamlOf } from './describe.ts'
import type { OpenTree } from './open-tree.ts'
import { readSmallText } from './read-bytes.ts'
import type { Tree } from './tree.ts'

/** Whether both versions have a file at this path with one content id. */
function equalAt(path: string, a: Tree, b: Tree): boolean {
  const id = a.id(path)
  return id !== null && id === b.id(path)
}

/** Label files that are the same in both versions, and how many images are, as far as ids tell it without reading. */
export function equalFiles(base: Tree, head: Tree): { labels: Set<string>; images: number } {
  const labels = new Set<string>()
  let images = 0
  for (const path of head.files) {
    if (!equalAt(path, base, head)) continue
    if (path.endsWith('.txt') && `/${path}`.includes('/labels/')) labels.add(path)
    else if (isImagePath(path)) images++
  }
  return { labels, images }
}

/** Whether equal label files mean the same in both versions: both name the same classes in the same order. */
export async function equalClasses(base: OpenTree, head: OpenTree, spec: DatasetSpecBody | null): Promise<boolean> {
  const [before, after] = await Promise.all([base, head].map((open) => classesOf(open, spec)))
  return before !== null && JSON.stringify(before) === JSON.stringify(after)
}

/** Images that the other version lacks, or has with other bytes; all whose content is not known without reading. */
export function differentImages(tree: Tree, other: Tree | null): string[] {
  return tree.files.filter((path) => isImagePath(path) && !(other && equalAt(path, tree, other)))
}

/** Images that are the same in both versions: image, label and split; their labels were not read. */
export function sameImages(
  base: { dataset: Dataset; tree: Tree },
  head: { dataset: Dataset; tree: Tree },
  skipped: ReadonlySet<string>,
): string[] {
  const splits = new Map(base.dataset.images.map(({ file, split }) => [file, split]))
  return head.dataset.images.flatMap(({ file, labelFile, split }) => {
    if (labelFile === null || !skipped.has(labelFile) || splits.get(file) !== split) return []
    // Where only labels are there, the image is a name without a file.
    const named = !base.tree.has(file) && !head.tree.has(file)
    return named || equalAt(file, base.tree, head.tree) ? [file] : []
  })
}

/** What is said where images that are the same in both versions are left out. */
export const sameNote = (images: number) => `${images} images are the same in both versions and were not read.`

/** A data set without some images; these have no rows, since their labels were not read. */
export function without(dataset: Dataset, files: ReadonlySet<string>): Dataset {
  if (files.size === 0) return dataset
  const images = dataset.images.filter(({ file }) => !files.has(file))
  const place = new Map(images.map((image, i) => [image.file, i]))
  const at = Uint32Array.from(dataset.images, ({ file }) => place.get(file) ?? 0)
  const notes = [...(dataset.notes ?? []), sameNote(files.size)]
  return {
    ...dataset,
    images,
    boxes: { ...dataset.boxes, image: dataset.boxes.image.map((i) => at[i] as number) },
    notes,
  }
}

/**
 * Gives images that both versions have, and that only one could look at, the same size, hash and defects: a finding
 * about them is then as old in the one as in the other.
 */
export function shareFacts(a: { dataset: Dataset; tree: Tree }, b: { dataset: Dataset; tree: Tree }): void {
  copyFacts(a, b)
  copyFacts(b, a)
}

function copyFacts(from: { dataset: Dataset; tree: Tree }, to: { dataset: Dataset; tree: Tree }): void {
  // Without images nobody looked at one.
  if (from.dataset.imagesPresent === false) return
  const known = new Map(from.dataset.images.map((image) => [image.file, image]))
  const copied = new Set<string>()
  to.dataset.images = to.dataset.images.map((image) => {
    const { file } = image
    const other = known.get(file)
    if (!other || !from.tree.here(file) || to.tree.here(file) || !equalAt(file, from.tree, to.tree)) return image
    copied.add(file)
    const { width, height, md5 } = other
    return { ...image, width: width || image.width, height: height || image.height, md5: md5 ?? image.md5 }
  })
  // What is wrong with an image file itself is told without a line.
  const defects = from.dataset.defects.filter(({ file, line }) => line === 0 && copied.has(file))
  const own = new Set(to.dataset.defects.map(({ code, file, message }) => `${code} ${file} ${message}`))
  to.dataset.defects.push(...defects.filter((defect) => !own.has(`${defect.code} ${defect.file} ${defect.message}`)))
}

/** Class names as a data.yaml or a spec declares them; null where only labels would tell. */
export async function classesOf(open: OpenTree, given: DatasetSpecBody | null): Promise<string[] | null> {
  await bringDescription(open.tree)
  const yaml = open.entry?.match(/\.ya?ml$/i) ? open.entry : yamlOf(open.tree)
  if (yaml !== null) return parseDataYaml(readSmallText(open.tree, yaml, 300_000), yaml).classes
  return (given ?? open.spec)?.classes ?? null
}
