import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Dataset, Split } from '../core/dataset/model.ts'
import { insideRoot, isImagePath } from '../core/dataset/paths.ts'
import { UsageError } from '../core/errors.ts'
import { openDataset } from './open-dataset.ts'

/**
 * Writes a data set of a checkout into an empty folder, its images too, and returns it as read, with its hashes. DVC is
 * never run on the checkout: its pointers are read here and its objects hashed again, from the remote that the trusted
 * revision names. Images of splits that nobody needs are left where they are.
 */
export async function bringDataset(
  checkout: string,
  path: string,
  { trust, splits, folder }: { trust: string; splits: readonly Split[]; folder: string },
): Promise<Dataset> {
  await using opened = await openDataset(path, { cwd: checkout, md5: true, trust })
  const wanted = new Set(
    opened.dataset.images.flatMap(({ file, split }) => (splits.includes(split) && opened.tree.has(file) ? [file] : [])),
  )
  await opened.fetchImages(opened.tree.files.filter((file) => !isImagePath(file) || wanted.has(file)))
  const { dataset, tree } = opened
  if (dataset.format !== 'yolo') {
    throw new UsageError(`the trainer reads YOLO labels, these are ${dataset.format}`, {
      where: path,
      mend: 'sluice convert IN OUT --to yolo',
    })
  }
  const made = new Set<string>()
  for (const file of tree.files) {
    if (isImagePath(file) && !wanted.has(file)) continue
    if (insideRoot(file) !== file) throw new UsageError('a file has a name that is no path', { where: file })
    const target = join(folder, file)
    if (!made.has(dirname(target))) mkdirSync(dirname(target), { recursive: true })
    made.add(dirname(target))
    const place = isImagePath(file) ? tree.place(file) : null
    const { bytes, length } = place === null ? tree.read(file) : { bytes: null, length: 0 }
    if (bytes) writeFileSync(target, bytes.subarray(0, length))
    else copyFileSync(place as string, target)
  }
  return { ...dataset, root: folder }
}
