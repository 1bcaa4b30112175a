import type { Dataset } from '../dataset/model.ts'
import type { DatasetDiffBody } from '../documents/dataset-diff.ts'
import type { DriftBody } from '../documents/operational.ts'
import { type Random, seededRandom } from '../stats/random.ts'
import { diffDatasets } from './dataset-diff.ts'
import type { DriftUnits } from './drift-blocks.ts'
import {
  boxMeasures,
  classTotals,
  type DriftColumns,
  type DriftSide,
  driftColumns,
  pictureMeasures,
  sharedClasses,
} from './drift-columns.ts'
import type { DriftComparison } from './drift-comparison.ts'
import { decideDrift, type Judged } from './drift-decide.ts'
import { classesMeant, type Expectation, intended, outcomeNotes, outcomesOf } from './drift-expects.ts'
import { rawMeasures } from './drift-measures.ts'
import { pairedUnits, unitsOf, whatIsBrought } from './drift-units.ts'

export type DriftOptions = {
  /** Drift that the proposal's spec says it intends; the declared direction is what is checked. */
  expects?: readonly Expectation[]
  /** Names of measures whose drift is a record in either direction, without any promise. */
  declared?: readonly string[]
  /** The difference of both versions, when it is known already. */
  diff?: DatasetDiffBody
  seed?: number
}

const fewestImages = 10

/**
 * Drift of what a proposal brings: added images against all of the base, relabelled ones against their former labels
 * (whoever mends the night images has not made the data darker). Units are scenes or videos where known, else images.
 */
export function measureDrift(base: Dataset, head: Dataset, options: DriftOptions = {}): DriftBody {
  const diff = options.diff ?? diffDatasets(base, head)
  const rename = new Map(diff.classes.renamed.map(({ from, to }) => [from, to]))
  const classes = sharedClasses(base, head, rename)
  const columns = { base: driftColumns(base, classes, rename), head: driftColumns(head, classes) }
  const { added, relabelled } = whatIsBrought(base, head, diff)
  const sides = {
    base: all(columns.base),
    head: all(columns.head),
    added: side(columns.head, added),
    former: side(
      columns.base,
      relabelled.map((pair) => pair.base),
    ),
    relabelled: side(
      columns.head,
      relabelled.map((pair) => pair.head),
    ),
  }
  const meant = classesMeant([...(options.expects ?? []), ...(options.declared ?? []).map((measure) => ({ measure }))])
  const units = {
    added: unitsOf(sides.base, sides.added),
    relabelled: pairedUnits(sides.former, sides.relabelled),
  }
  const random = seededRandom(`drift ${options.seed ?? 0}`)
  const measured = [
    ...compareSides('added', { before: sides.base, after: sides.added, classes, meant }, units.added, random),
    ...compareSides(
      'relabelled',
      { before: sides.former, after: sides.relabelled, classes, meant },
      units.relabelled,
      random,
    ),
  ]
  const measures = decideDrift(measured)
  const expects = outcomesOf(options.expects ?? [], measures)
  const known = ['class mix', ...classes.map((name) => `share of ${name}`), 'boxes an image']
  return {
    measures,
    shares: sharesOf(classes, sides),
    declared: [...new Set([...(options.declared ?? []), ...intended(expects, measures)])],
    expects,
    compared: {
      unit: units.added.unit,
      base: { images: base.images.length, units: units.added.before.length },
      added: { images: added.length, units: units.added.after.length },
      relabelled: { images: relabelled.length, units: units.relabelled.after.length },
    },
    notes: [
      ...outcomeNotes(expects, [...known, ...boxMeasures, ...pictureMeasures]),
      ...notesOf(sides, measures.length > 0, units.added),
    ],
  }
}

function all(columns: DriftColumns): DriftSide {
  return { columns, images: Uint32Array.from({ length: columns.start.length - 1 }, (_, i) => i) }
}

function side(columns: DriftColumns, images: readonly number[]): DriftSide {
  return { columns, images: Uint32Array.from(images) }
}

/** Every measure of one group against what it is compared with, undecided; nothing of fewer than ten images. */
export function compareSides(
  of: Judged['of'],
  sides: Omit<DriftComparison, 'paired'>,
  units: DriftUnits,
  random: Random,
): Judged[] {
  const { before, after } = sides
  if (Math.min(before.images.length, after.images.length) < fewestImages) return []
  const counts = {
    before: { images: before.images.length, units: units.before.length },
    after: { images: after.images.length, units: units.after.length },
  }
  return rawMeasures({ ...sides, paired: of === 'relabelled' }, units, random).map((raw) => ({ of, raw, ...counts }))
}

type Sides = Record<'base' | 'head' | 'added' | 'former' | 'relabelled', DriftSide>

function sharesOf(classes: readonly string[], { base, head, added }: Sides): DriftBody['shares'] {
  const share = (of: DriftSide) => {
    const counts = classTotals(of, classes.length)
    const total = counts.reduce((sum, count) => sum + count, 0)
    return counts.map((count) => (total > 0 ? count / total : 0))
  }
  const [before, after, brought] = [share(base), share(head), share(added)]
  return classes.map((className, k) => ({
    className,
    before: before[k] as number,
    after: after[k] as number,
    ...(added.images.length > 0 ? { added: brought[k] as number } : {}),
  }))
}

function notesOf({ base, added, relabelled }: Sides, measured: boolean, units: DriftUnits): string[] {
  const notes: string[] = []
  const few = (one: DriftSide) => one.images.length > 0 && one.images.length < fewestImages
  const words = (n: number) => `${n} image${n === 1 ? ' was' : 's were'}`
  if (added.images.length + relabelled.images.length === 0) return ['no image was added and no label changed']
  if (base.images.length < fewestImages) notes.push(`the base has fewer than ${fewestImages} images to compare with`)
  for (const [group, what] of [
    [added, 'added'],
    [relabelled, 'relabelled'],
  ] as const)
    if (few(group))
      notes.push(`only ${words(group.images.length)} ${what}, under ${fewestImages} nothing is said of drift`)
  if (!measured) return notes
  if (units.unit === 'image') notes.push('provenance names no scene or video: every image counts as independent')
  if (added.images.length >= fewestImages) {
    const missing = pictureMeasures.filter((name) =>
      [base, added].some(({ columns, images }) => images.every((image) => Number.isNaN(columns.images[name][image]))),
    )
    if (missing.length > 0) notes.push(`not measured, since pictures were not read: ${missing.join(', ')}`)
  }
  return notes
}
