import type { ComparisonBody } from '../documents/evaluation.ts'
import { equalPass, resolvedMargin, standardErrorOf, unitsForMargin, worseFails } from '../stats/power.ts'

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
  const standardError = standardErrorOf(bounds)
  if (standardError === null) return null
  const rows = margins.map((margin) => ({
    margin,
    equalPass: equalPass(margin, standardError),
    twiceWorseFails: worseFails(2 * margin, margin, standardError),
    unitsFor80: unitsForMargin(margin, standardError, units),
  }))
  return Number.isFinite(difference.value) ? { standardError, resolved: resolvedMargin(standardError), rows } : null
}
