import type { BoxProvenance, DatasetImage } from '../dataset/model.ts'
import { boxKey } from '../dataset/provenance.ts'
import type { DatasetDiffBody } from '../documents/dataset-diff.ts'

type Change = DatasetDiffBody['byImage'][number]['changes'][number]
type Counts = NonNullable<DatasetDiffBody['byAnnotator']>
export type Authors = {
  note: (changes: readonly Change[], before: DatasetImage | null, after: DatasetImage | null) => void
  /** Empty where no provenance told anything. */
  counts: () => Pick<DatasetDiffBody, 'byAnnotator' | 'bySource'>
}

const unknown = 'unknown'

/** Counts changes by annotator and by label source: of an added or changed box the head's, of a removed one the base's. */
export function createAuthors(): Authors {
  const byAnnotator = new Map<string, Counts[string]>()
  const bySource = new Map<string, Counts[string]>()
  let told = false
  const count = (map: typeof byAnnotator, name: string, change: Change['change']) => {
    const counts = map.get(name) ?? { added: 0, removed: 0, moved: 0, relabelled: 0 }
    counts[change]++
    map.set(name, counts)
  }
  return {
    note: (changes, before, after) => {
      if (changes.length === 0) return
      const [old, now] = [boxesOf(before), boxesOf(after)]
      told ||= old.size > 0 || now.size > 0
      for (const { change, before, after } of changes) {
        const box = after ?? before
        const known = box
          ? (after ? now : old).get(boxKey(box.classId, ...(box.box as BoxProvenance['box'])))
          : undefined
        count(byAnnotator, known?.annotator ?? unknown, change)
        count(bySource, known?.source ?? unknown, change)
      }
    },
    counts: () =>
      told
        ? { byAnnotator: Object.fromEntries(sorted(byAnnotator)), bySource: Object.fromEntries(sorted(bySource)) }
        : {},
  }
}

function boxesOf(image: DatasetImage | null): Map<string, BoxProvenance> {
  return new Map((image?.provenance?.boxes ?? []).map((box) => [boxKey(box.classId, ...box.box), box]))
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}
