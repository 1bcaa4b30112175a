import { boxColumnsBuilder } from './columns.ts'
import type { LabelGrammar } from './label-grammar.ts'
import type { BoxColumns, Defect } from './model.ts'
import { parseYoloLabels } from './yolo-labels.ts'

/** What the label files of one stretch of a list say; `image` of a row is the file's place in the whole list. */
export type LabelBatch = {
  from: number
  to: number
  boxes: BoxColumns
  defects: LabelDefect[]
  /** Rows of each file that were polygons. */
  polygons: Uint32Array
}

/** A defect of the file at a place in the list. */
export type LabelDefect = Pick<Defect, 'code' | 'line' | 'column' | 'message' | 'key'> & { at: number }

type Bytes = { bytes: Uint8Array; length: number }

/** Parses files [from, to) of a list; a file that cannot be read is a defect. */
export function parseLabelFiles(
  files: readonly string[],
  from: number,
  to: number,
  grammar: LabelGrammar | number,
  read: (file: string) => Bytes,
): LabelBatch {
  const boxes = boxColumnsBuilder((to - from) * 8)
  const defects: LabelDefect[] = []
  const polygons = new Uint32Array(to - from)
  let at = from
  const sink: Parameters<typeof parseYoloLabels>[3] = {
    row: (classId, cx, cy, w, h, line) => boxes.add(at, classId, cx, cy, w, h, line),
    defect: (code, line, column, message, key) => void defects.push({ at, code, line, column, message, key }),
  }
  for (; at < to; at++) {
    try {
      const { bytes, length } = read(files[at] as string)
      polygons[at - from] = parseYoloLabels(bytes, length, grammar, sink)
    } catch (error) {
      const message = `cannot be read: ${(error as { code?: string }).code ?? (error as Error).message}`
      defects.push({ at, code: 'label-encoding', line: 0, column: 0, message, key: 'unreadable' })
    }
  }
  return { from, to, boxes: boxes.view(), defects, polygons }
}

/** All rows of batches that follow each other, with the image that each file of the list belongs to. */
export function joinBatches(batches: readonly LabelBatch[], imageOf: Uint32Array): BoxColumns {
  const count = batches.reduce((sum, { boxes }) => sum + boxes.count, 0)
  const [only] = batches
  if (only && batches.length === 1) {
    return { ...only.boxes, image: only.boxes.image.map((file) => imageOf[file] as number) }
  }
  const joined: BoxColumns = {
    ...{ count, image: new Uint32Array(count), classId: new Int32Array(count), line: new Uint32Array(count) },
    ...{ cx: new Float64Array(count), cy: new Float64Array(count), w: new Float64Array(count) },
    h: new Float64Array(count),
  }
  let at = 0
  for (const { boxes } of batches) {
    for (const key of ['image', 'classId', 'cx', 'cy', 'w', 'h', 'line'] as const) joined[key].set(boxes[key], at)
    at += boxes.count
  }
  for (let row = 0; row < count; row++) joined.image[row] = imageOf[joined.image[row] as number] as number
  return joined
}
