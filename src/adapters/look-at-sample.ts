import { realpathSync } from 'node:fs'
import type { Progress } from '../ports.ts'
import { lookAtImages, lookSafely } from './dataset/look.ts'
import { datasetFolder } from './dataset.ts'
import type { Opened } from './open-dataset.ts'

/** Fills the `look` of some images of an opened data set; those of a revision are fetched first, and only those. */
export async function lookAtSample(opened: Opened, names: ReadonlySet<string>, progress: Progress): Promise<void> {
  const files = opened.dataset.images.filter(({ name }) => names.has(name)).map(({ file }) => file)
  if (opened.commit !== null) await opened.fetchImages(files)
  const { dataset, tree } = opened
  const wanted = dataset.images.flatMap((image, i) => (names.has(image.name) ? [i] : []))
  if (opened.commit === null) {
    await lookAtImages(dataset, realpathSync(datasetFolder(dataset)), progress, { only: wanted })
    return
  }
  for (const [done, i] of wanted.entries()) {
    const image = dataset.images[i]
    const place = image ? tree.place(image.file) : null
    const answer = place === null ? null : await lookSafely(place)
    if (image && answer && 'look' in answer) image.look = answer.look
    progress.update(done + 1, wanted.length)
  }
  progress.end(`${wanted.length} images looked at`)
}
