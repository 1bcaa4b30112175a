import { expect, test } from 'vitest'
import { diffDatasets } from '../../../src/core/compare/dataset-diff.ts'
import type { BoxProvenance, Dataset } from '../../../src/core/dataset/model.ts'
import { type PlainBox, toDataset } from './random-dataset.ts'

const places: PlainBox['box'][] = [0.1, 0.3, 0.5, 0.7].map((cx) => [cx, 0.5, 0.1, 0.1])
type Drawn = { box: PlainBox['box']; className?: string; annotator?: string; source?: BoxProvenance['source'] }

function version(drawn: Drawn[]): Dataset {
  const classes = ['person', 'helmet']
  const boxes = drawn.map(({ box, className = 'person' }) => ({ box, className }))
  const dataset = toDataset({ classes, images: [{ name: 'a', split: 'train', content: 'a', boxes }] })
  const known = drawn.flatMap(({ box, className = 'person', annotator, source }): BoxProvenance[] =>
    annotator ? [{ classId: classes.indexOf(className), box, annotator, ...(source ? { source } : {}) }] : [],
  )
  const [image] = dataset.images
  if (image && known.length > 0) image.provenance = { image: 'a', boxes: known }
  return dataset
}

test('changes are counted by who made them: the head’s annotator, and of removed boxes the base’s', () => {
  const [p0, p1, p2, p3] = places as [PlainBox['box'], PlainBox['box'], PlainBox['box'], PlainBox['box']]
  const base = version([
    { box: p0, annotator: 'anna', source: 'human' },
    { box: p1, annotator: 'anna', source: 'human' },
    { box: p2, annotator: 'ben', source: 'pseudo' },
  ])
  const head = version([
    { box: [0.12, 0.5, 0.1, 0.1], annotator: 'carl', source: 'human' },
    { box: p1, className: 'helmet', annotator: 'carl', source: 'human' },
    { box: p3 },
  ])
  const none = { added: 0, removed: 0, moved: 0, relabelled: 0 }
  expect(diffDatasets(base, head)).toMatchObject({
    boxes: { added: 1, removed: 1, moved: 1, relabelled: 1, unchanged: 0 },
    byAnnotator: {
      ben: { ...none, removed: 1 },
      carl: { ...none, moved: 1, relabelled: 1 },
      unknown: { ...none, added: 1 },
    },
    bySource: {
      human: { ...none, moved: 1, relabelled: 1 },
      pseudo: { ...none, removed: 1 },
      unknown: { ...none, added: 1 },
    },
  })
})

test('a name from the data is a name, whatever it is called', () => {
  const { byAnnotator } = diffDatasets(
    version([]),
    version([{ box: places[0] as PlainBox['box'], annotator: '__proto__' }]),
  )
  expect(Object.keys(byAnnotator ?? {})).toEqual(['__proto__'])
})

test('without provenance nothing is said of people', () => {
  const body = diffDatasets(version([]), version([{ box: places[0] as PlainBox['box'] }]))
  expect([body.byAnnotator, body.bySource]).toEqual([undefined, undefined])
})
