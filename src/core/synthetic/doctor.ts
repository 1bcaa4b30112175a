import { nearest } from '../documents/suggest.ts'
import { UsageError } from '../errors.ts'
import { type Random, seededRandom } from '../stats/random.ts'
import { describeDefects, plantDefects } from './defects.ts'
import { controls } from './doctor-controls.ts'
import { filePlanters } from './doctor-files.ts'
import { imagePlanters } from './doctor-images.ts'
import { labelPlanters } from './doctor-labels.ts'
import type { Plan, Sample } from './doctor-sample.ts'

/** How one known defect is planted into a sample, written without a look at how it is found. */
export type Planter = {
  id: string
  summary: string
  /** The least severity at which it must be reported to count as caught. */
  least: 'error' | 'warning' | 'info'
  /** What can see it at all; labels and pictures together when left out. */
  needs?: 'champion'
  /** The planted defect, or what the data set lacks for it. */
  plant: (sample: Sample, random: Random) => Plan | string
}

/** Severities that are lower than an error by intention: untidy, not unusable. */
const mild: { [kind: string]: Planter['least'] } = {
  'near-duplicate-box': 'warning',
  'conflicting-classes': 'warning',
  'tiny-box': 'warning',
  'box-over-edge': 'warning',
  'box-just-outside': 'warning',
  'decimal-class': 'info',
  'full-image-box': 'warning',
  'thin-box': 'warning',
  'duplicate-box': 'warning',
  'missing-label': 'warning',
  'orphan-label': 'warning',
  'duplicate-image': 'warning',
  'wrong-suffix': 'warning',
  'listed-twice': 'warning',
  unlisted: 'warning',
}

/** Defects that are none where there is one class only. */
const twoClasses = new Set<string>(['class-flood', 'conflicting-classes'])

/** The defects that `sluice synth` plants, here into somebody's own data. */
function fromSynth(): Planter[] {
  return describeDefects().map(({ kind, summary }) => ({
    id: kind,
    summary,
    least: mild[kind] ?? 'error',
    plant: (sample, random) => {
      if (twoClasses.has(kind) && sample.classes.length < 2) return 'a second class'
      try {
        const options = { defects: [kind], classCount: sample.classes.length, seed: random.int(1 << 30) }
        const { changes, planted } = plantDefects(sample.files, options)
        const images = planted.flatMap(({ image }) => image ?? [])
        return { changes, images, says: planted[0] ? `${planted[0].file}: ${planted[0].says}` : summary }
      } catch (error) {
        if (error instanceof UsageError) return kind === 'class-off-by-one' ? 'a box of the last class' : error.message
        throw error
      }
    },
  }))
}

/** Every known defect, in the order of the table. */
const planters: readonly Planter[] = [...fromSynth(), ...labelPlanters, ...imagePlanters, ...filePlanters]

/** The planters and controls that are asked for; all of them for null. */
export function chosenPlanters(only: readonly string[] | null): { defects: Planter[]; silent: Planter[] } {
  const known = [...planters, ...controls].map(({ id }) => id)
  for (const id of only ?? []) {
    if (known.includes(id)) continue
    const hint = nearest(id, known)
    throw new UsageError(`there is no defect "${id}"${hint ? `; did you mean "${hint}"?` : ''}`, {
      mend: `known: ${known.join(', ')}`,
    })
  }
  const wanted = ({ id }: Planter) => only === null || only.includes(id)
  return { defects: planters.filter(wanted), silent: controls.filter(wanted) }
}

/** One defect planted, from a stream of its own: leaving others out changes nothing of it. */
export function plant(planter: Planter, sample: Sample, seed: number | string): Plan | string {
  return planter.plant(sample, seededRandom(`${seed}/${planter.id}`))
}
