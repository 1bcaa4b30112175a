import type { Dataset, DatasetImage } from '../dataset/model.ts'
import { pairImages } from './image-pairing.ts'
import type { Three } from './merge-values.ts'

/** One image in three versions, by index; undefined where a version does not have it. */
export type AlignedImage = Three<number>

/**
 * The images of three versions side by side: base to ours and base to theirs by content and name as the difference
 * pairs them, and what both sides added by name. Equal pictures added under two names stay two images.
 */
export function alignImages(base: Dataset, ours: Dataset, theirs: Dataset): AlignedImage[] {
  const left = pairImages(base, ours)
  const right = pairImages(base, theirs)
  const oursOf = new Map(left.pairs)
  const theirsOf = new Map(right.pairs)
  const aligned = base.images.map((_, i): AlignedImage => ({ base: i, ours: oursOf.get(i), theirs: theirsOf.get(i) }))
  const name = ({ images }: Dataset, i: number) => (images[i] as DatasetImage).name
  const added = new Map(right.added.map((j) => [name(theirs, j), j]))
  for (const i of left.added) {
    const same = added.get(name(ours, i))
    aligned.push({ base: undefined, ours: i, theirs: same })
    if (same !== undefined) added.delete(name(ours, i))
  }
  for (const j of added.values()) aligned.push({ base: undefined, ours: undefined, theirs: j })
  return aligned
}
