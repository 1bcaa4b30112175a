import type { DriftBody } from '../documents/operational.ts'
import { holmAdjusted } from '../stats/multiple-tests.ts'
import { driftLimits, type RawMeasure } from './drift-comparison.ts'

type Measure = DriftBody['measures'][number]
type Counts = { images: number; units: number }

/** Chance of one false alarm over all measures of one proposal. */
const driftAlpha = 0.01

export type Judged = { of: 'added' | 'relabelled'; raw: RawMeasure; before: Counts; after: Counts }

/** Effect and corrected significance together: both is drift, effect alone is open, significance alone is news. */
export function decideDrift(measured: readonly Judged[]): Measure[] {
  const adjusted = holmAdjusted(measured.map(({ raw }) => raw.p))
  return measured.map((one, k) => {
    const { raw } = one
    const adjustedP = adjusted[k] as number
    const limit = driftLimits[raw.kind]
    const worth = raw.value >= limit
    const sure = adjustedP < driftAlpha
    const verdict = worth ? (sure ? 'drift' : 'inconclusive') : sure ? 'info' : 'none'
    const settles = verdict === 'inconclusive' ? imagesToSettle(one, measured.length) : undefined
    return {
      ...{ name: raw.name, of: one.of, unit: units[raw.kind], value: raw.value, limit },
      ...{ exceeded: verdict === 'drift', p: raw.p, adjustedP, verdict },
      ...(raw.direction === null ? {} : { direction: raw.direction }),
      ...(raw.before === null || raw.after === null ? {} : { before: raw.before, after: raw.after }),
      ...(settles === undefined ? {} : { settles }),
      detail: detailOf(one, settles),
    }
  })
}
const units = { mix: 'distance', share: 'h', gap: 'gap' }

/**
 * How many images would make an effect of this size significant. The tail of every statistic here falls like
 * 2 exp(−2 λ²) with λ growing as the root of n m / (n + m): the observed p gives λ, the level asked for gives its goal.
 */
function imagesToSettle({ of, raw, before, after }: Judged, tests: number): number | null {
  const lambda = (p: number) => Math.sqrt(-Math.log(Math.min(p, 0.99) / 2) / 2)
  const grow = (lambda((driftAlpha * 0.99) / tests) / lambda(raw.p)) ** 2
  const perUnit = after.images / after.units
  if (of === 'relabelled') return Math.ceil(after.units * grow * perUnit)
  const inverse = (1 / before.units + 1 / after.units) / grow - 1 / before.units
  return inverse > 0 ? Math.ceil(perUnit / inverse) : null
}

function detailOf({ of, raw }: Judged, settles: number | null | undefined): string {
  const whole = { mix: 'Jensen-Shannon distance of the class mix, base 2', share: '', gap: '' }[raw.kind]
  const where = of === 'added' ? 'in what is added' : 'after relabelling'
  const values =
    raw.before === null || raw.after === null
      ? whole
      : raw.kind === 'share'
        ? `${percent(raw.before)} of boxes before, ${percent(raw.after)} ${where}`
        : `median ${shown(raw.name, raw.before)} before, ${shown(raw.name, raw.after)} ${where}`
  if (settles === undefined) return values
  const need = settles === null ? 'the base is too small to be sure' : `about ${settles} images would settle it`
  return `${values}; ${need}`
}

function shown(name: string, value: number): string {
  if (name === 'box size') return `${percent(value)} of the image’s side`
  if (name === 'box x' || name === 'box y') return percent(value)
  return value >= 10 ? value.toFixed(0) : value.toFixed(2)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
