import type { Dataset } from '../dataset/model.ts'
import { classCounts, imbalanceRatio, normalisedEntropy } from './balance.ts'

/** How many classes of equal size have this entropy: e^H, H in nats; 0 when there is nothing. */
export function effectiveClasses(counts: ArrayLike<number>): number {
  const list = Array.from(counts)
  const total = list.reduce((a, b) => a + b, 0)
  if (total === 0) return 0
  return Math.exp(list.reduce((sum, n) => (n > 0 ? sum - (n / total) * Math.log(n / total) : sum), 0))
}

/** Chance that two boxes drawn at random are of different classes: Gini–Simpson, 1 − Σp². */
export function giniSimpson(counts: ArrayLike<number>): number {
  const list = Array.from(counts)
  const total = list.reduce((a, b) => a + b, 0)
  return total === 0 ? 0 : 1 - list.reduce((sum, n) => sum + (n / total) ** 2, 0)
}

/**
 * Weights by the effective number of boxes (Cui et al. 2019): 1 / E, E = (1 − βⁿ) / (1 − β), scaled so that those of
 * classes that occur add up to how many they are; 0 for a class without boxes.
 */
export function effectiveNumberWeights(counts: ArrayLike<number>, beta: number): number[] {
  const inverse = Array.from(counts, (n) => (n > 0 ? (1 - beta) / (1 - beta ** n) : 0))
  const sum = inverse.reduce((a, b) => a + b, 0)
  const present = inverse.filter((weight) => weight > 0).length
  return inverse.map((weight) => (sum > 0 ? (weight / sum) * present : 0))
}

/** One sentence on the balance of the training boxes, of all boxes where there are no splits; null without any. */
export function balanceNote(dataset: Dataset): string | null {
  const train = classCounts(dataset, 'train')
  const { boxes } = train.boxCount > 0 ? train : classCounts(dataset)
  const counts = boxes.slice(0, dataset.classes.length)
  if (counts.every((n) => n === 0)) return null
  const weights = effectiveNumberWeights(counts, 0.999)
  const told = dataset.classes.map((name, id) => `${name} ${(weights[id] as number).toFixed(2)}`)
  const measures = [
    `entropy ${normalisedEntropy(counts).toFixed(2)} of 1`,
    `${effectiveClasses(counts).toFixed(1)} effective classes of ${counts.length}`,
    `largest to smallest ${imbalanceRatio(counts).toFixed(1)}`,
    `Gini–Simpson ${giniSimpson(counts).toFixed(2)}`,
  ]
  const weighed = told.length <= 20 ? `; weights by effective number (β 0.999): ${told.join(', ')}` : ''
  return `Balance of training boxes: ${measures.join(', ')}${weighed}.`
}
