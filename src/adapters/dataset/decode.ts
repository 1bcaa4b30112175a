import type { Dataset, Defect } from '../../core/dataset/model.ts'
import type { Progress } from '../../ports.ts'
import { lookAtImages } from './look.ts'
import { findCopies } from './look-copies.ts'

/**
 * Decodes every image and says which cannot be (their headers may be sound all the same); fills the looks and finds
 * copies. Paths of the data set are below its folder.
 */
export async function decodeImages(dataset: Dataset, folder: string, progress: Progress): Promise<Defect[]> {
  const { defects, unread } = await lookAtImages(dataset, folder, progress)
  for (const [format, count] of Object.entries(unread)) {
    dataset.notes ??= []
    dataset.notes.push(`${count} images were not decoded: no decoder for ${format} is here.`)
  }
  const { capped } = await findCopies(dataset, folder, progress)
  if (capped) {
    dataset.notes ??= []
    dataset.notes.push('Too many pictures look alike: each was compared with 32 others, those of other splits first.')
  }
  return defects
}
