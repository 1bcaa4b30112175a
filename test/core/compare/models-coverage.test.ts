import { expect, test } from 'vitest'
import { compareModels } from '../../../src/core/compare/models.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

const perScene = 4
const boxes = 2

/** Two models of equal quality: each finds a scene easy or hard by its own luck, so their true difference is zero. */
function experiment(random: Random, scenes: number) {
  const images = scenes * perScene
  const truth = emptyTruth(images * boxes, images, 1)
  const arms = [emptyDetections(images * boxes), emptyDetections(images * boxes)] as const
  for (const columns of [truth, ...arms]) {
    columns.w.fill(40)
    columns.h.fill(40)
  }
  truth.area.fill(1600)
  let row = 0
  for (let scene = 0; scene < scenes; scene++) {
    const errors = arms.map(() => Math.abs(random.normal(0, 9)))
    for (let i = 0; i < perScene * boxes; i++, row++) {
      const image = scene * perScene + Math.floor(i / boxes)
      truth.image[row] = image
      truth.x[row] = 100 * (i % boxes)
      arms.forEach((columns, arm) => {
        columns.image[row] = image
        columns.x[row] = truth.x[row]! + random.normal(0, 1) + errors[arm]!
        columns.score[row] = random.next()
      })
    }
  }
  return { truth, baseline: arms[0], candidate: arms[1], images }
}

/** Share of experiments whose interval holds the true difference, zero. */
function coverage(scenes: number, experiments: number, clusterOf: (image: number) => number): number {
  const random = seededRandom(`coverage of ${scenes} scenes`)
  let covered = 0
  for (let i = 0; i < experiments; i++) {
    const { images, ...drawn } = experiment(random, scenes)
    const { overall } = compareModels({
      ...drawn,
      clusters: Int32Array.from({ length: images }, (_, image) => clusterOf(image)),
      classNames: ['a'],
      imageNames: Array.from({ length: images }, (_, image) => `${image}`),
      resamples: 200,
      seed: i,
    })
    const { low, high } = overall.difference
    if (low !== undefined && high !== undefined && low <= 0 && high >= 0) covered++
  }
  return covered / experiments
}

const sceneOf = (image: number) => Math.floor(image / perScene)

test('a 95 % interval over 30 scenes holds the true difference in about 95 of 100 experiments', () => {
  const share = coverage(30, 200, sceneOf)
  expect(share).toBeGreaterThanOrEqual(0.91)
  expect(share).toBeLessThanOrEqual(0.985)
})

test('with 8 scenes the widened interval still does', () => {
  const share = coverage(8, 200, sceneOf)
  expect(share).toBeGreaterThanOrEqual(0.9)
  expect(share).toBeLessThanOrEqual(0.99)
})

test('drawing images instead of scenes claims too much', () => {
  expect(coverage(30, 100, (image) => image)).toBeLessThan(0.85)
})
