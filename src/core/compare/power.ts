import type { ComparisonBody } from '../documents/evaluation.ts'
import { normalCdf, normalQuantile } from '../stats/distributions.ts'

export type PowerRow = {
  /** δ of a "not worse than" gate, AP on a 0 to 1 scale. */
  margin: number
  /** Chance that two equal models pass it with this validation set. */
  equalPass: number
  /** Chance that a model that is truly worse by twice the margin fails. */
  twiceWorseFails: number
  /** Scenes or images at which equal models pass in four cases of five. */
  unitsFor80: number
}

const margins = [0.005, 0.01, 0.02, 0.03, 0.05, 0.1]
const z95 = normalQuantile(0.95)
const z99 = normalQuantile(0.99)
const z80 = normalQuantile(0.8)

/**
 * What a validation set can tell: power of the gate (lower 95 % bound above −δ passes; below −δ with an upper 99 % bound
 * below zero fails) at several margins, from the standard error of this comparison, which shrinks with the root of the
 * number of units. Null where the comparison has no bounds.
 */
export function powerCurve({ overall, units }: Pick<ComparisonBody, 'overall' | 'units'>): {
  standardError: number
  resolved: number
  rows: PowerRow[]
} | null {
  const { difference, bounds } = overall
  if (!bounds) return null
  const standardError = (bounds.upper99 - bounds.lower95) / (z95 + z99)
  if (!(standardError > 0)) return null
  const rows = margins.map((margin) => ({
    margin,
    equalPass: normalCdf(margin / standardError - z95),
    twiceWorseFails: normalCdf((2 * margin - Math.max(margin, z99 * standardError)) / standardError),
    unitsFor80: Math.ceil(units * (((z95 + z80) * standardError) / margin) ** 2),
  }))
  return Number.isFinite(difference.value) ? { standardError, resolved: (z95 + z80) * standardError, rows } : null
}
