import type { Dataset } from '../dataset/model.ts'
import { classCounts } from './balance.ts'

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

/** Pearson's chi-square of a table of counts against equal shares in every row; rows and columns of zeros count for nothing. */
export function chiSquareHomogeneity(table: readonly (readonly number[])[]): number {
  const rows = table.map((row) => row.reduce((a, b) => a + b, 0))
  const columns = (table[0] ?? []).map((_, j) => table.reduce((sum, row) => sum + (row[j] as number), 0))
  const all = rows.reduce((a, b) => a + b, 0)
  return table.reduce(
    (sum, row, i) =>
      row.reduce((inner, seen, j) => {
        const expected = ((rows[i] as number) * (columns[j] as number)) / all
        return expected > 0 ? inner + (seen - expected) ** 2 / expected : inner
      }, sum),
    0,
  )
}

/** One sentence on how evenly the splits share classes; null with fewer than two splits. */
export function splitNote(dataset: Dataset, wanted: { val: number; test?: number } | null): string | null {
  const splits = (['train', 'val', 'test'] as const)
    .map((split) => ({ split, counts: classCounts(dataset, split) }))
    .filter(({ counts }) => counts.imageCount > 0)
  if (splits.length < 2 || dataset.classes.length === 0) return null
  const sizes = splits.map(({ counts }) => counts.imageCount)
  const withLabel = dataset.classes.map((_, id) => splits.map(({ counts }) => counts.images[id] ?? 0))
  const all = sizes.reduce((a, b) => a + b, 0)
  const shares = splits.map(({ split }, j) => {
    if (!wanted) return (sizes[j] as number) / all
    return split === 'train' ? 1 - wanted.val - (wanted.test ?? 0) : split === 'val' ? wanted.val : (wanted.test ?? 0)
  })
  const { labelDistribution, capped, exampleDistribution } = splitMeasures(withLabel, sizes, shares)
  const infinite =
    capped > 0
      ? ` (in ${capped} of ${sizes.length * withLabel.length} cases every image of a split shows a class; counted as if one did not)`
      : ''
  const size = wanted ? `, sizes ${exampleDistribution.toFixed(1)} images from the spec's shares on average` : ''
  const named = splits.map(({ split }, j) => `${split} ${sizes[j]}`).join(', ')
  return `Splits (${named} images): label distribution ${labelDistribution.toFixed(3)}, 0 is even${infinite}${size}.`
}
