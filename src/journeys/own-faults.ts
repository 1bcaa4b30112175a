import { type Dataset, rowStarts } from '../core/dataset/model.ts'
import type { Finding } from '../core/documents/findings.ts'

/** What is wrong with one image or its labels, and how it would be mended. */
export type Fault = {
  drop: Set<number>
  clip: Set<number>
  /** Why the image cannot be mended by leaving rows out; null when it can. */
  hopeless: string | null
  /** Rows that the reader could not take at all, so that they have no row in the columns. */
  unread: boolean
  says: string[]
}

/** Rules whose mend is to leave the box out. */
const dropped = new Set(['box-zero-area', 'box-mostly-outside', 'box-duplicate', 'box-negative-size'])
/** Rules about rows that the reader refused; they are in the file and not in the columns. */
const refused = new Set(['label-columns', 'label-number', 'label-class', 'label-range', 'box-negative-size'])
/** Told apart by the plan itself: names are made anew, leaks depend on the splits of the story. */
const planned = new Set(['name-collision', 'split-leak'])
/** What a written row may hold; the label rules refuse a coordinate beyond. */
const [low, high] = [-0.01, 1.01]

/** Faults by image index, and errors that are about no image of the data set. */
export function faultsOf(
  dataset: Dataset,
  errors: readonly Finding[],
): { faults: Map<number, Fault>; stray: string[] } {
  const start = rowStarts(dataset)
  const indexOf = new Map(dataset.images.map(({ name }, index) => [name, index]))
  const faults = new Map<number, Fault>()
  const stray: string[] = []
  const at = (index: number): Fault => {
    const known = faults.get(index)
    if (known) return known
    const fresh: Fault = { drop: new Set(), clip: new Set(), hopeless: null, unread: false, says: [] }
    faults.set(index, fresh)
    return fresh
  }
  for (const finding of errors) {
    if (planned.has(finding.rule)) continue
    const { rule, file, line, message } = finding
    const place = `${file}${line > 0 ? `:${line}` : ''}`
    const index = finding.image === null ? undefined : indexOf.get(finding.image)
    if (index === undefined) {
      stray.push(`${rule} ${place}: ${message}`)
      continue
    }
    const fault = at(index)
    const row = rowsOf(start, index).find((candidate) => isIt(dataset, candidate, finding))
    if (dropped.has(rule) && row !== undefined) {
      fault.drop.add(row)
      fault.says.push(`${place}: ${message}; the box is left out`)
    } else if (refused.has(rule) && line > 0) {
      fault.unread = true
      fault.says.push(`${place}: ${message}; the row is left out`)
    } else {
      fault.hopeless ??= `${rule}, ${message}`
      fault.says.push(`${place}: ${message}; the image is left out`)
    }
  }
  outOfRange(dataset, (row) => {
    const index = dataset.boxes.image[row] as number
    const fault = at(index)
    if (fault.drop.has(row)) return
    fault.clip.add(row)
    const place = `${dataset.images[index]?.labelFile}:${dataset.boxes.line[row]}`
    fault.says.push(`${place}: a box reaches out of the image; it is cut at the edge`)
  })
  return { faults, stray }
}

function rowsOf(start: Uint32Array, index: number): number[] {
  const [from, to] = [start[index] as number, start[index + 1] as number]
  return Array.from({ length: to - from }, (_, i) => from + i)
}

/** Whether a finding is about this row; a line alone does not tell, since JSON may hold all boxes on one. */
function isIt({ boxes }: Dataset, row: number, { boxes: drawn, line }: Finding): boolean {
  const box = drawn?.find(({ role }) => role === 'finding')?.box
  const own = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as number[]
  return box !== undefined && boxes.line[row] === line && own.every((value, i) => value === box[i])
}

function outOfRange({ boxes }: Dataset, tell: (row: number) => void): void {
  for (let row = 0; row < boxes.count; row++) {
    const values = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as number[]
    if (values.some((value) => value > high || value < low)) tell(row)
  }
}
