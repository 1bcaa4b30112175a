import { realpathSync } from 'node:fs'
import type { Dataset, Look } from '../../core/dataset/model.ts'
import type { Progress } from '../../ports.ts'
import { lookAtImages } from './look.ts'
import { findCopies } from './look-copies.ts'

const quiet: Progress = { update: () => {}, end: () => {} }

/**
 * Looks at the images of one version after another of a folder, decoding only what no version before had; `dataset`
 * must be hashed. Where every picture is known, copies were told of an earlier version and are not searched again.
 */
export function quickLook(folder: string): (dataset: Dataset) => Promise<void> {
  const known = new Map<string, Look>()
  return async (dataset) => {
    for (const image of dataset.images) {
      const look = image.md5 === null ? undefined : known.get(image.md5)
      if (look) image.look = look
    }
    if (dataset.images.every((image) => image.look !== undefined)) return
    const root = realpathSync(folder)
    dataset.defects.push(...(await lookAtImages(dataset, root, quiet)).defects)
    await findCopies(dataset, root, quiet)
    for (const { md5, look } of dataset.images) if (md5 !== null && look) known.set(md5, look)
  }
}
