import { expect, test } from 'vitest'
import { resampleDifference } from '../../../src/core/compare/model-bootstrap.ts'
import { compareModels } from '../../../src/core/compare/models.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from '../metrics/coco-cases.ts'
import { replicated } from '../metrics/copied-set.ts'

const images = 24
const random = seededRandom('intervals')
const { gt, dt } = randomCocoCase(random, { images, truths: 120, detections: 300 })
const coco = readCocoTruth(gt, 'gt')
// Scores without ties, so that copies of an image fall into one place.
const read = (list: typeof dt) =>
  readCocoDetections(
    list.map((found, i) => ({ ...found, score: found.score + i * 1e-9 })),
    'dt',
    coco,
  ).detections
const [baseline, candidate, third] = [read(dt), read(dt.filter((_, i) => i % 5 > 0)), read(dt.slice(0, 200))] as const
const { truth } = coco
const common = {
  ...{ truth, baseline, candidate, classNames: coco.categoryNames, imageNames: coco.imageNames, resamples: 300 },
  clusters: Int32Array.from({ length: images }, (_, image) => image >> 1),
}

test('the jackknife leaves out one scene in turn: as if it were not in the set', () => {
  const arms = { baseline: [baseline], candidate: [candidate] }
  const settings = { resamples: 2, seed: 0, thresholds: 10, jackknife: true }
  const { jackknife } = resampleDifference(truth, arms, common.clusters, settings)
  expect(jackknife?.overall).toHaveLength(images / 2)
  for (const scene of [0, 3, 11]) {
    const copies = Array.from(common.clusters, (cluster) => (cluster === scene ? 0 : 1))
    const [a, b] = [baseline, candidate].map((found) => {
      const without = replicated(truth, found, copies)
      return evaluateCoco(without.truth, without.detections).stats[0]!
    }) as [number, number]
    expect(Math.abs(jackknife!.overall[scene]! - (b - a))).toBeLessThan(1e-12)
  }
})

test('BCa intervals are asked for, say so, and keep the value and the draws', () => {
  const percentile = compareModels(common)
  const bca = compareModels({ ...common, interval: 'bca' })
  expect(percentile.overall.difference.method).toContain('percentile')
  expect(bca.overall.difference.method).toContain('BCa')
  expect(bca.overall.difference.value).toBe(percentile.overall.difference.value)
  const { low, high, value } = bca.overall.difference
  expect(low!).toBeLessThanOrEqual(value)
  expect(high!).toBeGreaterThanOrEqual(value)
  expect([low, high]).not.toEqual([percentile.overall.difference.low, percentile.overall.difference.high])
  expect(bca.overall.bounds!.lower95).toBeGreaterThan(low!)
})

test('a model against itself has no bias to correct: the interval is that of nothing', () => {
  const { difference } = compareModels({ ...common, candidate: baseline, interval: 'bca' }).overall
  expect(difference).toMatchObject({ value: 0, low: 0, high: 0 })
})

test('with several seeds the variance is named by where it comes from', () => {
  const seeded = compareModels({ ...common, furtherSeeds: { baseline: [], candidate: [third] } })
  const scores = [candidate, third].map((found) => evaluateCoco(truth, found).stats[0]!) as [number, number]
  expect(seeded.variance!.seeds).toBeCloseTo((scores[0] - scores[1]) ** 2 / 2 / 2, 12)
  expect(seeded.variance!.units).toBeGreaterThan(0)
  expect(compareModels(common)).not.toHaveProperty('variance')
})
