/** How evenly splits share the labels (Sechidis et al. 2011), on images. */
export type SplitMeasures = {
  /** Mean distance of a label's odds in a split from its odds in all: 0 is even. */
  labelDistribution: number
  /** Odds without end (a split in which every image has the label), counted as if one more image lacked it. */
  capped: number
  /** Mean distance of a split's size from the wanted one, in images. */
  exampleDistribution: number
}

/** `withLabel[l][j]`: images of split j that show label l; `sizes[j]`: images of split j; `shares[j]`: wanted. */
export function splitMeasures(
  withLabel: readonly (readonly number[])[],
  sizes: readonly number[],
  shares: readonly number[],
): SplitMeasures {
  const all = sizes.reduce((a, b) => a + b, 0)
  let capped = 0
  const odds = (has: number, of: number) => {
    if (has < of) return has / (of - has)
    capped++
    return has
  }
  let sum = 0
  for (const counts of withLabel) {
    const having = counts.reduce((a, b) => a + b, 0)
    // A label that every image has is shared evenly whatever the split.
    if (having === all) continue
    const total = having / (all - having)
    for (const [j, has] of counts.entries()) sum += Math.abs(odds(has, sizes[j] as number) - total)
  }
  const cells = withLabel.length * sizes.length
  const missed = sizes.reduce((total, size, j) => total + Math.abs(size - (shares[j] as number) * all), 0)
  return {
    labelDistribution: cells > 0 ? sum / cells : 0,
    capped,
    exampleDistribution: sizes.length > 0 ? missed / sizes.length : 0,
  }
}
