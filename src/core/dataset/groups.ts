import type { Dataset, DatasetImage } from './model.ts'

/** Disjoint sets of 0 to n − 1: union by size, path halving. */
export type Sets = { find: (i: number) => number; unite: (i: number, j: number) => void; sizeOf: (i: number) => number }

function disjointSets(n: number): Sets {
  const parent = Uint32Array.from({ length: n }, (_, i) => i)
  const size = new Uint32Array(n).fill(1)
  const find = (start: number) => {
    let i = start
    while (parent[i] !== i) {
      parent[i] = parent[parent[i] as number] as number
      i = parent[i] as number
    }
    return i
  }
  const unite = (i: number, j: number) => {
    let [a, b] = [find(i), find(j)]
    if (a === b) return
    if ((size[a] as number) < (size[b] as number)) [a, b] = [b, a]
    parent[b] = a
    size[a]! += size[b] as number
  }
  return { find, unite, sizeOf: (i) => size[find(i)] as number }
}

/** What ties images together; every kind of tie that is not named is not made. */
export type GroupKey = 'bytes' | 'copy' | 'scene' | 'video' | 'camera' | 'uploader'

/** What an image has in common with the others of its group, of one kind; null when it is not known. */
function groupOf(image: DatasetImage, key: Exclude<GroupKey, 'copy'>): string | null {
  if (key === 'bytes') return image.md5
  return image.provenance?.[key] ?? null
}

/**
 * Groups of images that may not be parted, by all the given ties at once. Ties of copies are the weakest: those of a
 * group that they would make larger than a twentieth of the data (and than 20) are not followed.
 */
export function groupImages(dataset: Dataset, keys: readonly GroupKey[]): Sets {
  const { images } = dataset
  const sets = disjointSets(images.length)
  for (const key of keys) {
    if (key === 'copy') continue
    const first = new Map<string, number>()
    for (const [i, image] of images.entries()) {
      const group = groupOf(image, key)
      if (group === null) continue
      const known = first.get(group)
      if (known === undefined) first.set(group, i)
      else sets.unite(known, i)
    }
  }
  if (!keys.includes('copy')) return sets
  const most = Math.max(20, images.length / 20)
  for (const { image, other, inBase } of dataset.copies ?? []) {
    if (inBase || sets.sizeOf(image) + sets.sizeOf(other) > most) continue
    sets.unite(image, other)
  }
  return sets
}
