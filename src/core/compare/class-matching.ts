import type { Dataset } from '../dataset/model.ts'
import type { DatasetDiffBody } from '../documents/dataset-diff.ts'

/** Class names of both versions on one numbering; a renamed class keeps its number. */
export type ClassMatching = {
  /** Shared number of a class id in each version. */
  base: (classId: number) => number
  head: (classId: number) => number
  /** What a shared number is called: by the head's name, or the base's where the head has none. */
  nameOf: (shared: number) => string
  baseNameOf: (shared: number) => string
  changes: DatasetDiffBody['classes']
}

/** Boxes of the same place in both versions, as (base class id, head class id); tells a rename from a new class. */
export type SamePlace = Iterable<[baseClass: number, headClass: number]>

/**
 * Matches classes by name, so that a class map in another order is no change. A name that is gone and one that is new
 * are a rename when most boxes of both lie in the same places, or, without any box, when they have the same id.
 */
export function matchClasses(base: Dataset, head: Dataset, samePlace: SamePlace): ClassMatching {
  const gone = namesOnlyIn(base, head)
  const fresh = namesOnlyIn(head, base)
  const renamed = gone.length > 0 && fresh.length > 0 ? renames(base, head, gone, fresh, samePlace) : []
  const numbers = new Map<string, number>()
  const names: { base: string | null; head: string | null }[] = []
  const number = (name: string, side: 'base' | 'head') => {
    const rename = side === 'base' ? renamed.find(({ from }) => from === name)?.to : undefined
    const key = rename ?? name
    const known = numbers.get(key)
    const shared = known ?? names.push({ base: null, head: null }) - 1
    if (known === undefined) numbers.set(key, shared)
    ;(names[shared] as (typeof names)[number])[side] = name
    return shared
  }
  const cached = (dataset: Dataset, side: 'base' | 'head') => {
    const cache = new Map<number, number>()
    return (classId: number) => {
      const shared = cache.get(classId) ?? number(nameOfClass(dataset, classId), side)
      cache.set(classId, shared)
      return shared
    }
  }
  return {
    base: cached(base, 'base'),
    head: cached(head, 'head'),
    nameOf: (shared) => names[shared]?.head ?? names[shared]?.base ?? '',
    baseNameOf: (shared) => names[shared]?.base ?? names[shared]?.head ?? '',
    changes: {
      added: fresh.filter((name) => !renamed.some(({ to }) => to === name)),
      removed: gone.filter((name) => !renamed.some(({ from }) => from === name)),
      renamed,
    },
  }
}

export function nameOfClass({ classes }: Dataset, classId: number): string {
  return classes[classId] ?? `class ${classId}`
}

function namesOnlyIn(a: Dataset, b: Dataset): string[] {
  const others = new Set(b.classes)
  return [...new Set(a.classes)].filter((name) => !others.has(name))
}

function renames(base: Dataset, head: Dataset, gone: string[], fresh: string[], samePlace: SamePlace) {
  const votes = new Map<string, number>()
  for (const [from, to] of samePlace) {
    const key = `${nameOfClass(base, from)}\n${nameOfClass(head, to)}`
    votes.set(key, (votes.get(key) ?? 0) + 1)
  }
  const boxes = { base: boxesByName(base), head: boxesByName(head) }
  const found: { from: string; to: string }[] = []
  for (const from of gone) {
    const to = fresh.find((name) => {
      const most = Math.max(boxes.base.get(from) ?? 0, boxes.head.get(name) ?? 0)
      if (most === 0) return base.classes.indexOf(from) === head.classes.indexOf(name)
      return 2 * (votes.get(`${from}\n${name}`) ?? 0) > most
    })
    if (to !== undefined && !found.some((rename) => rename.to === to)) found.push({ from, to })
  }
  return found
}

function boxesByName(dataset: Dataset): Map<string, number> {
  const boxes = new Map<string, number>()
  for (let row = 0; row < dataset.boxes.count; row++) {
    const name = nameOfClass(dataset, dataset.boxes.classId[row] as number)
    boxes.set(name, (boxes.get(name) ?? 0) + 1)
  }
  return boxes
}
