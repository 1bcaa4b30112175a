import type { Dataset } from '../core/dataset/model.ts'
import type { Finding } from '../core/documents/findings.ts'
import { type Fault, faultsOf } from './own-faults.ts'
import { atMost, choose, type Group, groupsOf, keysOf, singles } from './own-groups.ts'
import { safeNames } from './own-names.ts'
import { type Picked, subset } from './own-subset.ts'

/** Errors of a data set by the rules, with a base the new ones; `image` is the name in the data set given. */
export type FindErrors = (dataset: Dataset, base: Dataset | null) => readonly Finding[]

/** The user's data set, dealt out for the story. */
export type OwnPlan = {
  val: Picked[]
  /** Training images of version 1, clean ones only. */
  first: Picked[]
  /** Training images that are proposed, as they are; `unread` ones have rows that the reader refused. */
  rest: (Picked & { unread: boolean })[]
  /** The same, mended. */
  mended: Picked[]
  /** What was mended in validation, and what in the rest, a sentence each. */
  says: { val: string[]; rest: string[] }
  /** Errors about no image, which the writing of the data set anew leaves behind. */
  stray: string[]
  facts: {
    ownSplits: boolean
    pool: number
    val: number
    sealed: number
    tooMany: number
    grouped: boolean
    renamed: number
  }
}

// What a demo on a CPU can take: beyond, a stable part is told of.
const mostTrain = 600
const mostVal = 300
const mostFaulty = 40
/** Fewer scenes than this cannot be dealt out in good shares: their images are, one by one. */
const fewGroups = 8
const none: ReadonlySet<number> = new Set()

/** Deals the images out: validation, version 1, and what is proposed; a function of the data alone. */
export function planOwn(dataset: Dataset, findErrors: FindErrors): OwnPlan {
  const names = safeNames(dataset.images)
  const { faults, stray } = faultsOf(dataset, findErrors(dataset, null))
  const sides = sidesOf(dataset, faults)
  const val = sides.val.flatMap(({ members }) => members)
  const leaking = leaks(dataset, val, sides.train)
  const pool = sides.train.flatMap(({ members }) => members)
  // Only the sound images of a scene: that the others of it are proposed later is no leak, both are trained on.
  const sound = (index: number) => !faults.has(index) && !leaking.has(index)
  const clean = sides.train
    .map((group) => ({ ...group, members: group.members.filter(sound) }))
    .filter(({ members }) => members.length > 0)
  const size = pool.length
  const wish = { salt: 'version-1', share: 0.6, least: Math.floor(size / 3), most: Math.ceil(size * 0.75) }
  const chosen = choose(clean.length < fewGroups ? singles(dataset, clean) : clean, wish)
  const raw = (split: Picked['split']) => (index: number) => ({
    index,
    name: names[index] as string,
    split,
    drop: none,
    clip: none,
  })
  const dealt: Dealt = {
    first: [...chosen].flatMap(({ members }) => members).map(raw('train')),
    val: val.map(raw('val')),
    rest: pool.map(raw('train')),
    says: { val: [], rest: [] },
  }
  mendVal(dealt, faults)
  settleBase(dataset, findErrors, dealt)
  const inFirst = new Set(dealt.first.map(({ index }) => index))
  const rest = dealt.rest.filter(({ index }) => !inFirst.has(index))
  const mended = mendRest(dataset, findErrors, { ...dealt, rest }, faults, leaking)
  const facts = {
    ownSplits: sides.own,
    pool: sides.pool,
    val: sides.valCount,
    sealed: sides.sealed,
    tooMany: sides.pool - size + sides.valCount - val.length,
    grouped: dataset.images.some(({ provenance }) => provenance?.scene || provenance?.video),
    renamed: dataset.images.filter((image, i) => image.name !== names[i]).length,
  }
  const unread = ({ index }: Picked) => faults.get(index)?.unread ?? false
  return { ...dealt, rest: rest.map((pick) => ({ ...pick, unread: unread(pick) })), mended, stray, facts }
}

type Dealt = { first: Picked[]; val: Picked[]; rest: Picked[]; says: OwnPlan['says'] }

function sidesOf(dataset: Dataset, faults: ReadonlyMap<number, Fault>) {
  const of = (...splits: string[]) => dataset.images.flatMap(({ split }, i) => (splits.includes(split) ? [i] : []))
  const own = dataset.images.some(({ split }) => split === 'val')
  const sealed = of('test').length
  const everything = groupsOf(dataset, of('train', 'none'))
  const count = of('train', 'none').length
  const wish = { salt: 'val', share: 0.2, least: Math.max(4, Math.ceil(count / 10)), most: Math.ceil(count * 0.4) }
  const chosen = own ? new Set<Group>() : choose(everything, wish)
  const val = own ? groupsOf(dataset, of('val')) : [...chosen]
  const train = everything.filter((group) => !chosen.has(group))
  const sum = (groups: Group[]) => groups.reduce((total, { members }) => total + members.length, 0)
  return {
    own,
    sealed,
    pool: sum(train),
    valCount: sum(val),
    val: atMost(val, mostVal),
    train: fewest(train, faults),
  }
}

/** The training images that a demo can take, those with errors of their own first: the story is to show them. */
function fewest(train: readonly Group[], faults: ReadonlyMap<number, Fault>): Group[] {
  const part = (faulty: boolean) =>
    train
      .map((group) => ({ ...group, members: group.members.filter((index) => faults.has(index) === faulty) }))
      .filter(({ members }) => members.length > 0)
  const sum = (groups: readonly Group[]) => groups.reduce((total, { members }) => total + members.length, 0)
  if (sum(train) <= mostTrain) return [...train]
  const shown = atMost(part(true), mostFaulty)
  return [...shown, ...atMost(part(false), mostTrain - sum(shown))]
}

/** Training images that also stand in validation: the same bytes, scene or video. */
function leaks(dataset: Dataset, val: readonly number[], train: readonly Group[]): Map<number, string> {
  const judged = new Map(val.flatMap((index) => keysOf(dataset, index).map((key) => [key, index] as const)))
  const found = new Map<number, string>()
  for (const index of train.flatMap(({ members }) => members)) {
    const shared = keysOf(dataset, index).find((key) => !key.startsWith('3') && judged.has(key))
    if (!shared) continue
    const { file } = dataset.images[index] as Dataset['images'][number]
    const other = dataset.images[judged.get(shared) as number]?.file
    found.set(index, `${file}: the same ${shared.slice(2)} stands in validation (${other}); the image is left out`)
  }
  return found
}

/** Validation judges everything, so that it is mended openly before the story begins. */
function mendVal(dealt: Dealt, faults: ReadonlyMap<number, Fault>): void {
  dealt.val = dealt.val.flatMap((pick) => {
    const fault = faults.get(pick.index)
    if (!fault) return [pick]
    dealt.says.val.push(...fault.says)
    return fault.hopeless === null ? [{ ...pick, drop: fault.drop, clip: fault.clip }] : []
  })
}

/** What the rules still find in version 1 as it will be written goes to the rest, or out of validation. */
function settleBase(dataset: Dataset, findErrors: FindErrors, dealt: Dealt): void {
  for (let round = 0; round < 3; round++) {
    const bad = badNames(findErrors(subset(dataset, [...dealt.first, ...dealt.val]), null))
    if (bad.size === 0) return
    dealt.first = dealt.first.filter(({ name }) => !bad.has(name))
    for (const pick of dealt.val.filter(({ name }) => bad.has(name))) {
      dealt.says.val.push(`${dataset.images[pick.index]?.file}: ${bad.get(pick.name)}; the image is left out`)
    }
    dealt.val = dealt.val.filter(({ name }) => !bad.has(name))
  }
}

function mendRest(
  dataset: Dataset,
  findErrors: FindErrors,
  dealt: Dealt,
  faults: ReadonlyMap<number, Fault>,
  leaking: ReadonlyMap<number, string>,
): Picked[] {
  const { says } = dealt
  const base = [...dealt.first, ...dealt.val]
  const known = subset(dataset, base)
  let mended = dealt.rest.flatMap((pick) => {
    const fault = faults.get(pick.index)
    const leak = leaking.get(pick.index)
    if (leak) says.rest.push(leak)
    if (fault) says.rest.push(...fault.says)
    if (leak || (fault && fault.hopeless !== null)) return []
    return [fault ? { ...pick, drop: fault.drop, clip: fault.clip } : pick]
  })
  for (let round = 0; round < 3; round++) {
    const bad = badNames(findErrors(subset(dataset, [...base, ...mended]), known))
    const out = mended.filter(({ name }) => bad.has(name))
    if (out.length === 0) break
    for (const { index, name } of out) {
      says.rest.push(`${dataset.images[index]?.file}: ${bad.get(name)}; the image is left out`)
    }
    mended = mended.filter(({ name }) => !bad.has(name))
  }
  return mended
}

function badNames(errors: readonly Finding[]): Map<string, string> {
  return new Map(errors.flatMap(({ image, message }) => (image === null ? [] : [[image, message] as const])))
}
