import type { Dataset, DatasetImage } from '../dataset/model.ts'
import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { DriftUnits } from './drift-blocks.ts'
import type { DriftSide } from './drift-columns.ts'
import { pairImages } from './image-pairing.ts'

/** Indices of what a proposal brings: images that are new or have other content, and images with other labels. */
export type Brought = { added: number[]; relabelled: { base: number; head: number }[] }

/** Sorts the images of a proposal; one that only moved to another split or name brings nothing. */
export function whatIsBrought(base: Dataset, head: Dataset, diff: DatasetDiffBody): Brought {
  const { pairs, added } = pairImages(base, head)
  const changed = new Set(
    diff.byImage.flatMap(({ image, boxes }) =>
      boxes.added + boxes.removed + boxes.moved + boxes.relabelled > 0 ? [image] : [],
    ),
  )
  const brought: Brought = { added: [...added], relabelled: [] }
  for (const [i, j] of pairs) {
    const [before, after] = [base.images[i] as DatasetImage, head.images[j] as DatasetImage]
    if (before.md5 !== null && after.md5 !== null && before.md5 !== after.md5) brought.added.push(j)
    else if (changed.has(after.name)) brought.relabelled.push({ base: i, head: j })
  }
  brought.added.sort((a, b) => a - b)
  return brought
}

/** Images of one scene or video together, where any image of either side has one; else every image for itself. */
export function unitsOf(before: DriftSide, after: DriftSide): DriftUnits {
  const known = [before, after].some(({ columns, images }) => images.some((image) => columns.group[image] !== null))
  if (!known) return { before: alone(before), after: alone(after), unit: 'image' }
  return { before: together(before), after: together(after), unit: 'scene' }
}

/** Units of images paired one to one: those of one scene stay together on both sides. */
export function pairedUnits(before: DriftSide, after: DriftSide): DriftUnits {
  const { columns, images } = after
  const places = groupsOf(columns.group, images)
  const at = (side: DriftSide) => places.map((group) => group.map((k) => side.images[k] as number))
  const unit = images.some((image) => columns.group[image] !== null) ? 'scene' : 'image'
  return { before: at(before), after: at(after), unit }
}

function alone({ images }: DriftSide): number[][] {
  return Array.from(images, (image) => [image])
}

function together({ columns, images }: DriftSide): number[][] {
  return groupsOf(columns.group, images).map((group) => group.map((k) => images[k] as number))
}

/** Places in `images` by group; an image without one is a group of its own. */
function groupsOf(group: readonly (string | null)[], images: Uint32Array): number[][] {
  const groups = new Map<string, number[]>()
  for (const [k, image] of images.entries()) {
    const key = group[image] === null ? `image ${k}` : `group ${group[image]}`
    const known = groups.get(key)
    if (known) known.push(k)
    else groups.set(key, [k])
  }
  return [...groups.values()]
}
