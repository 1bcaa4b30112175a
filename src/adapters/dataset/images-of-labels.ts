import type { DatasetImage, Provenance } from '../../core/dataset/model.ts'
import { imageNameOf } from '../../core/dataset/paths.ts'
import { splitOfPath } from './splits.ts'
import type { Tree } from './tree.ts'

/**
 * Images that label files stand for where no image is there and no list says more, sorted by their path: each has its
 * label file's path, the split of its folder and no size. Strings are those of the tree, so that nothing is copied.
 */
export function imagesOfLabels(tree: Pick<Tree, 'files'>, provenance: ReadonlyMap<string, Provenance>): DatasetImage[] {
  const images: DatasetImage[] = []
  let sorted = true
  let last = ''
  for (const labelFile of tree.files) {
    if (!labelFile.startsWith('labels/') || !labelFile.endsWith('.txt')) continue
    const stem = labelFile.slice(7, -4)
    const file = `images/${stem}`
    const name = plain.test(stem) ? stem : imageNameOf(`${file}.x`)
    const known = provenance.size === 0 ? null : (provenance.get(name) ?? provenance.get(file) ?? null)
    const { width = 0, height = 0 } = known ?? {}
    images.push({ name, file, labelFile, split: splitOfPath(labelFile), width, height, md5: null, provenance: known })
    sorted &&= last <= stem
    last = stem
  }
  return sorted ? images : images.sort((a, b) => (a.file < b.file ? -1 : 1))
}

/** Most names: ASCII without a folder `images`, the same before and after all that makes a name of a path. */
const plain = /^(?!.*images\/)[\x20-\x7e]+$/i
