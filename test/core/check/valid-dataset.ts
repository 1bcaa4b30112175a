import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import type { Dataset, DatasetImage, Defect } from '../../../src/core/dataset/model.ts'
import type { Random } from '../../../src/core/stats/random.ts'

export type Row = { classId: number; cx: number; cy: number; w: number; h: number; line: number }
/** A data set that is easy to spoil: rows by image, turned into columns by `datasetOf`. */
export type Draft = { classes: string[]; images: DatasetImage[]; rows: Row[][]; defects: Defect[] }

export const classes = ['person', 'helmet', 'vest']

/** A sound data set of 80 images, half of them validation: boxes in cells of a grid, so that none touch. */
export function validDraft(random: Random): Draft {
  const images: DatasetImage[] = []
  const rows: Row[][] = []
  for (let i = 0; i < 80; i++) {
    const name = `frame-${String(i).padStart(3, '0')}`
    const own: Row[] = []
    for (let cell = 0; cell < 9; cell++) {
      if (random.next() < 0.3) continue
      const [w, h] = [random.uniform(0.1, 0.2), random.uniform(0.1, 0.2)]
      const cx = ((cell % 3) + 0.5) / 3 + random.uniform(-0.03, 0.03)
      const cy = (Math.floor(cell / 3) + 0.5) / 3 + random.uniform(-0.03, 0.03)
      own.push({
        classId: (cell + i) % 3,
        cx: micro(cx),
        cy: micro(cy),
        w: micro(w),
        h: micro(h),
        line: own.length + 1,
      })
    }
    rows.push(own)
    const md5 = Array.from({ length: 32 }, () => random.int(16).toString(16)).join('')
    const boxes = own.map(({ classId, cx, cy, w, h }) => ({
      ...{ classId, source: 'human' as const, annotator: 'ana', reviewPass: 1 },
      box: [cx, cy, w, h] as [number, number, number, number],
    }))
    images.push({
      ...{ name, file: `images/${name}.png`, labelFile: `labels/${name}.txt`, md5, width: 320, height: 240 },
      split: i % 2 === 0 ? 'train' : 'val',
      provenance: { image: name, source: 'yard', scene: `scene-${i}`, camera: 'gate', boxes },
    })
  }
  return { classes: [...classes], images, rows, defects: [] }
}

export function datasetOf(draft: Draft): Dataset {
  const flat = draft.rows.flatMap((rows, image) => rows.map((row) => ({ image, ...row })))
  const { images, defects } = draft
  return { root: 'data', format: 'yolo', classes: draft.classes, images, boxes: boxColumnsOf(flat), defects }
}

/** Adds a row at the end of an image's labels, with its provenance; returns its line. */
export function addRow(draft: Draft, image: number, row: Omit<Row, 'line'>): number {
  const rows = draft.rows[image] as Row[]
  rows.push({ ...row, line: rows.length + 1 })
  const { classId, cx, cy, w, h } = row
  draft.images[image]?.provenance?.boxes?.push({ classId, box: [cx, cy, w, h], source: 'human', reviewPass: 1 })
  return rows.length
}

function micro(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
