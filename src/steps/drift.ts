import { type DriftOptions, measureDrift } from '../core/compare/drift.ts'
import { whatIsBrought } from '../core/compare/drift-units.ts'
import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { DatasetSpecBody } from '../core/documents/declared.ts'
import type { Document, Subject } from '../core/documents/define.ts'
import { type DriftBody, drift as driftDocument } from '../core/documents/operational.ts'
import { printable } from '../core/documents/printable.ts'
import { seededRandom } from '../core/stats/random.ts'
import type { Console } from '../ports.ts'

export type DriftDocument = Document<'Drift', DriftBody>

/** Measures how far what a version brings is from the one before; the subject is as in diff. */
export function drift(before: Dataset, after: Dataset, subject: Subject, options: DriftOptions = {}): DriftDocument {
  return driftDocument.make(subject, measureDrift(before, after, options))
}

/** Drift of a proposal, against what its spec says it expects; whole data sets with all labels, looks if there are any. */
export function driftOfProposal(
  base: Dataset,
  head: Dataset,
  spec: Pick<DatasetSpecBody, 'expects'> | null,
  options: Omit<DriftOptions, 'expects'> = {},
): DriftDocument {
  const subject = { ...datasetDigests(head), base: datasetDigests(base).labels }
  return drift(base, head, subject, { ...options, expects: spec?.expects ?? [] })
}

const mostPictures = { base: 2000, head: 5000 }

/** Names of the images whose pictures are worth reading for drift: what is added, and a seeded sample of the base. */
export function pictureSample(
  base: Dataset,
  head: Dataset,
  diff: DatasetDiffBody,
): Record<'base' | 'head', Set<string>> {
  const random = seededRandom('drift pictures')
  const choose = (dataset: Dataset, images: readonly number[], most: number) =>
    new Set((images.length > most ? random.shuffle(images).slice(0, most) : images).map((i) => nameOf(dataset, i)))
  const { added } = whatIsBrought(base, head, diff)
  if (added.length === 0) return { base: new Set(), head: new Set() }
  const all = base.images.map((_, i) => i)
  return { base: choose(base, all, mostPictures.base), head: choose(head, added, mostPictures.head) }
}

function nameOf(dataset: Dataset, image: number): string {
  return dataset.images[image]?.name ?? ''
}

const ranks = { drift: 0, inconclusive: 1, info: 2, none: 3 }
const words = { drift: 'drift', inconclusive: 'open', info: 'small', none: 'none' }

/** Prints drift: what was compared, every measure worth a word with its effect and chance, and what is open. */
export function printDrift(body: DriftBody, console: Console): void {
  const print = (line: string) => console.print(printable(line))
  const { compared, measures, notes } = body
  if (compared) {
    const { base, added, relabelled, unit } = compared
    const units = (of: typeof added) =>
      unit === 'scene' ? `${of.images} images (${of.units} scenes)` : `${of.images} images`
    print(`${units(added)} added against ${units(base)} of the base; ${relabelled.images} images with other labels`)
  }
  const told = measures
    .filter(({ verdict }) => verdict === 'drift' || verdict === 'inconclusive')
    .sort((a, b) => ranks[a.verdict ?? 'none'] - ranks[b.verdict ?? 'none'] || b.value / b.limit - a.value / a.limit)
  for (const { name, of, value, limit, adjustedP = 1, verdict = 'none', direction, detail } of told) {
    const record = body.declared.includes(name) && verdict === 'drift' ? ', declared' : ''
    const where = of === 'relabelled' ? ' (relabelled)' : ''
    const arrow = direction === undefined ? '' : ` ${direction}`
    print(
      `${words[verdict].padEnd(6)} ${name}${where}${arrow}: ${value.toFixed(3)} (limit ${limit}), p ${chance(adjustedP)}${record}; ${detail ?? ''}`,
    )
  }
  const quiet = measures.length - told.length
  if (measures.length > 0) print(`${quiet} of ${measures.length} measures did not drift`)
  for (const note of notes) print(`note: ${note}`)
}

function chance(p: number): string {
  return p < 0.001 ? 'below 0.001' : p.toFixed(3)
}
