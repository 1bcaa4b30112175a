/** Holm's adjusted p-values, in the order given: rejecting those below alpha errs anywhere with chance alpha at most. */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => 1)
  let most = 0
  for (const [rank, index] of ascending(pValues).entries()) {
    most = Math.max(most, Math.min(1, (pValues[index] as number) * (pValues.length - rank)))
    adjusted[index] = most
  }
  return adjusted
}

/** Benjamini and Hochberg's adjusted p-values: of those rejected below q, a share q is wrong on average. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => 1)
  const order = ascending(pValues)
  let least = 1
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const index = order[rank] as number
    least = Math.min(least, ((pValues[index] as number) * pValues.length) / (rank + 1))
    adjusted[index] = least
  }
  return adjusted
}

function ascending(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number))
}
