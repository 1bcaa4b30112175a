import { classCounts } from '../balance.ts'
import { type Rule, wholeFinding } from '../rule.ts'

export const classDrift: Rule = {
  id: 'class-drift',
  severity: 'info',
  scope: 'dataset',
  needsBase: true,
  title: 'Shares of classes moved against the base',
  explanation:
    'Total variation distance of the class shares of all boxes; it reports, since new data is meant to differ.',
  mend: 'Nothing is to be done when the change is meant.',
  limit: { value: 0.1, meaning: 'total variation distance, 0 to 1, at most' },
  check: ({ dataset, base, limit }) => {
    if (!base) return []
    const [before, after] = [classCounts(base), classCounts(dataset)]
    if (before.boxCount === 0 || after.boxCount === 0) return []
    const names = [...new Set([...base.classes, ...dataset.classes])]
    const moved = names.map((name) => {
      const was = (before.boxes[base.classes.indexOf(name)] ?? 0) / before.boxCount
      return { name, was, is: (after.boxes[dataset.classes.indexOf(name)] ?? 0) / after.boxCount }
    })
    const distance = moved.reduce((sum, { was, is }) => sum + Math.abs(is - was), 0) / 2
    if (distance <= limit) return []
    const most = moved.sort((a, b) => Math.abs(b.is - b.was) - Math.abs(a.is - a.was))[0] as (typeof moved)[number]
    const percent = (share: number) => `${(share * 100).toFixed(0)} %`
    const message = `class shares moved by ${distance.toFixed(2)}, most "${most.name}": ${percent(most.was)} to ${percent(most.is)}`
    return [wholeFinding(message, 'drift')]
  },
}
