import { assign } from '../geometry/assignment.ts'

/** The boxes of one image: normalised centre form, four numbers a box, and a class number that both sides share. */
export type ImageBoxes = { count: number; classOf: Int32Array; geometry: Float64Array }

export type BoxMatch = {
  /** Pairs of (base, head) with their indices. */
  unchanged: [number, number][]
  moved: [number, number][]
  relabelled: [number, number][]
  removed: number[]
  added: number[]
}

/** Coordinates that differ by no more are the same place: labels are written with six decimals. */
export const placeTolerance = 1.000001e-6
// Below this overlap a box was not moved: one was removed and another one added.
const leastMovedIou = 0.1
// Across classes the place must speak for itself.
const leastRelabelledIou = 0.5
// More pairs than this in one image are paired greedily: optimal assignment is cubic.
const mostOptimal = 1_000_000
const mostPairs = 25_000_000

/**
 * Pairs the boxes of two versions of one image: the same box first (coordinates equal within 1e-6), then the same place
 * with another class, then per class by the assignment with the largest total overlap, last that across classes.
 * Symmetric: with the sides exchanged, the pairs are exchanged.
 */
export function matchBoxes(base: ImageBoxes, head: ImageBoxes): BoxMatch {
  const match: BoxMatch = { unchanged: [], moved: [], relabelled: [], removed: [], added: [] }
  if (sameInOrder(base, head)) {
    for (let i = 0; i < base.count; i++) match.unchanged.push([i, i])
    return match
  }
  const rest = sameKeys(base, head, match.unchanged)
  const free = { base: rest.base.sort(byPlace(base)), head: rest.head.sort(byPlace(head)) }
  // Equally good pairings must fall alike in any order of the rows, and whichever side is called the base.
  const turned = signature(base, free.base) > signature(head, free.head)
  const sameClass = (i: number, j: number) => base.classOf[i] === head.classOf[j]
  const otherClass = (i: number, j: number) => base.classOf[i] !== head.classOf[j]
  const equal = (i: number, j: number) => isEqual(base, i, head, j)
  const overlap = (i: number, j: number) => iou(base, i, head, j)
  const take = (eligible: (i: number, j: number) => number, into: [number, number][]) => {
    const pairs = turned
      ? bestPairs(free.head, free.base, (j, i) => eligible(i, j)).map(([j, i]): [number, number] => [i, j])
      : bestPairs(free.base, free.head, eligible)
    const used = { base: new Set(pairs.map(([i]) => i)), head: new Set(pairs.map(([, j]) => j)) }
    free.base = free.base.filter((i) => !used.base.has(i))
    free.head = free.head.filter((j) => !used.head.has(j))
    into.push(...pairs)
  }
  take((i, j) => (sameClass(i, j) && equal(i, j) ? 1 : 0), match.unchanged)
  take((i, j) => (otherClass(i, j) && equal(i, j) ? 1 : 0), match.relabelled)
  take((i, j) => (sameClass(i, j) ? atLeast(overlap(i, j), leastMovedIou) : 0), match.moved)
  take((i, j) => (otherClass(i, j) ? atLeast(overlap(i, j), leastRelabelledIou) : 0), match.relabelled)
  match.removed = free.base
  match.added = free.head
  for (const pairs of [match.moved, match.relabelled]) pairs.sort((a, b) => a[0] - b[0])
  for (const rows of [match.removed, match.added]) rows.sort((a, b) => a - b)
  return match
}

/** Pairs boxes whose class and coordinates are the same to six decimals, in linear time; returns the rest. */
function sameKeys(base: ImageBoxes, head: ImageBoxes, into: [number, number][]): { base: number[]; head: number[] } {
  const waiting = new Map<string, number[]>()
  for (let j = head.count - 1; j >= 0; j--) {
    const key = keyOf(head, j)
    const list = waiting.get(key)
    if (list) list.push(j)
    else waiting.set(key, [j])
  }
  const taken = new Set<number>()
  const left: number[] = []
  for (let i = 0; i < base.count; i++) {
    const j = waiting.get(keyOf(base, i))?.pop()
    if (j === undefined) left.push(i)
    else {
      taken.add(j)
      into.push([i, j])
    }
  }
  return { base: left, head: range(head.count).filter((j) => !taken.has(j)) }
}

/** Order of rows by class and place. */
function byPlace({ classOf, geometry }: ImageBoxes): (a: number, b: number) => number {
  return (a, b) => {
    if (classOf[a] !== classOf[b]) return (classOf[a] as number) - (classOf[b] as number)
    for (let k = 0; k < 4; k++) {
      const difference = (geometry[4 * a + k] as number) - (geometry[4 * b + k] as number)
      if (difference !== 0) return difference
    }
    return a - b
  }
}

function signature({ classOf, geometry }: ImageBoxes, rows: readonly number[]): string {
  return rows.map((i) => `${classOf[i]} ${geometry.slice(4 * i, 4 * i + 4).join(' ')}`).join('\n')
}

function keyOf({ classOf, geometry }: ImageBoxes, i: number): string {
  let key = String(classOf[i])
  for (let k = 4 * i; k < 4 * i + 4; k++) key += ` ${Math.round((geometry[k] as number) * 1e6)}`
  return key
}

/** Pairs with the largest total weight; a weight of 0 is no pair. Groups that share no weight are solved apart. */
function bestPairs(rows: number[], columns: number[], weight: (i: number, j: number) => number): [number, number][] {
  if (rows.length === 0 || columns.length === 0 || rows.length * columns.length > mostPairs) return []
  const edges: [row: number, column: number, weight: number][] = []
  for (const i of rows) {
    for (const j of columns) {
      const w = weight(i, j)
      if (w > 0) edges.push([i, j, w])
    }
  }
  return components(edges).flatMap(solve)
}

function solve(edges: [number, number, number][]): [number, number][] {
  if (edges.length === 1 && edges[0]) return [[edges[0][0], edges[0][1]]]
  const rows = [...new Set(edges.map(([i]) => i))]
  const columns = [...new Set(edges.map(([, j]) => j))]
  if (rows.length * columns.length > mostOptimal) return greedy(edges)
  const rowIndex = new Map(rows.map((i, at) => [i, at]))
  const columnIndex = new Map(columns.map((j, at) => [j, at]))
  const cost = new Float64Array(rows.length * columns.length)
  for (const [i, j, w] of edges)
    cost[(rowIndex.get(i) as number) * columns.length + (columnIndex.get(j) as number)] = -w
  const columnOf = assign(cost, rows.length, columns.length)
  return rows.flatMap((i, at): [number, number][] => {
    const column = columnOf[at] as number
    return column >= 0 && (cost[at * columns.length + column] as number) < 0 ? [[i, columns[column] as number]] : []
  })
}

function greedy(edges: [number, number, number][]): [number, number][] {
  const rows = new Set<number>()
  const columns = new Set<number>()
  const pairs: [number, number][] = []
  for (const [i, j] of edges.sort((a, b) => b[2] - a[2])) {
    if (rows.has(i) || columns.has(j)) continue
    rows.add(i)
    columns.add(j)
    pairs.push([i, j])
  }
  return pairs
}

/** Edges grouped by connected component (union-find over both sides). */
function components(edges: [number, number, number][]): [number, number, number][][] {
  const parent = new Map<string, string>()
  const find = (node: string): string => {
    let root = node
    while (parent.get(root) !== root) root = parent.get(root) as string
    parent.set(node, root)
    return root
  }
  for (const [i, j] of edges) {
    for (const node of [`r${i}`, `c${j}`]) if (!parent.has(node)) parent.set(node, node)
    parent.set(find(`r${i}`), find(`c${j}`))
  }
  return [...Map.groupBy(edges, ([i]) => find(`r${i}`)).values()]
}

function sameInOrder(a: ImageBoxes, b: ImageBoxes): boolean {
  if (a.count !== b.count) return false
  for (let i = 0; i < a.count; i++) if (a.classOf[i] !== b.classOf[i] || !isEqual(a, i, b, i)) return false
  return true
}

function isEqual(a: ImageBoxes, i: number, b: ImageBoxes, j: number): boolean {
  for (let k = 0; k < 4; k++)
    if (Math.abs((a.geometry[4 * i + k] as number) - (b.geometry[4 * j + k] as number)) > placeTolerance) return false
  return true
}

/** Intersection over union of two normalised boxes; the image's own shape cancels out. */
function iou(a: ImageBoxes, i: number, b: ImageBoxes, j: number): number {
  const width = sharedLength(a, i, b, j, 0)
  const height = sharedLength(a, i, b, j, 1)
  if (!(width > 0 && height > 0)) return 0
  return (width * height) / (areaOf(a, i) + areaOf(b, j) - width * height)
}

/** Length that two boxes share along x (axis 0) or y (axis 1); negative is the gap between them. */
function sharedLength(a: ImageBoxes, i: number, b: ImageBoxes, j: number, axis: 0 | 1): number {
  const centreA = a.geometry[4 * i + axis] as number
  const centreB = b.geometry[4 * j + axis] as number
  const halfA = (a.geometry[4 * i + 2 + axis] as number) / 2
  const halfB = (b.geometry[4 * j + 2 + axis] as number) / 2
  return Math.min(centreA + halfA, centreB + halfB) - Math.max(centreA - halfA, centreB - halfB)
}

function areaOf({ geometry }: ImageBoxes, i: number): number {
  return (geometry[4 * i + 2] as number) * (geometry[4 * i + 3] as number)
}

function atLeast(value: number, least: number): number {
  return value >= least ? value : 0
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i)
}
