import { chiSquareStatistic } from '../../stats/chi-square.ts'
import { jensenShannonBits } from '../../stats/divergence.ts'
import { classCounts } from '../balance.ts'
import { type RawFinding, type Rule, wholeFinding } from '../rule.ts'

/** Below this many images a share says too little. */
const leastImages = 30
/** Chi-square of one degree of freedom at p = 0.001: what chance explains is not told. */
const leastChiSquare = 10.83

export const splitDivergence: Rule = {
  id: 'split-divergence',
  severity: 'warning',
  scope: 'dataset',
  title: 'A split shows another world than training',
  explanation:
    'Shares of images that show a class, compared by Jensen–Shannon divergence: scores tell little where they differ by more than chance.',
  mend: 'Split again by group, so that each split has its share of each class, or say why they differ.',
  limit: { value: 0.05, meaning: 'Jensen–Shannon divergence in bits at most' },
  check: ({ dataset, limit }) => {
    const train = classCounts(dataset, 'train')
    const found: RawFinding[] = []
    for (const split of ['val', 'test'] as const) {
      const other = classCounts(dataset, split)
      if (train.imageCount < leastImages || other.imageCount < leastImages) continue
      for (const [id, name] of dataset.classes.entries()) {
        const [p, q] = [(train.images[id] ?? 0) / train.imageCount, (other.images[id] ?? 0) / other.imageCount]
        const bits = jensenShannonBits([p, 1 - p], [q, 1 - q])
        const shown = [train.images[id] ?? 0, other.images[id] ?? 0] as const
        const table = [
          [shown[0], train.imageCount - shown[0]],
          [shown[1], other.imageCount - shown[1]],
        ]
        if (bits <= limit || chiSquareStatistic(table) < leastChiSquare) continue
        const shares = `${(p * 100).toFixed(0)} % of images in train, ${(q * 100).toFixed(0)} % in ${split}`
        found.push(wholeFinding(`class "${name}": ${shares} (${bits.toFixed(3)} bits)`, `${split} ${name}`))
      }
    }
    return found
  },
}
