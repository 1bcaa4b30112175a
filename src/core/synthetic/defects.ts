import { sha256 } from '../documents/define.ts'
import { nearest } from '../documents/suggest.ts'
import { UsageError } from '../errors.ts'
import { seededRandom } from '../stats/random.ts'
import type { Changes, DataFiles } from './data-files.ts'
import { type DefectKind, defectKinds } from './defect-kinds.ts'
import type { Kind, Place } from './defect-rows.ts'
import { type DefectSite, openSite, type Target } from './defect-site.ts'

/** A planted defect: what, where (line 1-based, 0: the whole file), and the rule that should find it. */
export type Planted = Place & { kind: DefectKind; rule: string }

export const allDefects = Object.keys(defectKinds) as DefectKind[]

/** One line on each kind of defect. */
export function describeDefects(): { kind: DefectKind; rule: string; summary: string }[] {
  return allDefects.map((kind) => ({ kind, rule: defectKinds[kind].rule, summary: defectKinds[kind].summary }))
}

/** Names of defects from text, as on a command line. */
export function parseDefects(words: readonly string[]): DefectKind[] {
  return words.map((word) => {
    if (Object.hasOwn(defectKinds, word)) return word as DefectKind
    const hint = nearest(word, allDefects)
    throw new UsageError(`there is no defect "${word}"${hint ? `; did you mean "${hint}"?` : ''}`, {
      mend: 'sluice synth --list-defects names them',
    })
  })
}

/**
 * Plants defects, each at an image of its own, in a folder of images/, labels/ and splits/ (provenance.ndjson follows).
 * Each kind chooses its image whether or not the others are planted, so leaving one out mends just that one.
 */
export function plantDefects(
  files: DataFiles,
  options: {
    defects: readonly DefectKind[]
    classCount: number
    seed?: number | string
    split?: string
    /** Names of images that may be spoilt; all of the split when absent. */
    only?: readonly string[]
  },
): { changes: Changes; planted: Planted[] } {
  const { seed = 0, split = 'train', classCount } = options
  const changes: Changes = new Map()
  let spare: Target[] = []
  const further = (share: number) => spare.slice(0, Math.max(3, Math.ceil(share * (spare.length + allDefects.length))))
  const site = openSite(files, changes, { split, classCount, further })
  const allowed = options.only && new Set(options.only)
  const candidates = site.targetsOf(split).filter(({ name }) => allowed?.has(name) ?? true)
  const wanted = allDefects.filter((kind) => options.defects.includes(kind))
  const targets = reserve(site, candidates, candidates.length >= 1.5 * allDefects.length ? allDefects : wanted, seed)
  const taken = new Set([...targets.values()].map(({ name }) => name))
  spare = ranked(
    candidates.filter(({ name, rows }) => !taken.has(name) && rows.length > 0),
    `${seed}/further`,
  )
  const planted = wanted.flatMap((kind) => {
    const target = targets.get(kind)
    if (!target) {
      throw new UsageError(`too few images to plant ${kind}`, { mend: 'plant fewer defects, or take more images' })
    }
    const { rule, plant } = defectKinds[kind]
    return plant(site, target, seededRandom(`${seed}/${kind}`)).map((place): Planted => ({ kind, rule, ...place }))
  })
  site.finish()
  return { changes, planted }
}

function reserve(site: DefectSite, candidates: Target[], kinds: readonly DefectKind[], seed: number | string) {
  const targets = new Map<DefectKind, Target>()
  const taken = new Set<string>()
  // Kinds that can't take every image choose first.
  const order = [...kinds].sort((a, b) => Number('suits' in defectKinds[b]) - Number('suits' in defectKinds[a]))
  for (const kind of order) {
    const definition: Kind = defectKinds[kind]
    const suits = definition.suits ?? (({ rows }: Target) => rows.length > 0)
    const target = ranked(candidates, `${seed}/${kind}`).find((one) => !taken.has(one.name) && suits(one, site))
    if (!target) continue
    taken.add(target.name)
    targets.set(kind, target)
  }
  return targets
}

/** Candidates in an order that depends on each one's name alone, so that others may come and go. */
function ranked(candidates: readonly Target[], salt: string): Target[] {
  return candidates
    .map((target) => [sha256(`${salt}/${target.name}`), target] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, target]) => target)
}
