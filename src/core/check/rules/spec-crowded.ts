import { firstFew, type RawFinding, type Rule } from '../rule.ts'
import { limitedBoxes, rulesByClass } from '../spec-limits.ts'

export const specCrowded: Rule = {
  id: 'spec-crowded',
  severity: 'warning',
  scope: 'image',
  title: 'An image has more boxes of a class than the spec expects',
  explanation: 'In the spec labels.rules[].limits.maximumPerImage; boxes that are marked ignore do not count.',
  mend: 'Look at the image: boxes may be there twice, or a crowd was drawn one by one.',
  check: (context) => {
    const byClass = rulesByClass(context.dataset, context.spec)
    if (!byClass) return []
    const found: RawFinding[] = []
    for (const at of context.images) {
      const counts = new Map<string, { count: number; most: number; name: string }>()
      for (const { row, rule, limits } of limitedBoxes(context, at, byClass)) {
        const name = context.dataset.classes[context.dataset.boxes.classId[row] as number] ?? ''
        const known = counts.get(rule) ?? { count: 0, most: limits.maximumPerImage ?? Number.POSITIVE_INFINITY, name }
        counts.set(rule, { ...known, count: known.count + 1 })
      }
      const over = [...counts].filter(([, { count, most }]) => count > most)
      const image = context.dataset.images[at]
      if (!image || over.length === 0) continue
      const told = over.map(([rule, { count, most, name }]) => `${count} of ${name}, at most ${most} (rule "${rule}")`)
      const key = over.map(([rule]) => rule).join(' ')
      found.push({ file: image.labelFile ?? '', line: 0, image: image.name, message: firstFew(told), key })
    }
    return found
  },
}
