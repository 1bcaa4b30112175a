import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { FindingsBody } from '../documents/findings.ts'

/** Boxes of a class before and after, and their shares of all boxes. */
export type ClassShare = { className: string; base: number; head: number; baseShare: number; headShare: number }

/**
 * Boxes by class before and after, the rarest of the head first. The head's counts are the findings' balance; the
 * base's are the head's less what the difference brought. Empty where either was not worked out.
 */
export function classShares(diff?: DatasetDiffBody, balance: FindingsBody['balance'] = []): ClassShare[] {
  if (!diff || balance.length === 0) return []
  const counts = new Map<string, { base: number; head: number }>()
  const of = (name: string) => {
    const known = counts.get(name)
    if (known) return known
    const fresh = { base: 0, head: 0 }
    counts.set(name, fresh)
    return fresh
  }
  for (const { className, boxes } of balance) of(className).head += boxes
  for (const count of counts.values()) count.base = count.head
  const renamed = new Map(diff.classes.renamed.map(({ from, to }) => [from, to]))
  for (const { before, after } of diff.byImage.flatMap((image) => image.changes)) {
    if (after) of(after.className).base--
    if (before) of(renamed.get(before.className) ?? before.className).base++
  }
  const sum = (side: 'base' | 'head') => [...counts.values()].reduce((total, count) => total + count[side], 0)
  const all = { base: sum('base'), head: sum('head') }
  return [...counts]
    .map(([className, { base, head }]) => ({
      className,
      base,
      head,
      baseShare: all.base > 0 ? base / all.base : 0,
      headShare: all.head > 0 ? head / all.head : 0,
    }))
    .sort((a, b) => a.head - b.head || (a.className < b.className ? -1 : a.className > b.className ? 1 : 0))
}
