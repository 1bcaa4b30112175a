import { flatContrast } from './look.ts'
import { type Dataset, type DatasetImage, rowStarts } from './model.ts'
import { hammingDistance, hashWords, nearPairs } from './near-pairs.ts'

/** Two images whose hashes say that they may be one picture; `other` is of the base where `inBase`. */
export type Candidate = { image: number; other: number; inBase: boolean }

/** Bits in which both hashes of two copies may differ at most. */
const copyRadius = 8
const mostPartners = 32

/**
 * Pairs that may be copies: both hashes near, neither picture flat, the bytes not the same (those are found by MD5).
 * An image is paired with at most 32 others, those of other splits first, so that a camera that always sees the same
 * does not give a pair for every two frames; `capped` tells that some were left out.
 */
export function copyCandidates(head: Dataset, base: Dataset | null): { pairs: Candidate[]; capped: boolean } {
  const inHead = new Set(head.images.map((image) => image.md5 ?? image.name))
  const fresh = (base?.images ?? []).map((image, i) => ({ image, i, inBase: true }))
  const gone = fresh.filter(({ image }) => !inHead.has(image.md5 ?? image.name))
  const all = [...head.images.map((image, i) => ({ image, i, inBase: false })), ...gone]
  const shown = all.filter(({ image }) => image.look && image.look.contrast >= flatContrast)
  const phash = hashWords(shown.map(({ image }) => image.look?.phash ?? ''))
  const dhash = hashWords(shown.map(({ image }) => image.look?.dhash ?? ''))
  const near = nearPairs(phash, copyRadius)
  const partners = new Uint16Array(shown.length)
  const pairs: Candidate[] = []
  let capped = near.capped
  for (const across of [true, false]) {
    for (let k = 0; k < near.count; k++) {
      const [a, b] = [near.a[k] as number, near.b[k] as number]
      const [one, two] = [shown[a], shown[b]] as [(typeof shown)[number], (typeof shown)[number]]
      if (one.inBase || (one.image.split !== two.image.split) !== across) continue
      if (one.image.md5 !== null && one.image.md5 === two.image.md5) continue
      if (hammingDistance(dhash, a, b) > copyRadius) continue
      if (partners[a]! >= mostPartners || partners[b]! >= mostPartners) {
        capped = true
        continue
      }
      partners[a]!++
      partners[b]!++
      pairs.push({ image: one.i, other: two.i, inBase: two.inBase })
    }
  }
  return { pairs, capped }
}

/** Whether two images come from one camera, scene or video, as far as their provenance tells. */
export function sameView(a: DatasetImage, b: DatasetImage): boolean {
  const [p, q] = [a.provenance, b.provenance]
  if (!p || !q) return false
  return (['camera', 'scene', 'video'] as const).some((key) => p[key] !== undefined && p[key] === q[key])
}

/** Whether two images' labels say different things: some box has no partner of its class with IoU of at least `iou`. */
export function labelsDiffer(one: Dataset, i: number, two: Dataset, j: number, iou = 0.5): boolean {
  const [a, b] = [rowsOf(one, i), rowsOf(two, j)]
  if (a.length !== b.length) return true
  const left = new Set(b)
  return a.some((row) => {
    for (const other of left) {
      if (classOf(one, row) !== classOf(two, other) || overlap(one, row, two, other) < iou) continue
      left.delete(other)
      return false
    }
    return true
  })
}

const starts = new WeakMap<Dataset, Uint32Array>()
function rowsOf(dataset: Dataset, image: number): number[] {
  const start = starts.get(dataset) ?? rowStarts(dataset)
  starts.set(dataset, start)
  const [from, to] = [start[image] as number, start[image + 1] as number]
  return Array.from({ length: to - from }, (_, k) => from + k)
}

function classOf({ boxes, classes }: Dataset, row: number): string | number {
  const id = boxes.classId[row] as number
  return classes[id] ?? id
}

function overlap(one: Dataset, i: number, two: Dataset, j: number): number {
  const [a, b] = [one.boxes, two.boxes]
  const span = (c1: Float64Array, s1: Float64Array, c2: Float64Array, s2: Float64Array) => {
    const high = Math.min(c1[i]! + s1[i]! / 2, c2[j]! + s2[j]! / 2)
    return Math.max(0, high - Math.max(c1[i]! - s1[i]! / 2, c2[j]! - s2[j]! / 2))
  }
  const shared = span(a.cx, a.w, b.cx, b.w) * span(a.cy, a.h, b.cy, b.h)
  const union = a.w[i]! * a.h[i]! + b.w[j]! * b.h[j]! - shared
  return union > 0 ? shared / union : 1
}
