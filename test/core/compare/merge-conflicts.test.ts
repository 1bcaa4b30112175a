import { describe, expect, test } from 'vitest'
import { mergeDatasets } from '../../../src/core/compare/merge-datasets.ts'
import type { Dataset, Provenance, Split } from '../../../src/core/dataset/model.ts'
import { type PlainBox, type PlainDataset, type PlainImage, toDataset } from './random-dataset.ts'

const box = (className: string, cx: number, cy = 0.5, w = 0.2, h = 0.2): PlainBox => ({
  className,
  box: [cx, cy, w, h],
})
const image = (name: string, boxes: PlainBox[], split: Split = 'train', content = name): PlainImage => {
  return { name, split, content, boxes }
}
const classes = ['person', 'helmet']
const set = (...images: PlainImage[]): PlainDataset => ({ classes, images })
const base = set(image('a', [box('person', 0.3), box('helmet', 0.7)]), image('b', []))
/** The base with image a changed. */
const a = (change: Partial<PlainImage>) =>
  set({ ...(base.images[0] as PlainImage), ...change }, base.images[1] as PlainImage)
const boxes = (...list: PlainBox[]) => a({ boxes: list })
const [person, helmet] = [box('person', 0.3), box('helmet', 0.7)]
const merge = (ours: PlainDataset, theirs: PlainDataset) =>
  mergeDatasets(toDataset(base), toDataset(ours), toDataset(theirs))
const boxesOf = ({ classes, boxes }: Dataset) =>
  Array.from({ length: boxes.count }, (_, i) => `${classes[boxes.classId[i] as number]} ${boxes.cx[i]}`).sort()

describe('a conflict is only where both sides touched the same thing differently', () => {
  test.each<[string, PlainDataset, PlainDataset, string[]]>([
    ['a box moved to two places', boxes(box('person', 0.32), helmet), boxes(box('person', 0.28), helmet), ['moved']],
    ['a box moved and removed', boxes(box('person', 0.32), helmet), boxes(helmet), ['removed-changed']],
    ['a box relabelled and removed', boxes(box('helmet', 0.3), helmet), boxes(helmet), ['removed-changed']],
    [
      'two boxes of one object, not alike',
      boxes(person, helmet, box('helmet', 0.5)),
      boxes(person, helmet, box('helmet', 0.55)),
      ['added'],
    ],
    [
      'a new box with two classes',
      boxes(person, helmet, box('helmet', 0.5, 0.1)),
      boxes(person, helmet, box('person', 0.5, 0.1)),
      ['added'],
    ],
    ['an image changed and removed', boxes(helmet), set(image('b', [])), ['image-removed']],
    ['an image renamed and removed', a({ name: 'z' }), set(image('b', [])), ['image-removed']],
    ['an image renamed to two names', a({ name: 'y' }), a({ name: 'z' }), ['image-name']],
    ['an image put into two splits', a({ split: 'val' }), a({ split: 'test' }), ['split']],
    [
      'a new image in two splits',
      set(...base.images, image('c', [], 'val')),
      set(...base.images, image('c', [])),
      ['split'],
    ],
    ['a picture replaced by two others', a({ content: 'x' }), a({ content: 'y' }), ['image-content']],
    [
      'two pictures of one new name',
      set(...base.images, image('c', [], 'train', 'x')),
      set(...base.images, image('c', [], 'train', 'y')),
      ['image-content'],
    ],
    [
      'a rename to a name that the other side adds',
      a({ name: 'c' }),
      set(...base.images, image('c', [])),
      ['image-name'],
    ],
  ])('%s', (_, ours, theirs, kinds) => {
    for (const { body } of [merge(ours, theirs), merge(theirs, ours)]) {
      expect(body.conflicts.map(({ kind }) => kind)).toEqual(kinds)
      expect(body.verdict).toBe('fail')
    }
  })

  test.each<[string, PlainDataset, PlainDataset, string[]]>([
    [
      'a move and a relabel of one box',
      boxes(box('person', 0.32), helmet),
      boxes(box('helmet', 0.3), helmet),
      ['helmet 0.32', 'helmet 0.7'],
    ],
    [
      'a move of one box and a relabel of another',
      boxes(box('person', 0.32), helmet),
      boxes(person, box('person', 0.7)),
      ['person 0.32', 'person 0.7'],
    ],
    ['the same box removed by both', boxes(helmet), boxes(helmet), ['helmet 0.7']],
    [
      'the same object drawn by both, nearly alike',
      boxes(person, helmet, box('helmet', 0.5)),
      boxes(person, helmet, box('helmet', 0.501)),
      ['helmet 0.5', 'helmet 0.7', 'person 0.3'],
    ],
    [
      'two objects side by side',
      boxes(person, helmet, box('helmet', 0.5)),
      boxes(person, helmet, box('helmet', 0.6)),
      ['helmet 0.5', 'helmet 0.6', 'helmet 0.7', 'person 0.3'],
    ],
    [
      'a box moved by one, and by less than a millionth by the other',
      boxes(box('person', 0.32), helmet),
      boxes(box('person', 0.3 + 1e-7), helmet),
      ['helmet 0.7', 'person 0.32'],
    ],
    ['a rename and new labels', a({ name: 'z' }), boxes(helmet), ['helmet 0.7']],
    ['a removed box and a removed image', set(image('b', [])), set(image('b', [])), []],
  ])('merges %s', (_, ours, theirs, expected) => {
    for (const { body, dataset } of [merge(ours, theirs), merge(theirs, ours)]) {
      expect(body.conflicts).toEqual([])
      expect(boxesOf(dataset)).toEqual(expected)
    }
  })

  test('a rename, a move between splits and new labels of one image come together', () => {
    const { dataset, body } = merge(a({ name: 'z', split: 'val' }), boxes(helmet))
    expect(body.conflicts).toEqual([])
    expect(dataset.images).toMatchObject([{ name: 'b' }, { name: 'z', split: 'val' }])
    expect(boxesOf(dataset)).toEqual(['helmet 0.7'])
  })

  test('equal pictures that both sides add under two names stay two, for the check to find', () => {
    const { dataset, body } = merge(
      set(...base.images, image('c', [], 'train', 'new')),
      set(...base.images, image('d', [], 'val', 'new')),
    )
    expect(body.conflicts).toEqual([])
    expect(dataset.images.map(({ name, split }) => `${name} ${split}`)).toEqual([
      'a train',
      'b train',
      'c train',
      'd val',
    ])
  })
})

describe('class maps', () => {
  const named = (names: string[], label: string): PlainDataset => {
    return { classes: names, images: [...base.images, image(label, [box(label, 0.5)])] }
  }

  test('two new classes of one number are told apart by name, and labels follow', () => {
    const { dataset, body } = merge(named([...classes, 'glove'], 'glove'), named([...classes, 'boot'], 'boot'))
    expect(body.conflicts).toEqual([])
    expect(dataset.classes).toEqual(['person', 'helmet', 'boot', 'glove'])
    expect(boxesOf(dataset)).toEqual(['boot 0.5', 'glove 0.5', 'helmet 0.7', 'person 0.3'])
    expect(body.renumbered).toEqual([{ side: 'ours', className: 'glove', from: 2, to: 3 }])
  })

  test('a class map turned round on one side, and new labels on the other', () => {
    const turned = { classes: classes.toReversed(), images: base.images }
    const { dataset, body } = merge(turned, boxes(person, helmet, box('person', 0.5, 0.1)))
    expect(body.conflicts).toEqual([])
    expect(dataset.classes).toEqual(['helmet', 'person'])
    expect(boxesOf(dataset)).toEqual(['helmet 0.7', 'person 0.3', 'person 0.5'])
  })

  test('a class renamed by one side keeps the boxes that the other side adds', () => {
    const rename = (name: string) => (name === 'helmet' ? 'hard hat' : name)
    const ours = {
      classes: classes.map(rename),
      images: base.images.map((one) => ({
        ...one,
        boxes: one.boxes.map((b) => ({ ...b, className: rename(b.className) })),
      })),
    }
    const { dataset, body } = merge(ours, boxes(person, helmet, box('helmet', 0.5, 0.1)))
    expect(body.conflicts).toEqual([])
    expect(boxesOf(dataset)).toEqual(['hard hat 0.5', 'hard hat 0.7', 'person 0.3'])
  })

  test('a class that one side removes and the other side uses is a conflict', () => {
    const ours = { classes: ['person'], images: [image('a', [person]), base.images[1] as PlainImage] }
    expect(merge(ours, boxes(person, helmet)).body.conflicts).toEqual([])
    const kinds = merge(ours, boxes(person, helmet, box('helmet', 0.5, 0.1))).body.conflicts.map(({ kind }) => kind)
    expect(kinds).toEqual(['class'])
  })

  test('a class renamed to two names is a conflict, and so are two new orders', () => {
    const renamed = (to: string) => ({
      classes: ['person', to],
      images: [image('a', [person, box(to, 0.7)]), base.images[1] as PlainImage],
    })
    expect(merge(renamed('hat'), renamed('cap')).body.conflicts[0]).toMatchObject({
      kind: 'class',
      base: { value: 'helmet' },
      ours: { value: 'hat' },
      theirs: { value: 'cap' },
    })
    const three = { ...base, classes: ['person', 'helmet', 'vest'] }
    const order = (...names: string[]) => toDataset({ ...base, classes: names })
    const { body } = mergeDatasets(
      toDataset(three),
      order('helmet', 'person', 'vest'),
      order('vest', 'helmet', 'person'),
    )
    expect(body.conflicts.map(({ message }) => message)).toEqual([expect.stringContaining('another order')])
  })
})

describe('provenance', () => {
  const withProvenance = (plain: PlainDataset, facts: Partial<Provenance>): Dataset => {
    const dataset = toDataset(plain)
    const first = dataset.images[0]
    if (first) first.provenance = { image: first.name, ...facts }
    return dataset
  }
  const mine = (annotator: string, extra = {}) => ({
    classId: 0,
    box: [0.3, 0.5, 0.2, 0.2] as PlainBox['box'],
    annotator,
    ...extra,
  })
  const merged = (was: Partial<Provenance>, ours: Partial<Provenance>, theirs: Partial<Provenance>, moved = base) =>
    mergeDatasets(withProvenance(base, was), withProvenance(moved, ours), withProvenance(base, theirs))

  test('facts of both sides come together; two answers to one question are a conflict', () => {
    const both = merged({ scene: 's1' }, { scene: 's1', camera: 'c1' }, { scene: 's2' })
    expect(both.body.conflicts).toEqual([])
    expect(both.dataset.images[0]?.provenance).toEqual({ image: 'a', scene: 's2', camera: 'c1' })
    const { conflicts } = merged({ scene: 's1' }, { scene: 's2' }, { scene: 's3' }).body
    expect(conflicts).toEqual([
      expect.objectContaining({ kind: 'provenance', ours: { value: 's2' }, theirs: { value: 's3' } }),
    ])
  })

  test('who moved a box is who it comes from; equal boxes take the weaker source, so that nothing becomes human', () => {
    const place = [0.32, 0.5, 0.2, 0.2] as PlainBox['box']
    const moved = merged(
      { boxes: [mine('anna')] },
      { boxes: [{ ...mine('ben'), box: place }] },
      { boxes: [mine('anna', { reviewPass: 2 })] },
      boxes(box('person', 0.32), helmet),
    )
    expect(moved.dataset.images[0]?.provenance?.boxes).toEqual([{ ...mine('ben'), box: place }])
    const weaker = merged(
      { boxes: [mine('anna')] },
      { boxes: [mine('ben', { source: 'human' })] },
      { boxes: [mine('eve', { source: 'pseudo' })] },
    )
    expect(weaker.dataset.images[0]?.provenance?.boxes).toEqual([mine('eve', { source: 'pseudo' })])
  })

  test('a box that one side removes takes its provenance along; a line that fits no box stays', () => {
    const stray = { ...mine('nobody'), box: [0.9, 0.9, 0.1, 0.1] as PlainBox['box'] }
    const { dataset } = merged(
      { boxes: [mine('anna'), stray] },
      { boxes: [stray] },
      { boxes: [mine('anna'), stray] },
      boxes(helmet),
    )
    expect(dataset.images[0]?.provenance?.boxes).toEqual([stray])
  })
})

test('a preferred side settles every conflict, and the conflicts are still told', () => {
  const [ours, theirs] = [toDataset(boxes(box('person', 0.32), helmet)), toDataset(boxes(box('person', 0.28), helmet))]
  const settled = mergeDatasets(toDataset(base), ours, theirs, 'theirs')
  expect(settled.body).toMatchObject({ verdict: 'pass', prefer: 'theirs', conflicts: [{ kind: 'moved', image: 'a' }] })
  expect(boxesOf(settled.dataset)).toEqual(['helmet 0.7', 'person 0.28'])
})
