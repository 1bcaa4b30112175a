import { expect, test } from 'vitest'
import type { EvaluationBody } from '../../../../src/core/documents/evaluation.ts'
import { slices } from '../../../../src/core/render/report/model-slices.ts'

const slice = { slice: 'camera', value: 'gate', images: 40, boxes: 90, scenes: 8, map: 0.5, map50: 0.8 }
const page = (...all: EvaluationBody['slices']) =>
  slices([{ name: 'candidate', body: { slices: all } as EvaluationBody }], [])

test('a score of a slice with too little support is shown with that word, and what it means', () => {
  const few = page(slice, { ...slice, value: 'yard', images: 3, tooFew: true })
  expect(few).toMatch(/camera yard <span class="soft">\(too few\)<\/span>/)
  expect(few).not.toMatch(/camera gate <span/)
  expect(few).toContain('under 10 images, 30 boxes or 5 scenes')
  expect(page(slice)).not.toMatch(/too few/i)
})
