import { describe, expect, test } from 'vitest'
import { binsOf, calibrate, expectedError, scaled, temperatureOf } from '../../../src/core/metrics/calibration.ts'
import { matchDetections } from '../../../src/core/metrics/coco-match.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

/** Scores whose hits are drawn with the probability that `truth` gives the score. */
function drawn(count: number, truth: (score: number) => number, seed: string) {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const score = random.uniform(0.06, 0.99)
    return { score, hit: random.next() < truth(score) }
  })
}

describe('calibration', () => {
  test('error of the five known detections is .07', () => {
    const points = [0.95, 0.92, 0.55, 0.52, 0.15].map((score, i) => ({ score, hit: i < 3 }))
    expect(expectedError(binsOf(points), points.length)).toBeCloseTo(0.07, 12)
  })

  test('scaling by 2 halves the logits', () => {
    const values = [2, -1, 0.5].map((z) => scaled(1 / (1 + Math.exp(-z)), 2))
    for (const [i, value] of [0.7310586, 0.3775407, 0.5621766].entries()) expect(values[i]).toBeCloseTo(value, 6)
  })

  test.each([0.5, 1, 2.5])('finds the temperature %d that the hits were drawn with', (temperature) => {
    const points = drawn(40_000, (score) => scaled(score, temperature), `t${temperature}`)
    expect(Math.abs(temperatureOf(points) / temperature - 1)).toBeLessThan(0.05)
  })

  test('has no error to speak of when scores are probabilities, and a large one when all are too sure', () => {
    const honest = drawn(20_000, (score) => score, 'honest')
    const boastful = drawn(20_000, (score) => score / 2, 'boastful')
    expect(expectedError(binsOf(honest), honest.length)).toBeLessThan(0.02)
    expect(expectedError(binsOf(boastful), boastful.length)).toBeGreaterThan(0.2)
  })

  test('takes hits from matching at IoU 0.5, fits on one half of the images and is told on the other', () => {
    const random = seededRandom('calibrate')
    const count = 4000
    const truth = emptyTruth(count, count, 1)
    const detections = emptyDetections(count)
    for (let i = 0; i < count; i++) {
      const score = random.uniform(0, 1)
      const found = random.next() < scaled(score, 2)
      truth.image[i] = i
      detections.image[i] = i
      for (const boxes of [truth, detections]) {
        boxes.w[i] = 50
        boxes.h[i] = 50
      }
      truth.area[i] = 2500
      detections.x[i] = found ? 2 : 300
      detections.score[i] = score
    }
    const result = calibrate(matchDetections(truth, detections), detections, (image) => (image % 2 === 0 ? 0 : 1))
    expect(result.detections).toBe([...detections.score].filter((score) => score >= 0.05).length)
    expect(result.temperature?.value).toBeCloseTo(2, 0)
    expect(result.temperature?.after).toBeLessThan((result.temperature?.before ?? 0) / 2)
  })

  test('fits nothing to a handful of detections', () => {
    const truth = emptyTruth(1, 1, 1)
    expect(calibrate(matchDetections(truth, emptyDetections(1)), emptyDetections(1), () => 0).temperature).toBeNull()
  })
})
