import { describe, expect, test } from 'vitest'
import { diffDatasets } from '../../../src/core/compare/dataset-diff.ts'
import { type DatasetDiffBody, datasetDiff } from '../../../src/core/documents/dataset-diff.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import {
  edited,
  type PlainBox,
  type PlainDataset,
  type PlainImage,
  randomDataset,
  toDataset,
} from './random-dataset.ts'

const diffOf = (base: PlainDataset, head: PlainDataset) => diffDatasets(toDataset(base), toDataset(head))
const noImages = { added: 0, removed: 0, renamed: 0, resplit: 0, modified: 0, replaced: 0 }
const noClasses = { added: [], removed: [], renamed: [] }
const countBoxes = ({ images }: PlainDataset) => images.reduce((sum, { boxes }) => sum + boxes.length, 0)

describe('on random data sets', () => {
  const cases = Array.from({ length: 30 }, (_, seed) => {
    const random = seededRandom(`diff ${seed}`)
    const base = randomDataset(random, 5 + random.int(40))
    return { base, head: edited(base, random), random }
  })

  test('a data set does not differ from itself, in whatever order and with coordinates rounded to seven decimals', () => {
    for (const { base, random } of cases) {
      const shuffled: PlainDataset = {
        classes: base.classes.toReversed(),
        images: random.shuffle(base.images).map((image) => ({
          ...image,
          boxes: random.shuffle(image.boxes).map(({ className, box }): PlainBox => {
            return { className, box: box.map((value) => Number(value.toFixed(7))) as PlainBox['box'] }
          }),
        })),
      }
      for (const head of [base, shuffled]) {
        const body = diffOf(base, head)
        expect(body.images).toEqual(noImages)
        expect(body.classes).toEqual(noClasses)
        expect(body.byImage).toEqual([])
        expect(body.boxes).toEqual({ added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: countBoxes(base) })
      }
    }
  })

  test('the way back is the inverse of the way there', () => {
    for (const { base, head } of cases) {
      const there = diffOf(base, head)
      const back = diffOf(head, base)
      const inverse = <T extends { added: number; removed: number }>(counts: T) => ({
        ...counts,
        added: counts.removed,
        removed: counts.added,
      })
      expect(back.boxes).toEqual(inverse(there.boxes))
      expect(back.images).toEqual(inverse(there.images))
    }
  })

  test('boxes of the head are those of the base, and added, less removed; and nothing is counted twice', () => {
    for (const { base, head } of cases) {
      const { boxes, byClass, bySplit, byImage, images } = diffOf(base, head)
      expect(countBoxes(base) + boxes.added - boxes.removed).toBe(countBoxes(head))
      expect(boxes.removed + boxes.moved + boxes.relabelled + boxes.unchanged).toBe(countBoxes(base))
      expect(base.images.length + images.added - images.removed).toBe(head.images.length)
      expect(sumOf(Object.values(byClass))).toEqual(boxes)
      expect(sumOf(Object.values(bySplit).map((split) => split.boxes))).toEqual(boxes)
      for (const side of ['added', 'removed'] as const) {
        const inSplits = Object.values(bySplit).reduce((sum, split) => sum + split.images[side], 0)
        expect(inSplits).toBe(images[side] + images.resplit)
      }
      const listed = byImage.flatMap(({ changes }) => changes)
      for (const change of ['added', 'removed', 'moved', 'relabelled'] as const)
        expect(listed.filter((entry) => entry.change === change)).toHaveLength(boxes[change])
    }
  })

  test('a difference is a sound document', () => {
    for (const { base, head } of cases) expect(problemsOf(datasetDiff, diffOf(base, head))).toEqual([])
  })

  test('without hashes everything but renames is found', () => {
    for (const { base } of cases)
      expect(diffDatasets(toDataset(base, false), toDataset(base, false)).images).toEqual(noImages)
  })
})

function sumOf(counts: DatasetDiffBody['boxes'][]): DatasetDiffBody['boxes'] {
  const total = { added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: 0 }
  for (const one of counts) for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += one[key]
  return total
}

describe('one planted change', () => {
  const base = randomDataset(seededRandom('planted'), 12)
  const at = base.images.findIndex(({ boxes, split }) => boxes.length >= 3 && split === 'train')
  const change = (alter: (image: PlainImage) => PlainImage | null): PlainDataset => ({
    ...base,
    images: base.images.flatMap((image, i) => (i === at ? (alter(structuredClone(image)) ?? []) : image)),
  })
  const first = (alter: (box: PlainBox) => PlainBox[]) =>
    change((image) => ({ ...image, boxes: image.boxes.flatMap((box, k) => (k === 0 ? alter(box) : box)) }))
  const moved = (dx: number, grow = 1) =>
    first(({ className, box: [cx, cy, w, h] }) => [{ className, box: [cx + dx * w, cy, w * grow, h] }])
  const other = (className: string) => (className === 'vest' ? 'helmet' : 'vest')
  const counts = (head: PlainDataset) => {
    const { added, removed, moved, relabelled } = diffOf(base, head).boxes
    return { added, removed, moved, relabelled }
  }
  const none = { added: 0, removed: 0, moved: 0, relabelled: 0 }

  test.each<[string, PlainDataset, Partial<typeof none>]>([
    ['a box removed', first(() => []), { removed: 1 }],
    ['a box drawn twice', first((box) => [box, box]), { added: 1 }],
    ['a box moved by a quarter of its width', moved(0.25), { moved: 1 }],
    ['a box made half as wide', moved(0, 0.5), { moved: 1 }],
    ['a box moved by less than a millionth', moved(1e-7), {}],
    ['a box moved far away', moved(-3), { added: 1, removed: 1 }],
    ['a box relabelled', first(({ className, box }) => [{ className: other(className), box }]), { relabelled: 1 }],
  ])('%s', (_, head, expected) => {
    expect(counts(head)).toEqual({ ...none, ...expected })
  })

  test('two classes swapped throughout are relabelled, never moved', () => {
    const swap: Record<string, string> = { helmet: 'vest', vest: 'helmet' }
    const head = structuredClone(base)
    for (const { boxes } of head.images) for (const box of boxes) box.className = swap[box.className] ?? box.className
    const both = base.images.flatMap(({ boxes }) => boxes).filter(({ className }) => className in swap)
    expect(both.length).toBeGreaterThan(5)
    expect(counts(head)).toEqual({ ...none, relabelled: both.length })
  })

  test('names of classes exchanged without the labels relabel every box of the two', () => {
    const head = toDataset(base)
    head.classes = ['person', 'vest', 'helmet', 'tool']
    const both = base.images.flatMap(({ boxes }) => boxes).filter(({ className }) => /vest|helmet/.test(className))
    expect(diffDatasets(toDataset(base), head).boxes.relabelled).toBe(both.length)
  })

  test('a class that is renamed is no change of its boxes; one that is new is added', () => {
    const head = structuredClone(base)
    head.classes = ['hi-vis', 'tool', 'person', 'helmet', 'glove']
    for (const { boxes } of head.images) for (const box of boxes) if (box.className === 'vest') box.className = 'hi-vis'
    const body = diffOf(base, head)
    expect(body.classes).toEqual({ added: ['glove'], removed: [], renamed: [{ from: 'vest', to: 'hi-vis' }] })
    expect(body.boxes).toMatchObject(none)
    expect(body.byImage).toEqual([])
  })

  test('a rename is found by content, frames that were renumbered too', () => {
    const renamed = diffOf(
      base,
      change((image) => ({ ...image, name: 'elsewhere/else' })),
    )
    expect(renamed.images).toEqual({ ...noImages, renamed: 1 })
    expect(renamed.byImage[0]).toMatchObject({
      image: 'elsewhere/else',
      from: base.images[at]?.name,
      change: 'renamed',
    })
    const shifted = base.images.map((image, i) => ({ ...image, name: `frame-${i + 1}` }))
    const numbered = base.images.map((image, i) => ({ ...image, name: `frame-${i}` }))
    const fresh: PlainImage = { name: 'frame-0', split: 'train', content: 'a new first frame', boxes: [] }
    const body = diffOf({ ...base, images: numbered }, { ...base, images: [fresh, ...shifted] })
    expect(body.images).toEqual({ ...noImages, added: 1, renamed: base.images.length })
    expect(body.boxes).toMatchObject(none)
  })

  test('an image that is renamed on its way to another split is both', () => {
    const body = diffOf(
      base,
      change((image) => ({ ...image, name: 'elsewhere/else', split: 'val' })),
    )
    expect(body.images).toEqual({ ...noImages, renamed: 1, resplit: 1 })
  })

  test('a class that goes while another one comes is no rename', () => {
    const head = structuredClone(base)
    head.classes = ['person', 'helmet', 'glove', 'tool']
    for (const image of head.images) {
      image.boxes = image.boxes.filter(({ className }) => className !== 'vest')
      image.boxes.push({ className: 'glove', box: [0.9, 0.1, 0.01, 0.01] })
    }
    expect(diffOf(base, head).classes).toEqual({ added: ['glove'], removed: ['vest'], renamed: [] })
  })

  test('an image that goes to another split is counted there, by list or by folder', () => {
    const byList = diffOf(
      base,
      change((image) => ({ ...image, split: 'val' })),
    )
    expect(byList.images).toEqual({ ...noImages, resplit: 1 })
    expect(byList.byImage[0]).toMatchObject({ change: 'resplit', split: 'val', from: 'train' })
    expect(byList.bySplit.val?.images).toEqual({ added: 1, removed: 0 })
    expect(byList.bySplit.train?.images).toEqual({ added: 0, removed: 1 })
    const folder = (split: 'train' | 'val') => ({
      ...base,
      images: [{ name: `${split}/a`, split, content: 'a', boxes: [] }],
    })
    expect(diffOf(folder('train'), folder('val')).images).toEqual({ ...noImages, resplit: 1 })
  })

  test('pixels that changed under the same labels are a modification', () => {
    const body = diffOf(
      base,
      change((image) => ({ ...image, content: 'brighter' })),
    )
    expect(body.images).toEqual({ ...noImages, modified: 1, replaced: 1 })
  })

  test('an image removed takes its boxes along', () => {
    const body = diffOf(
      base,
      change(() => null),
    )
    expect(body.images).toEqual({ ...noImages, removed: 1 })
    expect(body.boxes.removed).toBe(base.images[at]?.boxes.length)
  })
})

test('the best assignment, not the first that fits: a row of boxes that moved along by most of their width', () => {
  const row = (shift: number): PlainDataset => ({
    classes: ['tool'],
    images: [
      {
        name: 'a',
        split: 'train',
        content: 'a',
        boxes: [0, 1, 2, 3].map((k) => ({ className: 'tool', box: [0.1 + 0.06 * k + shift, 0.5, 0.1, 0.1] })),
      },
    ],
  })
  expect(diffOf(row(0), row(0.013)).boxes).toEqual({ added: 0, removed: 0, moved: 4, relabelled: 0, unchanged: 0 })
})

test('ten thousand images, and one image with ten thousand boxes in another order', () => {
  const random = seededRandom('large')
  const base = randomDataset(random, 10_000, 4)
  const body = diffOf(base, { ...base, images: base.images.slice(1) })
  expect(body.images).toEqual({ ...noImages, removed: 1 })
  const crowd = randomDataset(random, 1)
  const boxes = Array.from({ length: 10_000 }, (_, i): PlainBox => {
    return { className: 'tool', box: [random.next(), random.next(), 0.01, 0.01 + i * 1e-9] }
  })
  const image = crowd.images[0] as PlainImage
  const head = { ...crowd, images: [{ ...image, boxes: random.shuffle(boxes) }] }
  expect(diffOf({ ...crowd, images: [{ ...image, boxes }] }, head).boxes.unchanged).toBe(10_000)
})
