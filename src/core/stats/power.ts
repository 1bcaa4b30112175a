import { normalCdf, normalQuantile } from './distributions.ts'

const z95 = normalQuantile(0.95)
const z99 = normalQuantile(0.99)
const z80 = normalQuantile(0.8)

/** Standard error behind one-sided bounds at 95 % (lower) and 99 % (upper); null where they are none. */
export function standardErrorOf(bounds: { lower95: number; upper99: number }): number | null {
  const error = (bounds.upper99 - bounds.lower95) / (z95 + z99)
  return error > 0 && Number.isFinite(error) ? error : null
}

/** Chance that two equal models pass "not worse by more than the margin" (lower 95 % bound above minus the margin). */
export function equalPass(margin: number, standardError: number): number {
  return normalCdf(margin / standardError - z95)
}

/** Chance that a model worse by `loss` fails: below minus the margin, with its upper 99 % bound below zero. */
export function worseFails(loss: number, margin: number, standardError: number): number {
  return normalCdf((loss - Math.max(margin, z99 * standardError)) / standardError)
}

/** The margin at which equal models pass in four cases of five: 2.486 standard errors. */
export function resolvedMargin(standardError: number): number {
  return (z95 + z80) * standardError
}

/** Units (scenes, images) at which equal models pass this margin in four cases of five; errors shrink by the root. */
export function unitsForMargin(margin: number, standardError: number, units: number): number {
  return Math.ceil(units * (resolvedMargin(standardError) / margin) ** 2)
}
