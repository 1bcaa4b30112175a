import { expect, test } from 'vitest'
import { measureDrift } from '../../../src/core/compare/drift.ts'
import { jsDistance, ksCritical, ksStatistic, sharesByImage } from '../../../src/core/compare/drift-statistics.ts'
import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import type { Dataset } from '../../../src/core/dataset/model.ts'
import { drift } from '../../../src/core/documents/operational.ts'
import { problemsOf } from '../../../src/core/documents/parse.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import scipy from '../geometry/scipy-values.json' with { type: 'json' }

test.each(scipy.ks)('Kolmogorov and Smirnov’s gap agrees with scipy: $statistic', ({ a, b, statistic }) => {
  expect(ksStatistic(a, b)).toBeCloseTo(statistic, 12)
})

test.each(scipy.js)('Jensen and Shannon’s distance agrees with scipy: $distance', ({ a, b, distance }) => {
  expect(jsDistance(a, b)).toBeCloseTo(distance, 12)
})

test('the critical gap at 5 % is the textbook’s', () => {
  expect(ksCritical(1000, 1000, 0.05)).toBeCloseTo(0.0607, 4)
})

test('the error of a share counts images, not boxes', () => {
  // Twenty images of ten equal boxes each say no more than twenty boxes.
  const rows = Array.from({ length: 20 }, (_, i) => Int32Array.from(i % 2 ? [10, 0] : [0, 10]))
  const [first] = sharesByImage(rows, 2)
  expect(first?.share).toBe(0.5)
  expect(first?.standardError).toBeCloseTo(Math.sqrt((0.5 * 0.5) / 19), 12)
})

type World = { images: number; vest: number; size: number; boxes: number; seed: number }
function dataset({ images, vest, size, boxes, seed }: World): Dataset {
  const random = seededRandom(seed)
  const rows = Array.from({ length: images }, (_, image) =>
    Array.from({ length: 1 + random.int(boxes) }, (_, line) => {
      const w = size * random.uniform(0.8, 1.2)
      return { image, classId: random.next() < vest ? 1 : 0, cx: 0.5, cy: 0.5, w, h: w, line: line + 1 }
    }),
  ).flat()
  return {
    root: 'x',
    format: 'yolo',
    classes: ['helmet', 'vest'],
    images: Array.from({ length: images }, (_, i) => ({
      name: `i${i}`,
      file: `images/i${i}.png`,
      labelFile: null,
      split: 'train' as const,
      width: 100,
      height: 100,
      md5: null,
      provenance: null,
    })),
    boxes: boxColumnsOf(rows),
    defects: [],
  }
}
const usual: World = { images: 300, vest: 0.4, size: 0.2, boxes: 5, seed: 1 }
const exceeded = (before: World, after: World) =>
  measureDrift(dataset(before), dataset(after)).measures.flatMap(({ name, exceeded }) => (exceeded ? [name] : []))

test('two draws of one world show no drift, whatever their size', () => {
  for (const images of [20, 60, 300]) {
    let alarms = 0
    for (let seed = 0; seed < 15; seed++)
      if (exceeded({ ...usual, images, seed }, { ...usual, images, seed: seed + 100 }).length > 0) alarms++
    // Five measures at 1 % each: by chance about one alarm in twenty pairs.
    expect(alarms).toBeLessThanOrEqual(3)
  }
})

test.each<[string, Partial<World>, string[]]>([
  ['more vests', { vest: 0.8 }, ['class mix', 'share of helmet', 'share of vest']],
  ['smaller boxes', { size: 0.1 }, ['box size']],
  ['more boxes an image', { boxes: 9 }, ['boxes an image']],
])('%s drift, and nothing else does', (_, change, expected) => {
  expect(exceeded(usual, { ...usual, ...change, seed: 2 })).toEqual(expected)
})

test('brightness drifts where it is measured, and is noted where it is not', () => {
  const random = seededRandom('light')
  const light = (mean: number) => Array.from({ length: 100 }, () => random.normal(mean, 20))
  const [before, after] = [dataset(usual), dataset({ ...usual, seed: 2 })]
  const measured = measureDrift(before, after, { brightness: { before: light(120), after: light(60) } })
  expect(measured.measures.filter(({ exceeded }) => exceeded).map(({ name }) => name)).toEqual(['brightness'])
  expect(measureDrift(before, after).notes).toEqual(['brightness was not measured'])
})

test('a handful of images says nothing, and is a sound document', () => {
  const body = measureDrift(dataset({ ...usual, images: 5 }), dataset(usual))
  expect(body.measures).toEqual([])
  expect(body.notes[0]).toContain('fewer than 10 images')
  for (const empty of [
    body,
    measureDrift(dataset({ ...usual, images: 0 }), dataset({ ...usual, images: 0 })),
    measureDrift(dataset(usual), dataset(usual)),
  ])
    expect(problemsOf(drift, empty)).toEqual([])
})

test('the same seed gives the same limits', () => {
  const run = (seed: number) => measureDrift(dataset(usual), dataset({ ...usual, seed: 2 }), { seed })
  expect(run(3)).toEqual(run(3))
})
