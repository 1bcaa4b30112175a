import { join } from 'node:path'
import { type Candidate, copyCandidates, labelsDiffer, sameView } from '../../core/dataset/copies.ts'
import type { Dataset, DatasetImage, PictureCopy } from '../../core/dataset/model.ts'
import { comparable, isCopy, likeness } from '../../core/dataset/same-picture.ts'
import type { Progress } from '../../ports.ts'
import { seeFile } from './look-file.ts'

/** Where an image file lies; null when it is not on this machine. */
type Place = (file: string) => string | null

export type FoundCopies = { copies: PictureCopy[]; candidates: number; capped: boolean }

/**
 * Finds images that show the same picture and sets `copies` of the data set. Images must have been looked at. Pairs
 * that the hashes suggest are decoded once more and compared; frames of one view with different labels are no copies.
 * With a base, images of it that the data set no longer holds take part too.
 */
export async function findCopies(
  dataset: Dataset,
  folder: string,
  progress: Progress,
  base: { dataset: Dataset; folder: string; place?: Place } | null = null,
  place?: Place,
): Promise<FoundCopies> {
  const { pairs, capped } = copyCandidates(dataset, base?.dataset ?? null)
  const planes = new Map<string, Float32Array | null>()
  const planeOf = async ({ file }: DatasetImage, below: { folder: string; place?: Place | undefined }) => {
    const path = below.place ? below.place(file) : join(below.folder, file)
    if (path === null) return null
    const known = planes.get(path)
    if (known !== undefined) return known
    const plane = await planeOfFile(path)
    if (planes.size >= 20_000) planes.clear()
    planes.set(path, plane)
    return plane
  }
  const copies: PictureCopy[] = []
  for (const [done, pair] of pairs.entries()) {
    const { image, other, inBase } = pair
    const one = dataset.images[image] as DatasetImage
    const source = inBase && base ? base : { dataset, folder, place }
    const two = source.dataset.images[other] as DatasetImage
    if (!framesOfOneView(dataset, source.dataset, pair)) {
      const [a, b] = [await planeOf(one, { folder, place }), await planeOf(two, source)]
      const alike = a && b ? likeness(a, b) : null
      if (alike && isCopy(alike)) copies.push({ image, other, inBase, correlation: alike.correlation })
    }
    progress.update(done + 1, pairs.length)
  }
  progress.end(`${copies.length} copies among ${pairs.length} candidates`)
  dataset.copies = copies.sort((a, b) => a.image - b.image || a.other - b.other)
  return { copies, candidates: pairs.length, capped }
}

function framesOfOneView(head: Dataset, source: Dataset, { image, other }: Candidate): boolean {
  const [one, two] = [head.images[image], source.images[other]] as [DatasetImage, DatasetImage]
  return sameView(one, two) && labelsDiffer(head, image, source, other)
}

async function planeOfFile(path: string): Promise<Float32Array | null> {
  try {
    const seen = await seeFile(path)
    return 'planes' in seen ? comparable(seen.planes[0] as Float32Array) : null
  } catch {
    return null
  }
}
