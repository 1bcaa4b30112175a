import type { Defect, Split } from '../../core/dataset/model.ts'
import { imageNameOf, insideRoot, isImagePath, listLines, withoutSuffix } from '../../core/dataset/paths.ts'
import { readSmallText } from './read-bytes.ts'
import type { Tree } from './tree.ts'

/** What is known of images' splits so far: by image file the split, and the split and place that named it first. */
export type Listed = {
  splits: Map<string, Split>
  listed: Map<string, { split: Split; place: string }>
  imagesPresent: boolean
  /** The tree is a part of a version: what lists name and the tree lacks is not missing. */
  partial: boolean
}

/** The split that a folder's name tells: images/train/a.jpg, valid/images/a.jpg; none without one. */
export function splitOfPath(path: string): Split {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  // Files come sorted, so that mostly the folder is that of the file before.
  if (folder !== last.folder) last = { folder, split: splitOfFolder(folder) }
  return last.split
}

let last: { folder: string; split: Split } = { folder: '', split: 'none' }

function splitOfFolder(folder: string): Split {
  for (const part of folder.split('/')) {
    const name = /^(train|val|valid|validation|test)(?:20\d\d)?$/.exec(part.toLowerCase())?.[1]
    if (name) return name.startsWith('val') ? 'val' : (name as Split)
  }
  return 'none'
}

/** Reads a list file, an image a line; what it names twice, in two splits, or in vain becomes a defect. */
export function readList(tree: Tree, list: string, split: Split, state: Listed, defects: Defect[]): void {
  const folder = list.includes('/') ? list.slice(0, list.lastIndexOf('/')) : ''
  for (const { text, line } of listLines(readSmallText(tree, list, 1 << 28))) {
    const defect = (code: string, message: string, image: string | null) =>
      void defects.push({ code, file: list, line, column: 1, message, image, key: `${split} ${image ?? text}` })
    const shown = JSON.stringify(text.slice(0, 120))
    const inside = relativeTo(tree.root, text)
    const candidates = [insideRoot(inside, folder), insideRoot(inside)].filter((path) => path !== null)
    if (candidates.length === 0) {
      defect('path-outside', `${shown} leaves the data set`, null)
      continue
    }
    const file = resolve(tree, candidates, inside, state)
    if (file === null && state.partial) continue
    if (file === null) {
      defect(
        'image-missing',
        `${shown} is listed in ${split}, but there is no such image`,
        imageNameOf(candidates.at(-1) as string),
      )
      continue
    }
    const earlier = state.listed.get(file)
    const name = imageNameOf(file)
    if (earlier === undefined) {
      state.listed.set(file, { split, place: `${list}:${line}` })
      state.splits.set(file, split)
    } else if (earlier.split === split)
      defect('image-listed-twice', `${shown} is listed twice in ${split}: it counts twice in each epoch`, name)
    else
      defect('image-in-two-splits', `${shown} is listed in ${split} and in ${earlier.split} (${earlier.place})`, name)
  }
}

/** A path below the root, written absolutely, made relative; list files are often written so. */
function relativeTo(root: string, text: string): string {
  return text.startsWith(`${root}/`) ? text.slice(root.length + 1) : text
}

function resolve(tree: Tree, candidates: string[], bare: string, state: Listed): string | null {
  const all = [...candidates, insideRoot(bare, 'images')].filter((path) => path !== null)
  if (!state.imagesPresent) {
    return (
      all.map(withoutSuffix).find((path) => state.splits.has(path)) ??
      all.find((path) => state.splits.has(path)) ??
      null
    )
  }
  const exact = all.find((path) => isImagePath(path) && tree.has(path))
  if (exact !== undefined) return exact
  if (isImagePath(bare)) return null
  // A bare name without suffix: the first image of that name.
  for (const path of all) {
    const found = ['jpg', 'png', 'jpeg', 'JPG', 'webp', 'bmp'].find((suffix) => tree.has(`${path}.${suffix}`))
    if (found) return `${path}.${found}`
  }
  return null
}
