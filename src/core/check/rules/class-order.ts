import { type Fate, fatesOf, targetsOf } from '../../dataset/class-migration.ts'
import { type Dataset, rowStarts } from '../../dataset/model.ts'
import { boxKey } from '../../dataset/provenance.ts'
import type { ClassMigrationBody } from '../../documents/declared.ts'
import { matchImages } from '../identity.ts'
import { type RawFinding, type Rule, wholeFinding } from '../rule.ts'

export const classOrder: Rule = {
  id: 'class-order',
  severity: 'error',
  scope: 'dataset',
  needsBase: true,
  title: 'Classes changed place and labels did not follow',
  explanation:
    'The order of the names is their meaning: when it changes and label files stay, every box silently becomes another class.',
  mend: 'Put the names back in their order and add new ones at the end, or make the change with sluice migrate and propose the migration with it.',
  check: ({ dataset, base, migrations }) => {
    // Names that were only added to the end cannot have moved a label.
    if (!base || base.classes.every((name, id) => dataset.classes[id] === name)) return []
    const found: RawFinding[] = []
    const kept = keptIds(dataset, base)
    const declared = declaredIds(base, dataset, migrations)
    for (const [id, before] of base.classes.entries()) {
      const after = dataset.classes[id]
      if (after === before || !(kept.get(id) ?? 0)) continue
      // A rename or a merge that is declared keeps the number and its boxes.
      if (declared?.[id]?.has(id)) continue
      const now = after === undefined ? 'nothing' : `"${after}"`
      const message = `id ${id} was "${before}" and is now ${now}, while ${kept.get(id)} boxes kept the id`
      const undone = declared ? '; the migration says otherwise: labels were not rewritten' : ''
      found.push(wholeFinding(message + undone, `${before} ${after ?? ''}`))
    }
    return found
  },
}

/** What declared migrations, one after the other, make of each id of the base; null when they do not lead to the head. */
function declaredIds(base: Dataset, head: Dataset, migrations: readonly ClassMigrationBody[]): Set<number>[] | null {
  const same = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n')
  let names: readonly string[] = base.classes
  let ids = base.classes.map((_, id) => new Set([id]))
  const left = [...migrations]
  while (!same(names, head.classes)) {
    const at = left.findIndex(({ from }) => same(from, names))
    const [next] = at < 0 ? [] : left.splice(at, 1)
    if (!next) return null
    const fates = fatesOf(next)
    ids = ids.map((from) => new Set([...from].flatMap((id) => targetsOf(fates[id] as Fate))))
    names = next.to
  }
  return ids
}

/** By class id, boxes of images of the base that are still in the same place with the same id. */
function keptIds(head: Dataset, base: Dataset): Map<number, number> {
  const match = matchImages(head, base)
  const [headStart, baseStart] = [rowStarts(head), rowStarts(base)]
  const kept = new Map<number, number>()
  for (const [i, at] of match.entries()) {
    if (at < 0) continue
    const before = new Set(keysOf(base, baseStart[at] as number, baseStart[at + 1] as number))
    for (let row = headStart[i] as number; row < (headStart[i + 1] as number); row++) {
      const [key] = keysOf(head, row, row + 1)
      const id = head.boxes.classId[row] as number
      if (before.has(key as string)) kept.set(id, (kept.get(id) ?? 0) + 1)
    }
  }
  return kept
}

function keysOf({ boxes }: Dataset, from: number, to: number): string[] {
  const keys: string[] = []
  for (let row = from; row < to; row++) {
    const [cx, cy, w, h] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as [
      number,
      number,
      number,
      number,
    ]
    keys.push(boxKey(boxes.classId[row] as number, cx, cy, w, h))
  }
  return keys
}
