import type { Dataset } from '../core/dataset/model.ts'
import { layoutYolo } from '../core/dataset/write-yolo.ts'
import type { Progress, Storage } from '../ports.ts'
import { type Picked, subset } from './own-subset.ts'

/** A picture of the user's whose labels are to be copied byte for byte, since rows of it could not be read. */
type Copied = Picked & { unread?: boolean }

/**
 * Writes the images picked into a data set folder, beside what it holds; lists, provenance and data.yaml are written
 * whole, so that they say what all picks together are. Nothing is linked, and the user's folder is only read.
 */
export function writePicks(
  storage: Storage,
  input: { dataset: Dataset; picks: readonly Copied[]; root: string; progress: Progress },
): void {
  const { dataset, picks, root, progress } = input
  const { files, copies } = layoutYolo(subset(dataset, picks), { keepDefects: true })
  for (const [i, { from, to }] of copies.entries()) {
    const source = `${dataset.root}/${from}`
    // A picture that is missing at home is missing here too: that is one of the real defects.
    if (!storage.exists(`${root}/${to}`) && storage.exists(source)) storage.write(`${root}/${to}`, storage.read(source))
    progress.update(i + 1, copies.length)
  }
  for (const { path, text } of files) storage.write(`${root}/${path}`, text)
  for (const { index, name, unread } of picks) {
    const { labelFile } = dataset.images[index] as Dataset['images'][number]
    if (!unread || dataset.format !== 'yolo' || labelFile === null) continue
    storage.write(`${root}/labels/${name}.txt`, storage.read(`${dataset.root}/${labelFile}`))
  }
  progress.end(`${copies.length} images`)
}
