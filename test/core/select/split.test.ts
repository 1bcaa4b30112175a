import { describe, expect, test } from 'vitest'
import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import { groupImages } from '../../../src/core/dataset/groups.ts'
import type { Dataset, Split } from '../../../src/core/dataset/model.ts'
import { planSplit } from '../../../src/core/select/split.ts'
import { examplesDistribution, labelsDistribution } from '../../../src/core/select/split-measures.ts'
import { jensenShannonBits } from '../../../src/core/stats/divergence.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

type Given = { name: string; scene: string; split?: Split; classes: number[]; md5?: string }
const place = { cx: 0.5, cy: 0.5, w: 0.1, h: 0.1 }

function dataset(given: Given[], classes = 4): Dataset {
  const images = given.map(({ name, scene, split = 'none', md5 = null }) => ({
    ...{ name, file: `images/${name}.jpg`, labelFile: `labels/${name}.txt`, split, width: 100, height: 100 },
    ...{ md5, provenance: { image: name, scene } },
  }))
  const rows = given.flatMap((each, image) =>
    each.classes.map((classId, i) => ({ image, classId, ...place, line: i + 1 })),
  )
  const names = Array.from({ length: classes }, (_, i) => `c${i}`)
  return { root: '.', format: 'yolo', classes: names, images, boxes: boxColumnsOf(rows), defects: [] }
}

/** Scenes of 1 to 6 images; class 0 common, class 3 rare. */
function world(seed: number, scenes: number): Given[] {
  const random = seededRandom(`split ${seed}`)
  return Array.from({ length: scenes }, (_, s) => {
    const kinds = [0, 1, 2, 3].filter((label) => random.next() < [0.8, 0.5, 0.3, 0.1][label]!)
    return Array.from({ length: 1 + random.int(6) }, (__, i) => ({
      name: `s${s}-${i}`,
      scene: `scene ${s}`,
      classes: kinds.filter(() => random.next() < 0.8),
    }))
  }).flat()
}
const options = { val: 0.2, test: 0.1, by: ['scene', 'video'] as const }

describe('a planned split', () => {
  test('gives every image a split, parts no scene, and comes near the shares', () => {
    for (let seed = 0; seed < 30; seed++) {
      const data = dataset(world(seed, 60))
      const { splits, assigned } = planSplit(data, options)
      expect(splits).not.toContain('none')
      expect(assigned).toBe(data.images.length)
      const ofScene = new Map<string, Set<Split>>()
      for (const [i, { provenance }] of data.images.entries()) {
        const seen = ofScene.get(provenance!.scene!) ?? new Set()
        ofScene.set(provenance!.scene!, seen.add(splits[i]!))
      }
      expect([...ofScene.values()].every((seen) => seen.size === 1)).toBe(true)
      const share = (name: Split) => splits.filter((split) => split === name).length / splits.length
      expect(Math.abs(share('val') - 0.2)).toBeLessThan(0.06)
      expect(Math.abs(share('test') - 0.1)).toBeLessThan(0.06)
    }
  })

  test('does not depend on the order of images', () => {
    const given = world(7, 50)
    const plan = (list: Given[]) => {
      const data = dataset(list)
      const { splits } = planSplit(data, options)
      return Object.fromEntries(data.images.map(({ name }, i) => [name, splits[i]]))
    }
    const expected = plan(given)
    for (let i = 0; i < 5; i++) expect(plan(seededRandom(i).shuffle(given))).toEqual(expected)
  })

  test('never moves what has a split, and new images of an old scene follow it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const before = dataset(world(seed, 40))
      const first = planSplit(before, options).splits
      const published = world(seed, 40).map((each, i) => ({ ...each, split: first[i]! }))
      const random = seededRandom(`more ${seed}`)
      const more = world(seed + 1000, 20).map((each) => ({
        ...each,
        name: `new-${each.name}`,
        scene: random.next() < 0.5 ? `scene ${random.int(40)}` : `new ${each.scene}`,
      }))
      const after = planSplit(dataset([...published, ...more]), options)
      expect(after.splits.slice(0, published.length)).toEqual(first)
      expect(after.splits).not.toContain('none')
      for (const [k, { scene }] of more.entries()) {
        const old = published.findIndex((each) => each.scene === scene)
        if (old >= 0) expect(after.splits[published.length + k]).toBe(first[old])
      }
    }
  })

  test('puts a class into every split when as many scenes have it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seededRandom(`one label ${seed}`)
      const given = Array.from({ length: 40 }, (_, s) => ({
        name: `${s}`,
        scene: `${s}`,
        classes: [s < 3 ? 3 : random.int(3)],
      }))
      const data = dataset(given)
      const { splits } = planSplit(data, options)
      for (const label of [0, 1, 2, 3]) {
        const seen = new Set(given.flatMap(({ classes }, i) => (classes[0] === label ? [splits[i]] : [])))
        expect([label, [...seen].sort()]).toEqual([label, ['test', 'train', 'val']])
      }
    }
  })

  test('keeps equal bytes and copies together, and leaves torn groups as they are', () => {
    const given = world(3, 30).map((each, i) => ({ ...each, md5: i === 5 || i === 80 ? 'same' : `${i}` }))
    const data = { ...dataset(given), copies: [{ image: 1, other: 70, inBase: false, correlation: 1 }] }
    const { splits } = planSplit(data, options)
    expect(splits[5]).toBe(splits[80])
    expect(splits[1]).toBe(splits[70])
    const torn = dataset([
      { name: 'a', scene: 'x', split: 'train', classes: [] },
      { name: 'b', scene: 'x', split: 'val', classes: [] },
      { name: 'c', scene: 'x', split: 'val', classes: [] },
      { name: 'd', scene: 'x', classes: [] },
    ])
    expect(planSplit(torn, options)).toMatchObject({ splits: ['train', 'val', 'val', 'val'], torn: 1, followed: 1 })
  })

  test('a share of nothing gets nothing', () => {
    expect(planSplit(dataset(world(2, 30)), { ...options, test: 0 }).splits).not.toContain('test')
  })
})

test('copies do not chain a large part of the data into one group', () => {
  const data = dataset(world(1, 100))
  const chain = data.images.slice(1).map((_, i) => ({ image: i, other: i + 1, inBase: false, correlation: 1 }))
  const sets = groupImages({ ...data, copies: chain }, ['scene', 'copy'])
  const largest = Math.max(...data.images.map((_, i) => sets.sizeOf(i)))
  expect(largest).toBeLessThanOrEqual(Math.max(20, data.images.length / 20))
})

describe('measures of a split', () => {
  const labels = [[0], [0], [1], [1], [0, 1], [], [0], [1]]
  test('labels distribution is 0 where every split has its share, infinite where a split has a label throughout', () => {
    expect(labelsDistribution({ labels, labelCount: 2 }, [0, 1, 0, 1, 0, 0, 1, 1], 2)).toBe(0)
    expect(labelsDistribution({ labels, labelCount: 2 }, [0, 0, 1, 1, 0, 1, 0, 1], 2)).toBe(Number.POSITIVE_INFINITY)
  })
  test('examples distribution counts examples too many or too few', () => {
    expect(examplesDistribution([0, 0, 0, 1], [0.5, 0.5])).toBe(1)
  })
  test('the divergence of (.5, .3, .2) and (.4, .4, .2) is 0.0091859 bits', () => {
    expect(jensenShannonBits([0.5, 0.3, 0.2], [0.4, 0.4, 0.2])).toBeCloseTo(0.0091859, 7)
    expect(jensenShannonBits([1, 0], [0, 1])).toBe(1)
  })
})
