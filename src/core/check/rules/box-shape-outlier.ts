import { median, modifiedZ } from '../balance.ts'
import { classNameOf, type RawFinding, type Rule, rowFinding } from '../rule.ts'

const leastBoxes = 20
/** Where a class is very uniform any deviation has a high score; one under half as much again is not worth a look. */
const leastDeviation = Math.log(1.5)

export const boxShapeOutlier: Rule = {
  id: 'box-shape-outlier',
  severity: 'info',
  scope: 'dataset',
  title: 'A box has an unusual shape or size for its class',
  explanation:
    'Modified z-score of ln(w/h) and of ½ ln(wh) within a class of at least 20 boxes; a hint where to look, not a fault.',
  mend: 'Look at the box; nothing is to be done when it is right.',
  limit: { value: 3.5, meaning: 'modified z-score (Iglewicz and Hoaglin) at most' },
  check: (context) => {
    const { dataset } = context
    const { w, h, classId, count } = dataset.boxes
    const rowsOf = new Map<number, number[]>()
    for (let row = 0; row < count; row++) {
      if (!((w[row] as number) > 0 && (h[row] as number) > 0)) continue
      const rows = rowsOf.get(classId[row] as number)
      if (rows) rows.push(row)
      else rowsOf.set(classId[row] as number, [row])
    }
    const found: RawFinding[] = []
    for (const rows of rowsOf.values()) {
      if (rows.length < leastBoxes) continue
      const shape = scores(rows.map((row) => Math.log((w[row] as number) / (h[row] as number))))
      const size = scores(rows.map((row) => Math.log((w[row] as number) * (h[row] as number)) / 2))
      for (const [i, row] of rows.entries()) {
        const [a, b] = [shape[i] as number, size[i] as number]
        if (Math.max(Math.abs(a), Math.abs(b)) <= context.limit) continue
        const what = Math.abs(a) >= Math.abs(b) ? `shape (${inWords(a)})` : `size (${inWords(b)})`
        found.push(rowFinding(context, row, `unusual ${what} for ${classNameOf(dataset, row)}`))
      }
    }
    return found
  },
}

/** Modified z-scores; 0 where the deviation itself is small. */
function scores(values: number[]): number[] {
  const middle = median(values)
  return modifiedZ(values).map((z, i) => (Math.abs((values[i] as number) - middle) < leastDeviation ? 0 : z))
}

/** A class whose boxes are all alike gives scores without end; beyond 99 the number says nothing more. */
function inWords(z: number): string {
  return Math.abs(z) > 99 ? 'z over 99' : `z ${z.toFixed(1)}`
}
