import type { Dataset, DatasetImage } from '../dataset/model.ts'

/** Images of each hash, in order; images that were not hashed are left out. */
export function imagesByMd5(dataset: Dataset): Map<string, DatasetImage[]> {
  const groups = new Map<string, DatasetImage[]>()
  for (const image of dataset.images) {
    if (image.md5 === null) continue
    const group = groups.get(image.md5)
    if (group) group.push(image)
    else groups.set(image.md5, [image])
  }
  return groups
}

/** Index in `base` of each image of `head` that is there too: by hash where both have one, else by name; -1 if not. */
export function matchImages(head: Dataset, base: Dataset): Int32Array {
  const byMd5 = new Map<string, number>()
  const byName = new Map<string, number>()
  for (const [i, image] of base.images.entries()) {
    if (image.md5 !== null && !byMd5.has(image.md5)) byMd5.set(image.md5, i)
    byName.set(image.name, i)
  }
  return Int32Array.from(head.images, (image) => {
    const byHash = image.md5 === null ? undefined : byMd5.get(image.md5)
    if (byHash !== undefined) return byHash
    const named = byName.get(image.name) ?? -1
    return named >= 0 && image.md5 !== null && base.images[named]?.md5 !== null ? -1 : named
  })
}
