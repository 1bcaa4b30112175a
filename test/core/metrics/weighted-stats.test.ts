import { expect, test } from 'vitest'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { prepareWeightedStats, weightedStats } from '../../../src/core/metrics/weighted-stats.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from './coco-cases.ts'
import { replicated } from './copied-set.ts'

const images = 9

function randomSet(random: Random, crowd: number) {
  const settings = { images, truths: 70, detections: 260, grid: random.pick([0.01, 8]), crowd }
  const { gt, dt } = randomCocoCase(random, settings)
  const coco = readCocoTruth(gt, 'gt')
  // Scores without ties, so that copies of an image fall into one place.
  const distinct = dt.map((found, i) => ({ ...found, score: found.score + i * 1e-9 }))
  return { truth: coco.truth, detections: readCocoDetections(distinct, 'dt', coco).detections }
}

const furthest = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))

test('all twelve numbers under weights are those of the set with copied images', () => {
  const random = seededRandom('twelve')
  for (let i = 0; i < 25; i++) {
    const { truth, detections } = randomSet(random, random.pick([0, 0.1, 0.5]))
    const inputs = prepareWeightedStats(truth, detections, evaluateCoco(truth, detections).matching)
    const once = new Array<number>(images).fill(1)
    expect(furthest(weightedStats(inputs, once), evaluateCoco(truth, detections).stats)).toBeLessThanOrEqual(1e-12)
    const copies = Array.from({ length: images }, () => random.int(4))
    const big = replicated(truth, detections, copies)
    const stats = weightedStats(inputs, copies)
    expect(stats).toHaveLength(12)
    expect(furthest(stats, evaluateCoco(big.truth, big.detections).stats)).toBeLessThanOrEqual(1e-12)
  }
})

test('without an image that has ground truth all twelve are -1', () => {
  const { truth, detections } = randomSet(seededRandom(5), 0)
  const inputs = prepareWeightedStats(truth, detections, evaluateCoco(truth, detections).matching)
  expect(weightedStats(inputs, new Array<number>(images).fill(0))).toEqual(new Array<number>(12).fill(-1))
})
