import type { Dataset } from '../../dataset/model.ts'
import { type ClassCounts, classCounts, imbalanceRatio, normalisedEntropy } from '../balance.ts'
import { type RawFinding, type Rule, wholeFinding } from '../rule.ts'

/** Share of its images that a class may lose, and growth of the imbalance ratio; those two have no policy limit. */
const mostLoss = 0.2
const mostGrowth = 2

export const classBalance: Rule = {
  id: 'class-balance',
  severity: 'error',
  scope: 'dataset',
  needsBase: true,
  title: 'The balance of classes became worse',
  explanation:
    'Compared with the base: normalised entropy of the training boxes fell, a class lost over 20 % of its images, or the largest class is over twice as far from the smallest as before.',
  mend: 'Bring images of the rare classes too, or waive the finding with the reason.',
  limit: { value: 0.05, meaning: 'fall of the normalised entropy H / ln C at most' },
  check: ({ dataset, base, limit }) => {
    if (!base) return []
    const before = trained(base)
    const after = aligned(trained(dataset), dataset, base)
    if (before.boxCount === 0 || after.boxCount === 0) return []
    const found: RawFinding[] = []
    const fall = normalisedEntropy(before.boxes) - normalisedEntropy(after.boxes)
    if (fall > limit + 1e-12) found.push(wholeFinding(`normalised entropy fell by ${fall.toFixed(3)}`, 'entropy'))
    const [was, is] = [imbalanceRatio(before.boxes), imbalanceRatio(after.boxes)]
    if (is > mostGrowth * was) {
      found.push(wholeFinding(`imbalance ratio rose from ${was.toFixed(1)} to ${is.toFixed(1)}`, 'imbalance'))
    }
    for (const [id, name] of base.classes.entries()) {
      const [had, has] = [before.images[id] ?? 0, after.images[id] ?? 0]
      if (had > 0 && has < had * (1 - mostLoss)) {
        found.push(wholeFinding(`class "${name}" is in ${has} training images, in the base in ${had}`, `loss ${name}`))
      }
    }
    return found
  },
}

/** Counts of the training split; of everything where there are no splits. */
function trained(dataset: Dataset): ClassCounts {
  const train = classCounts(dataset, 'train')
  return train.imageCount > 0 ? train : classCounts(dataset)
}

/** Counts in the order of the base's classes, matched by name; classes that are new come after. */
function aligned(counts: ClassCounts, dataset: Dataset, base: Dataset): ClassCounts {
  const names = [...base.classes, ...dataset.classes.filter((name) => !base.classes.includes(name))]
  const at = names.map((name) => dataset.classes.indexOf(name))
  const pick = (from: Float64Array) => Float64Array.from(at, (id) => (id < 0 ? 0 : (from[id] ?? 0)))
  return { ...counts, boxes: pick(counts.boxes), images: pick(counts.images) }
}
