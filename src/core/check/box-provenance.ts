import type { BoxProvenance } from '../dataset/model.ts'
import { boxKey } from '../dataset/provenance.ts'
import type { RuleContext } from './rule.ts'

/** Key of a row by its class and place, as provenance names it. */
export function keyOfRow({ dataset }: Pick<RuleContext, 'dataset'>, row: number): string {
  const { classId, cx, cy, w, h } = dataset.boxes
  const [x, y, width, height] = [cx[row], cy[row], w[row], h[row]] as [number, number, number, number]
  return boxKey(classId[row] as number, x, y, width, height)
}

/** What provenance says of each row of an image; more than one entry where two have the same class and place. */
export function provenanceByRow(
  context: Pick<RuleContext, 'dataset'>,
  image: number,
): (row: number) => BoxProvenance[] {
  const known = context.dataset.images[image]?.provenance?.boxes ?? []
  const byKey = new Map<string, BoxProvenance[]>()
  for (const entry of known) {
    const key = boxKey(entry.classId, ...entry.box)
    const same = byKey.get(key)
    if (same) same.push(entry)
    else byKey.set(key, [entry])
  }
  return (row) => byKey.get(keyOfRow(context, row)) ?? []
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
