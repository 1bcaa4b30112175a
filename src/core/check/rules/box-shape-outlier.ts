import type { Dataset } from '../../dataset/model.ts'
import { groupByKey } from '../../stats/order.ts'
import { logOutliers, type Outlier } from '../outliers.ts'
import { classNameOf, noArea, type Rule, rowFinding } from '../rule.ts'

const leastBoxes = 20
/** The most unusual boxes of a data set are worth a look; a long list is not looked at. */
const mostTold = 10
/** A side of less than half as much again as usual is not worth a look, however uniform the class is. */
const leastFactor = 1.5

type Unusual = { row: number; z: number; text: string }

export const boxShapeOutlier: Rule = {
  id: 'box-shape-outlier',
  severity: 'info',
  scope: 'dataset',
  title: 'A box has an unusual shape or size for its class',
  explanation:
    'Modified z-score of ln(w/h) and of ½ ln(wh) within a class of at least 20 boxes; a hint where to look, not a fault. The ten most unusual boxes are told.',
  mend: 'Look at the box; nothing is to be done when it is right.',
  limit: { value: 3.5, meaning: 'modified z-score (Iglewicz and Hoaglin) at most' },
  check: (context) => {
    const { dataset, limit } = context
    const unusual = [...boxesByClass(dataset)].flatMap((rows) => ofClass(dataset, rows, limit))
    unusual.sort((a, b) => Math.abs(b.z) - Math.abs(a.z) || a.row - b.row)
    const many = unusual.length > mostTold
    return unusual
      .slice(0, mostTold)
      .map(({ row, text }, i) =>
        rowFinding(context, row, `${text}${many ? `; no. ${i + 1} of ${unusual.length} such boxes` : ''}`),
      )
  },
}

/** Rows with an area of each class that has enough of them. */
function* boxesByClass({ boxes }: Dataset): Generator<Uint32Array> {
  const { w, h, classId, count } = boxes
  let highest = -1
  const key = new Int32Array(count)
  for (let row = 0; row < count; row++) {
    key[row] = (w[row] as number) >= noArea && (h[row] as number) >= noArea ? (classId[row] as number) : -1
    highest = Math.max(highest, classId[row] as number)
  }
  const { start, members } = groupByKey(key, highest + 1)
  for (let id = 0; id <= highest; id++) {
    const rows = members.subarray(start[id], start[id + 1])
    if (rows.length >= leastBoxes) yield rows
  }
}

function ofClass(dataset: Dataset, rows: Uint32Array, limit: number): Unusual[] {
  const { w, h } = dataset.boxes
  const ratios = new Float64Array(rows.length)
  const areas = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    ratios[i] = (w[row] as number) / (h[row] as number)
    areas[i] = (w[row] as number) * (h[row] as number)
  }
  const worst = new Map<number, Unusual>()
  const note = ({ at, z }: Outlier, what: string) => {
    const row = rows[at] as number
    if (Math.abs(z) <= Math.abs(worst.get(row)?.z ?? 0)) return
    worst.set(row, { row, z, text: `unusual ${what} for ${classNameOf(dataset, row)} (${inWords(z)})` })
  }
  for (const found of logOutliers(ratios, limit, leastFactor)) {
    const times = found.times > 1 ? found.times : 1 / found.times
    note(
      found,
      `shape: ${times.toFixed(1)} times as ${found.times > 1 ? 'wide for its height' : 'high for its width'} as usual`,
    )
  }
  // An area's deviation is twice that of a side, and so is its spread: the score is the same.
  for (const found of logOutliers(areas, limit, leastFactor ** 2)) {
    const times = Math.sqrt(found.times)
    note(found, `size: its side is ${Number(times.toPrecision(2))} times the usual`)
  }
  return [...worst.values()]
}

/** A class whose boxes are all alike gives scores without end; beyond 99 the number says nothing more. */
function inWords(z: number): string {
  return Math.abs(z) > 99 ? 'z over 99' : `z ${z.toFixed(1)}`
}
