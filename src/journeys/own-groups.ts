import { type Dataset, rowStarts } from '../core/dataset/model.ts'
import { sha256 } from '../core/documents/define.ts'

/** Images that must stand on one side of a split: one scene, one video, the same bytes, copies of one original. */
export type Group = { id: string; members: number[]; classes: ReadonlySet<number> }

/** Groups of the given images, by their index in the data set. */
export function groupsOf(dataset: Dataset, indexes: readonly number[]): Group[] {
  const start = rowStarts(dataset)
  const keyed = indexes.map((index) => keysOf(dataset, index))
  const parent = new Map<string, string>()
  const rootOf = (key: string): string => {
    const up = parent.get(key) ?? key
    return up === key ? key : rootOf(up)
  }
  // The smaller key is the root: `name` sorts behind the others, so a group is called by its video or scene.
  for (const keys of keyed) {
    for (const key of keys) {
      const [a, b] = [rootOf(keys[0] as string), rootOf(key)].sort() as [string, string]
      parent.set(b, a)
    }
  }
  const groups = new Map<string, { id: string; members: number[]; classes: Set<number> }>()
  for (const [at, index] of indexes.entries()) {
    const id = rootOf((keyed[at] as string[])[0] as string)
    const group = groups.get(id) ?? { id, members: [], classes: new Set() }
    groups.set(id, group)
    group.members.push(index)
    for (let row = start[index] as number; row < (start[index + 1] as number); row++) {
      group.classes.add(dataset.boxes.classId[row] as number)
    }
  }
  return [...groups.values()].map((group) => ({ ...group, id: nameOf(group.id, dataset, group.members) }))
}

/** Whether two images belong together: they share a key. */
export function keysOf(dataset: Dataset, index: number): string[] {
  const image = dataset.images[index] as Dataset['images'][number]
  const { video, scene } = image.provenance ?? {}
  // Augmented copies that labelling services export are named after their original.
  const original = image.name.replace(/\.rf\.[0-9a-f]{8,}$/i, '')
  return [
    ...(video ? [`1 video ${video}`] : []),
    ...(scene ? [`2 scene ${scene}`] : []),
    `3 name ${original}`,
    ...(image.md5 ? [`4 bytes ${image.md5}`] : []),
  ]
}

function nameOf(root: string, dataset: Dataset, members: readonly number[]): string {
  if (!root.startsWith('4')) return root
  return `3 name ${members.map((index) => dataset.images[index]?.name ?? '').sort()[0]}`
}

/**
 * Chooses about a share of the groups by a stable hash of their names, so that images that are added later move none
 * that are there; at least and at most so many images, and every class once where another group has it too.
 */
export function choose(
  groups: readonly Group[],
  wish: { salt: string; share: number; least: number; most: number },
): Set<Group> {
  const ranked = groups.map((group) => ({ group, place: place(`${wish.salt}/${group.id}`) }))
  ranked.sort((a, b) => a.place - b.place)
  const chosen = new Set<Group>()
  let count = 0
  const take = (group: Group) => {
    chosen.add(group)
    count += group.members.length
  }
  for (const { group, place: at } of ranked) {
    if ((at < wish.share || count < wish.least) && count + group.members.length <= wish.most) take(group)
  }
  const every = new Set(groups.flatMap(({ classes }) => [...classes]))
  for (const classId of [...every].sort((a, b) => a - b)) {
    const holders = ranked.filter(({ group }) => group.classes.has(classId))
    if (holders.length < 2 || holders.some(({ group }) => chosen.has(group))) continue
    const fits = holders.find(({ group }) => count + group.members.length <= wish.most)
    if (fits) take(fits.group)
  }
  return chosen
}

/** At most so many images, by a stable hash; the last group is cut. */
export function atMost(groups: readonly Group[], most: number): Group[] {
  const ranked = [...groups].sort((a, b) => place(`few/${a.id}`) - place(`few/${b.id}`))
  let left = most
  return ranked.flatMap((group) => {
    const members = group.members.slice(0, left)
    left -= members.length
    return members.length === 0 ? [] : [{ ...group, members }]
  })
}

/** Each image as a group of its own. */
export function singles(dataset: Dataset, groups: readonly Group[]): Group[] {
  const start = rowStarts(dataset)
  return groups
    .flatMap(({ members }) => members)
    .map((index) => {
      const classes = dataset.boxes.classId.slice(start[index], start[index + 1])
      return { id: `3 name ${dataset.images[index]?.name}`, members: [index], classes: new Set(classes) }
    })
}

/** A place in [0, 1) that a name alone decides. */
function place(name: string): number {
  return Number.parseInt(sha256(name).slice(0, 12), 16) / 2 ** 48
}
