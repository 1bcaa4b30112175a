import { betaQuantile, normalQuantile, studentQuantile } from './distributions.ts'

/** A share of `of` things that came in `units` groups, and what it was when whole groups were drawn again. */
export type ClusteredShare = { value: number; of: number; units: number; resampled: readonly number[] }

/**
 * One-sided bounds of a share whose things come in groups: it is above the first with 95 %, below the second with 99 %
 * confidence. The spread of the resamples tells how many independent things the groups are worth (Korn and Graubard
 * 1998); as many in a binomial give Clopper and Pearson's exact bounds. Percentiles of the resamples alone would call
 * nothing missed in twenty a certainty. Null with fewer than two groups: nothing is known of the error.
 */
export function clusteredShareBounds(share: ClusteredShare | null): { lower95: number; upper99: number } | null {
  if (!share || share.units < 2 || share.resampled.length < 2) return null
  const { value, units } = share
  const worth = independentOf(share)
  /** Student's t for the groups, since their spread is itself an estimate. */
  const worthAt = (level: number) => worth * (normalQuantile(level) / studentQuantile(level, units - 1)) ** 2
  const [below, above] = [worthAt(0.95), worthAt(0.99)]
  return {
    lower95: value <= 0 ? 0 : betaQuantile(0.05, value * below, (1 - value) * below + 1),
    upper99: value >= 1 ? 1 : betaQuantile(0.99, value * above + 1, (1 - value) * above),
  }
}

/** How many independent things would spread as far; as many as there are groups where nothing spreads. */
function independentOf({ value, of, units, resampled }: ClusteredShare): number {
  const mean = resampled.reduce((sum, one) => sum + one, 0) / resampled.length
  const squares = resampled.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  // A bootstrap of n groups has the variance of n, where n − 1 is what is estimated.
  const variance = (squares / (resampled.length - 1)) * (units / (units - 1))
  const alone = value * (1 - value)
  return variance > 0 && alone > 0 ? Math.min(of, alone / variance) : Math.min(of, units)
}
