import { splitMeasures } from '../stats/split-measures.ts'

/** Which labels each example has, row by row: labels[i] are indices below `labelCount`, each at most once. */
export type Examples = { labels: readonly (readonly number[])[]; labelCount: number }

/**
 * Labels distribution of Sechidis, Tsoumakas and Vlahavas (2011): mean over labels and splits of how far the odds of a
 * label in a split are from its odds in all examples. 0 is best; infinite where a split has a label on every example.
 */
export function labelsDistribution(examples: Examples, split: ArrayLike<number>, splits: number): number {
  const withLabel = Array.from({ length: examples.labelCount }, () => new Array<number>(splits).fill(0))
  for (const [i, own] of examples.labels.entries()) for (const label of own) withLabel[label]![split[i] as number]!++
  const sizes = sizesOf(split, splits)
  const { labelDistribution, capped } = splitMeasures(withLabel, sizes, sizes)
  return capped > 0 ? Number.POSITIVE_INFINITY : labelDistribution
}

/** Examples distribution of the same authors: mean over splits of how many examples they are from their share. */
export function examplesDistribution(split: ArrayLike<number>, shares: readonly number[]): number {
  return splitMeasures([], sizesOf(split, shares.length), shares).exampleDistribution
}

function sizesOf(split: ArrayLike<number>, splits: number): number[] {
  const sizes = new Array<number>(splits).fill(0)
  for (let i = 0; i < split.length; i++) sizes[split[i] as number]!++
  return sizes
}
