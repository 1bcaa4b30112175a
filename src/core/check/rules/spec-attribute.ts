import { firstFew, type RawFinding, type Rule } from '../rule.ts'
import { limitedBoxes, rulesByClass } from '../spec-limits.ts'

export const specAttribute: Rule = {
  id: 'spec-attribute',
  severity: 'warning',
  scope: 'image',
  title: 'Boxes lack an attribute that the spec requires',
  explanation:
    'In the spec labels.rules[].limits.requires: attributes of provenance that each box of the class has. YOLO label files have no room for them.',
  mend: 'Write the attribute for each box to provenance.ndjson.',
  check: (context) => {
    const byClass = rulesByClass(context.dataset, context.spec)
    if (!byClass) return []
    const found: RawFinding[] = []
    for (const at of context.images) {
      const lines = new Map<string, string[]>()
      for (const { row, limits, attributes } of limitedBoxes(context, at, byClass)) {
        for (const attribute of limits.requires ?? []) {
          if (attributes?.[attribute] !== undefined) continue
          lines.set(attribute, [...(lines.get(attribute) ?? []), String(context.dataset.boxes.line[row])])
        }
      }
      const image = context.dataset.images[at]
      if (!image) continue
      for (const [attribute, rows] of lines) {
        const message = `${rows.length} box${rows.length === 1 ? '' : 'es'} without ${attribute}: line ${firstFew(rows)}`
        found.push({ file: image.labelFile ?? '', line: 0, image: image.name, message, key: attribute })
      }
    }
    return found
  },
}
