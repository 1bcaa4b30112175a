import { type Dataset, rowStarts } from '../dataset/model.ts'
import { matchImages } from './identity.ts'
import { rowKey } from './rule.ts'

/** Indices of images whose boxes (class by name, place rounded to 1e-6) are not those that the base has. */
export function changedLabels(head: Dataset, base: Dataset): number[] {
  const match = matchImages(head, base)
  const [headStart, baseStart] = [rowStarts(head), rowStarts(base)]
  return head.images.flatMap((_, i) => {
    const own = keys(head, headStart, i)
    const before = (match[i] as number) < 0 ? '' : keys(base, baseStart, match[i] as number)
    return own === before ? [] : [i]
  })
}

function keys(dataset: Dataset, start: Uint32Array, image: number): string {
  const found: string[] = []
  for (let row = start[image] as number; row < (start[image + 1] as number); row++) found.push(rowKey(dataset, row))
  return found.sort().join('\n')
}
