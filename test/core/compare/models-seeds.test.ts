import { expect, test } from 'vitest'
import { compareModels } from '../../../src/core/compare/models.ts'
import type { DetectionColumns } from '../../../src/core/metrics/columns.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

const seeds = 3
const scenes = 40
const perScene = 3

/** Two recipes of equal quality, three seeds each: a seed has its own luck, and so has a scene with each recipe. */
function experiment(random: Random) {
  const count = scenes * perScene
  const truth = emptyTruth(count, count, 1)
  const place = (columns: { w: Float64Array; h: Float64Array }) => {
    columns.w.fill(40)
    columns.h.fill(40)
  }
  place(truth)
  truth.area.fill(1600)
  for (let i = 0; i < count; i++) truth.image[i] = i
  const recipe = (): DetectionColumns[] => {
    const hard = Array.from({ length: scenes }, () => Math.abs(random.normal(0, 6)))
    return Array.from({ length: seeds }, () => {
      const luck = random.normal(0, 1.2)
      const found = emptyDetections(count)
      place(found)
      for (let i = 0; i < count; i++) {
        found.image[i] = i
        found.x[i] = Math.max(0, 3 + luck) + hard[Math.floor(i / perScene)]! + random.normal(0, 1)
        found.score[i] = random.next()
      }
      return found
    })
  }
  return { truth, baseline: recipe(), candidate: recipe() }
}

function coverage(experiments: number, withSeeds: boolean): number {
  const random = seededRandom('seeds')
  let covered = 0
  for (let i = 0; i < experiments; i++) {
    const { truth, baseline, candidate } = experiment(random)
    const { overall } = compareModels({
      truth,
      baseline: baseline[0]!,
      candidate: candidate[0]!,
      ...(withSeeds ? { furtherSeeds: { baseline: baseline.slice(1), candidate: candidate.slice(1) } } : {}),
      clusters: Int32Array.from({ length: truth.imageCount }, (_, image) => Math.floor(image / perScene)),
      classNames: ['a'],
      imageNames: Array.from({ length: truth.imageCount }, (_, image) => `${image}`),
      resamples: 150,
      seed: i,
    })
    const { low, high } = overall.difference
    if (low !== undefined && high !== undefined && low <= 0 && high >= 0) covered++
  }
  return covered / experiments
}

test('with three seeds an arm a 95 % interval over seeds and scenes holds the truth in about 95 of 100 experiments', () => {
  const share = coverage(200, true)
  expect(share).toBeGreaterThanOrEqual(0.91)
  expect(share).toBeLessThanOrEqual(0.995)
})

test('with one seed the interval speaks of these weights only: of the recipe it claims too much', () => {
  expect(coverage(200, false)).toBeLessThan(0.85)
})

test('three equal seeds add nothing, and are counted', () => {
  const { truth, baseline, candidate } = experiment(seededRandom('equal'))
  const [a, b] = [baseline[0]!, candidate[0]!]
  const common = {
    truth,
    baseline: a,
    candidate: b,
    clusters: Int32Array.from({ length: truth.imageCount }, (_, image) => Math.floor(image / perScene)),
    classNames: ['a'],
    imageNames: Array.from({ length: truth.imageCount }, (_, image) => `${image}`),
    resamples: 400,
  }
  const one = compareModels(common)
  const three = compareModels({ ...common, furtherSeeds: { baseline: [a, a], candidate: [b, b] } })
  expect(three.seeds).toEqual({ baseline: 3, candidate: 3 })
  expect(three.overall.difference.value).toBeCloseTo(one.overall.difference.value, 12)
  const width = (body: typeof one) => body.overall.difference.high! - body.overall.difference.low!
  expect(width(three) / width(one)).toBeGreaterThan(0.85)
  expect(width(three) / width(one)).toBeLessThan(1.2)
})
