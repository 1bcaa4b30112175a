/** Which labels each example has, row by row: labels[i] are indices below `labelCount`, each at most once. */
export type Examples = { labels: readonly (readonly number[])[]; labelCount: number }

/** Counts of examples with each label, by split, and all examples of each split. */
function countsOf({ labels, labelCount }: Examples, split: ArrayLike<number>, splits: number) {
  const withLabel = Array.from({ length: splits }, () => new Float64Array(labelCount))
  const size = new Float64Array(splits)
  for (const [i, own] of labels.entries()) {
    const row = withLabel[split[i] as number]
    if (!row) continue
    size[split[i] as number]!++
    for (const label of own) row[label]!++
  }
  return { withLabel, size }
}

/**
 * Labels distribution of Sechidis, Tsoumakas and Vlahavas (2011): mean over labels and splits of how far the odds of a
 * label in a split are from its odds in all examples. 0 is best; infinite where a split has a label on every example.
 */
export function labelsDistribution(examples: Examples, split: ArrayLike<number>, splits: number): number {
  const { withLabel, size } = countsOf(examples, split, splits)
  const total = size.reduce((sum, n) => sum + n, 0)
  const odds = (having: number, all: number) => (all === having ? Number.POSITIVE_INFINITY : having / (all - having))
  let sum = 0
  for (let label = 0; label < examples.labelCount; label++) {
    const whole = withLabel.reduce((count, row) => count + (row[label] as number), 0)
    for (let j = 0; j < splits; j++) {
      const [here, everywhere] = [odds(withLabel[j]?.[label] ?? 0, size[j] as number), odds(whole, total)]
      if (here !== everywhere) sum += Math.abs(here - everywhere)
    }
  }
  return examples.labelCount * splits > 0 ? sum / (examples.labelCount * splits) : 0
}

/** Examples distribution of the same authors: mean over splits of how many examples they are from their share. */
export function examplesDistribution(split: ArrayLike<number>, shares: readonly number[]): number {
  const size = new Float64Array(shares.length)
  for (let i = 0; i < split.length; i++) size[split[i] as number]!++
  return shares.reduce((sum, share, j) => sum + Math.abs((size[j] as number) - share * split.length), 0) / shares.length
}
