import type { Provenance } from '../core/dataset/model.ts'
import { formatRows, mergeProvenance } from '../core/synthetic/layout.ts'
import { type Spoil, spoilLabels } from '../core/synthetic/spoil.ts'
import type { LabelRow } from '../core/synthetic/worksite.ts'
import type { Storage } from '../ports.ts'

/** Spoils clean label files of a data set folder, and their provenance with them: a labeller's honest mistake. */
export function spoilLabelFiles(storage: Storage, root: string, names: readonly string[], spoil: Spoil): void {
  const file = `${root}/provenance.ndjson`
  const wanted = new Set(names)
  const text = storage.exists(file) ? storage.readText(file) : ''
  const records = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Provenance)
    .filter((record) => wanted.has(record.image))
  for (const name of names) {
    const path = `${root}/labels/${name}.txt`
    storage.write(path, formatRows(spoilLabels(parseRows(storage.readText(path)), spoil)))
  }
  const spoilt = records.map((record) => ({
    ...record,
    ...(record.boxes ? { boxes: spoilBoxes(record.boxes, spoil) } : {}),
  }))
  if (spoilt.length > 0) storage.write(file, mergeProvenance(text, spoilt))
}

function parseRows(text: string): LabelRow[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [classId = 0, cx = 0, cy = 0, w = 0, h = 0] = line.split(' ').map(Number)
      return { classId, cx, cy, w, h }
    })
}

function spoilBoxes(boxes: NonNullable<Provenance['boxes']>, spoil: Spoil): NonNullable<Provenance['boxes']> {
  const rows = boxes.map((known) => {
    const [cx, cy, w, h] = known.box
    return { classId: known.classId, cx, cy, w, h, known }
  })
  const six = (value: number) => Number(value.toFixed(6))
  return spoilLabels(rows, spoil).map(({ classId, cx, cy, w, h, known }) => ({
    ...known,
    classId,
    box: [six(cx), six(cy), six(w), six(h)],
  }))
}
