import { describe, expect, test } from 'vitest'
import { diffDatasets } from '../../../src/core/compare/dataset-diff.ts'
import { mergeDatasets } from '../../../src/core/compare/merge-datasets.ts'
import { layoutMerged } from '../../../src/core/compare/merge-layout.ts'
import type { MergeSide } from '../../../src/core/compare/merge-rows.ts'
import type { Dataset } from '../../../src/core/dataset/model.ts'
import { datasetMerge } from '../../../src/core/documents/dataset-merge.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { edited, type PlainBox, type PlainDataset, randomDataset, toDataset } from './random-dataset.ts'

const written = (dataset: Dataset) => layoutMerged(dataset).files
const mergeOf = (base: PlainDataset, ours: PlainDataset, theirs: PlainDataset, prefer: MergeSide | null = null) =>
  mergeDatasets(toDataset(base), toDataset(ours), toDataset(theirs), prefer)
const canonical = (plain: PlainDataset) => written(mergeOf(plain, plain, plain).dataset)

describe('on random data sets', () => {
  const cases = Array.from({ length: 60 }, (_, seed) => {
    const random = seededRandom(`merge ${seed}`)
    const base = randomDataset(random, 3 + random.int(25), 5)
    return {
      base,
      ours: withClasses(edited(base, random), seed, 'a'),
      theirs: withClasses(edited(base, random), seed + 1, 'b'),
    }
  })

  test('what only one side changed is that side, byte for byte', () => {
    for (const { base, ours } of cases) {
      for (const merged of [mergeOf(base, ours, base), mergeOf(base, base, ours)]) {
        expect(merged.body.conflicts).toEqual([])
        expect(diffDatasets(toDataset(ours), merged.dataset).byImage).toEqual([])
        expect(written(merged.dataset)).toEqual(canonical(ours))
      }
    }
  })

  test('what both changed alike is taken once', () => {
    for (const { base, ours } of cases) {
      const merged = mergeOf(base, ours, structuredClone(ours))
      expect(merged.body.conflicts).toEqual([])
      expect(written(merged.dataset)).toEqual(canonical(ours))
    }
  })

  test('which side is called ours makes no difference, and a preference is exchanged with the sides', () => {
    let conflicts = 0
    for (const { base, ours, theirs } of cases) {
      const there = mergeOf(base, ours, theirs)
      const back = mergeOf(base, theirs, ours)
      conflicts += there.body.conflicts.length
      expect(back.body.conflicts.map(exchanged)).toEqual(there.body.conflicts.map((one) => ({ ...one, message: '' })))
      if (there.body.verdict === 'pass') expect(written(back.dataset)).toEqual(written(there.dataset))
      const preferred = mergeOf(base, ours, theirs, 'ours')
      expect(written(mergeOf(base, theirs, ours, 'theirs').dataset)).toEqual(written(preferred.dataset))
      expect(preferred.body.verdict).toBe('pass')
      expect(problemsOf(datasetMerge, there.body)).toEqual([])
    }
    expect(conflicts).toBeGreaterThan(20)
  })

  test('merging once more with either side changes nothing', () => {
    for (const { base, ours, theirs } of cases) {
      const merged = mergeOf(base, ours, theirs)
      if (merged.body.verdict === 'fail') continue
      const again = mergeDatasets(toDataset(base), merged.dataset, merged.dataset)
      expect(written(again.dataset)).toEqual(written(merged.dataset))
    }
  })

  test('changes of different images never conflict: each image is that of the side that changed it', () => {
    for (const { base, ours, theirs } of cases) {
      const part = (from: PlainDataset, odd: number): PlainDataset => ({
        classes: base.classes,
        images: base.images.flatMap((image, i) => {
          if (i % 2 !== odd) return [image]
          return from.images.filter(({ name }) => name === image.name || name === `${image.name}-renamed`)
        }),
      })
      const [left, right] = [part(ours, 0), part(theirs, 1)]
      const merged = mergeOf(base, left, right)
      expect(merged.body.conflicts).toEqual([])
      const expected: PlainDataset = {
        classes: base.classes,
        images: base.images.flatMap(({ name }, i) => {
          const same = (image: { name: string }) => image.name === name || image.name === `${name}-renamed`
          return (i % 2 === 0 ? left : right).images.filter(same)
        }),
      }
      expect(written(merged.dataset)).toEqual(canonical(expected))
    }
  })
})

test('changes of different boxes of one image never conflict, whatever they are', () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = seededRandom(`boxes ${seed}`)
    const classes = ['person', 'helmet', 'vest']
    const cell = (k: number): PlainBox => ({
      className: random.pick(classes),
      box: [0.1 + 0.2 * (k % 5), 0.1 + 0.2 * Math.floor(k / 5), 0.1, 0.1],
    })
    const base = Array.from({ length: 20 }, (_, k) => cell(k))
    const versions = { ours: [] as PlainBox[], theirs: [] as PlainBox[], expected: [] as PlainBox[] }
    for (const box of base) {
      const who = random.pick(['ours', 'theirs', 'both', 'nobody'] as const)
      const now = who === 'nobody' ? [box] : changedBox(box, classes, random.int(3))
      versions.ours.push(...(who === 'ours' || who === 'both' ? now : [box]))
      versions.theirs.push(...(who === 'theirs' || who === 'both' ? now : [box]))
      versions.expected.push(...now)
    }
    for (const side of ['ours', 'theirs'] as const) {
      const box = cell(20 + random.int(2) + (side === 'ours' ? 0 : 2))
      versions[side].push(box)
      versions.expected.push(box)
    }
    const of = (boxes: PlainBox[]): PlainDataset => ({
      classes,
      images: [{ name: 'a', split: 'train', content: 'a', boxes: random.shuffle(boxes) }],
    })
    const merged = mergeOf(of(base), of(versions.ours), of(versions.theirs))
    expect(merged.body.conflicts).toEqual([])
    expect(written(merged.dataset)).toEqual(canonical(of(versions.expected)))
  }
})

function changedBox({ className, box: [cx, cy, w, h] }: PlainBox, classes: string[], what: number): PlainBox[] {
  if (what === 0) return []
  if (what === 1) return [{ className, box: [cx + 0.02, cy, w, h] }]
  return [{ className: classes[(classes.indexOf(className) + 1) % 3] as string, box: [cx, cy, w, h] }]
}

/** Some versions turn the class map round or add a class. */
function withClasses({ classes, images }: PlainDataset, seed: number, name: string): PlainDataset {
  if (seed % 3 === 0) return { classes: [...classes, `new-${name}`], images }
  if (seed % 7 === 0) return { classes: classes.toReversed(), images }
  return { classes, images }
}

function exchanged<C extends { ours?: unknown; theirs?: unknown }>({ ours, theirs, ...rest }: C) {
  return { ...rest, ...(theirs ? { ours: theirs } : {}), ...(ours ? { theirs: ours } : {}), message: '' }
}
