import type { BoxProvenance } from '../dataset/model.ts'
import { boxKey } from '../dataset/provenance.ts'
import type { RuleContext } from './rule.ts'

/** Key of a row by its class and place, as provenance names it. */
function keyOfRow({ dataset }: Pick<RuleContext, 'dataset'>, row: number): string {
  const { classId, cx, cy, w, h } = dataset.boxes
  const [x, y, width, height] = [cx[row], cy[row], w[row], h[row]] as [number, number, number, number]
  return boxKey(classId[row] as number, x, y, width, height)
}

/** What provenance says of each row of an image; more than one entry where two have the same class and place. */
export function provenanceByRow(context: RowsOf, image: number): (row: number) => readonly BoxProvenance[] {
  const known = context.dataset.images[image]?.provenance?.boxes ?? []
  if (known.length === 0) return () => none
  const from = context.start[image] as number
  if (inOrder(context, image, known) && allApart(known)) return (row) => [known[row - from] as BoxProvenance]
  const byKey = new Map<string, BoxProvenance[]>()
  for (const entry of known) {
    const key = boxKey(entry.classId, ...entry.box)
    const same = byKey.get(key)
    if (same) same.push(entry)
    else byKey.set(key, [entry])
  }
  return (row) => byKey.get(keyOfRow(context, row)) ?? none
}

/** Entries of an image's provenance that match no row of it. */
export function lostProvenance(context: RowsOf, image: number): BoxProvenance[] {
  const known = context.dataset.images[image]?.provenance?.boxes ?? []
  if (known.length === 0 || inOrder(context, image, known)) return []
  const there = new Set<string>()
  const to = context.start[image + 1] as number
  for (let row = context.start[image] as number; row < to; row++) there.add(keyOfRow(context, row))
  return known.filter(({ classId, box }) => !there.has(boxKey(classId, ...box)))
}

type RowsOf = Pick<RuleContext, 'dataset' | 'start'>
const none: readonly BoxProvenance[] = []

/** Whether entries and rows are the same, one after the other: what a writer of both leaves, and needs no look-up. */
function inOrder({ dataset: { boxes }, start }: RowsOf, image: number, known: readonly BoxProvenance[]): boolean {
  const from = start[image] as number
  if (known.length !== (start[image + 1] as number) - from) return false
  for (let i = 0; i < known.length; i++) {
    const { classId, box } = known[i] as BoxProvenance
    const row = from + i
    if (classId !== boxes.classId[row] || micro(box[0]) !== micro(boxes.cx[row])) return false
    if (micro(box[1]) !== micro(boxes.cy[row])) return false
    if (micro(box[2]) !== micro(boxes.w[row]) || micro(box[3]) !== micro(boxes.h[row])) return false
  }
  return true
}

/** Whether no two entries may have one place; of many entries that is not asked. */
function allApart(known: readonly BoxProvenance[]): boolean {
  if (known.length > 64) return false
  return known.every(({ box }, i) => {
    for (let j = 0; j < i; j++) {
      const other = (known[j] as BoxProvenance).box
      if (micro(box[0]) === micro(other[0]) && micro(box[1]) === micro(other[1])) return false
    }
    return true
  })
}

/** As boxKey rounds. */
function micro(value: number | undefined): number {
  return Math.round((value as number) * 1e6)
}

/** Whether an image is one that models are judged by. */
export function judges(context: Pick<RuleContext, 'dataset'>, image: number): boolean {
  const split = context.dataset.images[image]?.split
  return split === 'val' || split === 'test'
}

/** Reviews that a validation box needs at least. */
export function neededReviews({ spec }: Pick<RuleContext, 'spec'>): number {
  return spec?.validation?.reviewPass ?? 1
}
