import type { Dataset } from '../dataset/model.ts'
import { splitMeasures } from '../stats/split-measures.ts'
import { classCounts } from './balance.ts'

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
