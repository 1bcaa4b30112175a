import { type GroupKey, groupImages } from '../dataset/groups.ts'
import { type Dataset, rowStarts, type Split } from '../dataset/model.ts'
import { seededRandom } from '../stats/random.ts'

export type SplitOptions = {
  /** Shares of all images; training gets the rest. */
  val: number
  test: number
  /** What keeps images together besides equal bytes and copies. */
  by: readonly ('scene' | 'video' | 'camera' | 'uploader')[]
}
export type SplitPlan = {
  /** Of each image; an image that had one keeps it. */
  splits: Split[]
  assigned: number
  /** New images that followed their group, whatever the shares. */
  followed: number
  groups: number
  /** Images of the largest group. */
  largest: number
  /** Groups whose images were in several splits already; nothing is moved, `check` tells them as leaks. */
  torn: number
}

const names = ['train', 'val', 'test'] as const
type Group = { key: string; images: number[]; classes: Map<number, number> }

/**
 * Gives every image without a split one. Images that hang together (equal bytes, copies, one scene or video) stay
 * together: a group of which some image has a split goes there as a whole. New groups are spread by iterative
 * stratification (Sechidis, Tsoumakas and Vlahavas 2011) with groups for examples: the class that is left in fewest
 * images first, its largest group to the split that lacks it most; and a class with just enough groups left for the
 * splits that have none of it goes to those. What was published never moves, and the order of images changes nothing.
 */
export function planSplit(dataset: Dataset, options: SplitOptions): SplitPlan {
  const keys: GroupKey[] = ['bytes', ...options.by, 'copy']
  const sets = groupImages(dataset, keys)
  const groups = groupsOf(dataset, (i) => sets.find(i))
  const shares = [1 - options.val - options.test, options.val, options.test]
  const total = dataset.images.length
  const desired = shares.map((share) => share * total)
  const wanted = new Map<number, number[]>()
  for (const group of groups)
    for (const [label, count] of group.classes) {
      const row = wanted.get(label) ?? shares.map(() => 0)
      wanted.set(
        label,
        row.map((sum, j) => sum + (shares[j] as number) * count),
      )
    }
  const splits = dataset.images.map(({ split }) => split)
  const has = new Set<string>()
  const put = (group: Group, j: number) => {
    for (const i of group.images) if (splits[i] === 'none') splits[i] = names[j] as Split
    desired[j]! -= group.images.length
    for (const [label, count] of group.classes) {
      wanted.get(label)![j]! -= count
      has.add(`${label} ${j}`)
    }
  }
  const plan: SplitPlan = { splits, assigned: 0, followed: 0, groups: groups.length, largest: 0, torn: 0 }
  const fresh: Group[] = []
  for (const group of groups) {
    plan.largest = Math.max(plan.largest, group.images.length)
    const { home, splitCount } = homeOf(dataset, group)
    if (splitCount > 1) plan.torn++
    const open = group.images.filter((i) => splits[i] === 'none').length
    if (home === null) {
      plan.assigned += open
      fresh.push(group)
      continue
    }
    plan.followed += open
    put(group, home)
  }
  const left = new Set(fresh)
  const open = shares.map((share) => share > 0)
  while (left.size > 0) {
    const label = rarest(left)
    const having = label === null ? [...left] : [...left].filter((group) => group.classes.has(label))
    having.sort(
      (a, b) =>
        (label === null ? 0 : (b.classes.get(label) as number) - (a.classes.get(label) as number)) ||
        b.images.length - a.images.length ||
        chanceOf(a.key) - chanceOf(b.key) ||
        (a.key < b.key ? -1 : 1),
    )
    for (const group of having) {
      const must = lacking(group, left, has, open)
      const choice = choose(must.length > 0 ? must : [0, 1, 2].filter((j) => open[j]), label, wanted, desired)
      left.delete(group)
      put(group, choice)
    }
  }
  return plan
}

function groupsOf(dataset: Dataset, find: (i: number) => number): Group[] {
  const start = rowStarts(dataset)
  const groups = new Map<number, Group>()
  for (const [i, image] of dataset.images.entries()) {
    const group: Group = groups.get(find(i)) ?? { key: image.name, images: [], classes: new Map() }
    groups.set(find(i), group)
    group.images.push(i)
    // Known by its first name, so that the order of images does not matter.
    if (image.name < group.key) group.key = image.name
    const classes = new Set(dataset.boxes.classId.subarray(start[i], start[i + 1]))
    for (const label of classes) group.classes.set(label, (group.classes.get(label) ?? 0) + 1)
  }
  return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Where a group's images are already: the split that most of them are in, train before val before test. */
function homeOf(dataset: Dataset, group: Group): { home: number | null; splitCount: number } {
  const counts = names.map((name) => group.images.filter((i) => dataset.images[i]?.split === name).length)
  const most = Math.max(...counts)
  return { home: most === 0 ? null : counts.indexOf(most), splitCount: counts.filter((count) => count > 0).length }
}

/** The class that is left in fewest images; null when no group that is left has any. */
function rarest(left: Set<Group>): number | null {
  const counts = new Map<number, number>()
  for (const { classes } of left)
    for (const [label, count] of classes) counts.set(label, (counts.get(label) ?? 0) + count)
  const sorted = [...counts].sort((a, b) => a[1] - b[1] || a[0] - b[0])
  return sorted[0]?.[0] ?? null
}

/** Splits that have none of a class of this group, where as few groups with it are left as there are such splits. */
function lacking(group: Group, left: Set<Group>, has: Set<string>, open: boolean[]): number[] {
  for (const label of group.classes.keys()) {
    const without = [0, 1, 2].filter((j) => open[j] && !has.has(`${label} ${j}`))
    if (without.length === 0) continue
    let remaining = 0
    for (const other of left) if (other.classes.has(label)) remaining++
    if (remaining <= without.length) return without
  }
  return []
}

function choose(among: number[], label: number | null, wanted: Map<number, number[]>, desired: number[]): number {
  const need = (j: number) => (label === null ? 0 : (wanted.get(label)?.[j] ?? 0))
  return [...among].sort(
    (a, b) => need(b) - need(a) || (desired[b] as number) - (desired[a] as number) || a - b,
  )[0] as number
}

function chanceOf(key: string): number {
  return seededRandom(key).next()
}
