import type { Dataset, DatasetImage } from '../dataset/model.ts'

/** Images of two versions by index; a pair with another name is a rename, found by content. */
export type ImagePairing = { pairs: [base: number, head: number][]; removed: number[]; added: number[] }

/**
 * Pairs images: the same name with the same content, then the same content under another name, then the same name
 * with other content. Content comes before the name, so that frames that were renumbered are renames, not changes.
 * Symmetric, and independent of the order of the images.
 */
export function pairImages(base: Dataset, head: Dataset): ImagePairing {
  const free = { base: byName(base), head: byName(head) }
  const pairs: [number, number][] = []
  const take = (keyOf: (image: DatasetImage) => string | null) => {
    const waiting = new Map<string, number[]>()
    for (const j of free.head) {
      const key = keyOf(head.images[j] as DatasetImage)
      if (key !== null) push(waiting, key, j)
    }
    for (const list of waiting.values()) list.reverse()
    const taken = new Set<number>()
    free.base = free.base.filter((i) => {
      const key = keyOf(base.images[i] as DatasetImage)
      const j = key === null ? undefined : waiting.get(key)?.pop()
      if (j === undefined) return true
      taken.add(j)
      pairs.push([i, j])
      return false
    })
    free.head = free.head.filter((j) => !taken.has(j))
  }
  const content =
    (...also: ((image: DatasetImage) => string)[]) =>
    (image: DatasetImage) =>
      image.md5 === null ? null : [image.md5, ...also.map((part) => part(image))].join('\n')
  take(content(nameOf))
  // Copies share their content: the likeliest partner has the same file name, then the same split.
  take(content(fileNameOf, splitOf))
  take(content(fileNameOf))
  take(content(splitOf))
  take(content())
  take(nameOf)
  return { pairs, removed: free.base, added: free.head }
}

const nameOf = ({ name }: DatasetImage): string => name
const splitOf = ({ split }: DatasetImage): string => split
const fileNameOf = ({ name }: DatasetImage): string => name.slice(name.lastIndexOf('/') + 1)

function byName({ images }: Dataset): number[] {
  const order = images.map((_, i) => i)
  const name = (i: number) => (images[i] as DatasetImage).name
  return order.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0))
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Whether two names differ by their split folder alone: a move between splits, not a rename. */
export function isSameWithoutSplit(a: string, b: string): boolean {
  return withoutSplit(a) === withoutSplit(b)
}

function withoutSplit(name: string): string {
  return name
    .split('/')
    .filter((part, i, parts) => i === parts.length - 1 || !/^(train|val|valid|validation|test)(\d{4})?$/.test(part))
    .join('/')
}
