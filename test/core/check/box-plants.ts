import type { DatasetImage } from '../../../src/core/dataset/model.ts'
import type { DatasetSpecBody } from '../../../src/core/documents/declared.ts'
import { addRow, type Draft, type Row } from './valid-dataset.ts'

export type Place = { file: string; line: number }
/** A defect put into sound data: returns where it must be found; `also` are rules that may speak of it too. */
export type Plant = {
  rule: string
  plant: (draft: Draft, at: number) => Place | null
  base?: true
  spec?: Partial<DatasetSpecBody>
  also?: string[]
}

export const image = (draft: Draft, at: number) => draft.images[at] as DatasetImage
export const labels = (draft: Draft, at: number, line: number): Place => ({
  file: image(draft, at).labelFile as string,
  line,
})
const first = (draft: Draft, at: number) => draft.rows[at]?.[0] as Row
const added = (row: Omit<Row, 'line' | 'classId'>) => (draft: Draft, at: number) =>
  labels(draft, at, addRow(draft, at, { classId: first(draft, at).classId, ...row }))
const repeat = (change: (row: Row) => Omit<Row, 'line'>) => (draft: Draft, at: number) =>
  labels(draft, at, addRow(draft, at, change(first(draft, at))))
export const whole = { file: '', line: 0 }

/** Planted defects of boxes and rows. */
export const boxPlants: Plant[] = [
  {
    rule: 'label-stale',
    base: true,
    plant: (draft, at) => {
      image(draft, at).md5 = 'f'.repeat(32)
      return { file: image(draft, at).file, line: 0 }
    },
  },
  { rule: 'box-zero-area', plant: added({ cx: 0.5, cy: 0.02, w: 0, h: 0.03 }) },
  { rule: 'box-zero-area', plant: added({ cx: 0.5, cy: 0.02, w: 0.9 / 320, h: 0.03 }), also: ['box-shape-outlier'] },
  { rule: 'box-tiny', plant: added({ cx: 0.5, cy: 0.01, w: 0.012, h: 0.011 }), also: ['box-shape-outlier'] },
  { rule: 'box-outside-image', plant: added({ cx: 0.99, cy: 0.03, w: 0.05, h: 0.06 }), also: ['box-shape-outlier'] },
  { rule: 'box-mostly-outside', plant: added({ cx: 1, cy: 0, w: 0.1, h: 0.1 }), also: ['box-shape-outlier'] },
  {
    rule: 'box-full-image',
    plant: added({ cx: 0.5, cy: 0.5, w: 1, h: 0.999 }),
    also: ['box-shape-outlier', 'box-nested'],
  },
  { rule: 'box-aspect-extreme', plant: added({ cx: 0.5, cy: 0.01, w: 0.9, h: 0.013 }), also: ['box-shape-outlier'] },
  { rule: 'box-duplicate', plant: repeat((row) => ({ ...row })) },
  { rule: 'box-duplicate', plant: repeat((row) => ({ ...row, cx: row.cx + row.w * 0.01 })) },
  { rule: 'box-near-duplicate', plant: repeat((row) => ({ ...row, cx: row.cx + row.w * 0.07 })) },
  {
    rule: 'box-nested',
    plant: repeat((row) => ({ ...row, w: row.w * 0.6, h: row.h * 0.6 })),
    also: ['box-shape-outlier'],
  },
  {
    rule: 'box-tiny-in-training',
    plant: (draft, at) => {
      Object.assign(image(draft, at), { width: 3200, height: 2400 })
      return added({ cx: 0.5, cy: 0.02, w: 5 / 3200, h: 5 / 2400 })(draft, at)
    },
    also: ['box-shape-outlier'],
  },
  {
    rule: 'label-corners',
    plant: (draft, at) => {
      const corners = (classId: number, x: number, y: number) => ({ classId, cx: x, cy: y, w: x + 0.1, h: y + 0.1 })
      draft.rows[at] = [0.6, 0.7, 0.8].map((x, i) => ({ ...corners(i, x, 0.5 - x / 4), line: i + 1 }))
      image(draft, at).provenance!.boxes = draft.rows[at]!.map(({ classId, cx, cy, w, h }) => {
        return { classId, box: [cx, cy, w, h], source: 'human', reviewPass: 2 }
      })
      return labels(draft, at, 1)
    },
    also: ['box-outside-image', 'box-mostly-outside', 'box-shape-outlier', 'box-nested'],
  },
  {
    rule: 'label-kind',
    plant: (draft, at) => {
      const { labelFile, name } = image(draft, at)
      const message = '9 fields a row'
      draft.defects.push({ code: 'label-oriented', file: labelFile!, line: 1, column: 1, message, image: name })
      return whole
    },
  },
  { rule: 'box-class-conflict', plant: repeat((row) => ({ ...row, classId: (row.classId + 1) % 3 })) },
  {
    rule: 'box-shape-outlier',
    also: ['validation-unproven'],
    plant: (draft, at) => {
      Object.assign(first(draft, at), { w: 0.02, h: 0.25 })
      if (image(draft, at).provenance) image(draft, at).provenance!.boxes = []
      return labels(draft, at, 1)
    },
  },
]
