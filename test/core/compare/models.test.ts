import { expect, test } from 'vitest'
import { compareModels } from '../../../src/core/compare/models.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { meanOfPresent, prepareWeighted, weightedAp } from '../../../src/core/metrics/weighted-ap.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from '../metrics/coco-cases.ts'
import { replicated } from '../metrics/copied-set.ts'

function randomSet(random: Random, settings: Parameters<typeof randomCocoCase>[1]) {
  const { gt, dt } = randomCocoCase(random, settings)
  const coco = readCocoTruth(gt, 'gt')
  // Scores without ties, so that copies of an image fall into one place.
  const distinct = dt.map((found, i) => ({ ...found, score: found.score + i * 1e-9 }))
  return { ...coco, detections: readCocoDetections(distinct, 'dt', coco).detections }
}

test('a weight is a number of copies: weighted AP equals the full evaluation of the copied set', () => {
  const random = seededRandom('copies')
  for (let i = 0; i < 25; i++) {
    const { truth, detections } = randomSet(random, {
      images: 9,
      truths: 60,
      detections: 200,
      grid: random.pick([0.01, 8]),
    })
    const copies = Array.from({ length: 9 }, () => random.int(4))
    const big = replicated(truth, detections, copies)
    const expected = evaluateCoco(big.truth, big.detections)
    const input = prepareWeighted(truth, detections, evaluateCoco(truth, detections).matching)
    const perClass = new Float64Array(truth.classCount)
    weightedAp(input, copies, 10, perClass)
    perClass.forEach((ap, c) => {
      expect(Math.abs(ap - expected.perClass[c]!)).toBeLessThanOrEqual(1e-12)
    })
    expect(Math.abs(meanOfPresent(perClass) - expected.stats[0]!)).toBeLessThanOrEqual(1e-12)
    weightedAp(input, copies, 1, perClass)
    expect(Math.abs(meanOfPresent(perClass) - expected.stats[1]!)).toBeLessThanOrEqual(1e-12)
  }
})

const classNames = ['a', 'b', 'c', 'd']
const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `image-${i}`)
const eachAlone = (count: number) => Int32Array.from({ length: count }, (_, i) => i)

test('a model compared with itself differs by exactly nothing, in every draw', () => {
  const { truth, detections } = randomSet(seededRandom(3), { images: 40 })
  const body = compareModels({
    truth,
    baseline: detections,
    candidate: detections,
    clusters: eachAlone(40),
    classNames,
    imageNames: namesOf(40),
    resamples: 200,
  })
  expect(body.overall.difference).toMatchObject({ value: 0, low: 0, high: 0, level: 0.95, n: 40 })
  for (const row of body.perClass) expect(row.difference).toMatchObject({ value: 0, low: 0, high: 0 })
  expect(body.flips).toEqual({ fixed: [], broken: [] })
})

test('the estimate is the difference of two full evaluations, its interval repeats with the seed only', () => {
  const { truth, detections } = randomSet(seededRandom(4), { images: 40, detections: 400 })
  const random = seededRandom(5)
  const candidate = { ...detections, score: detections.score.map((score) => score * random.uniform(0.5, 1)) }
  const settings = {
    truth,
    baseline: detections,
    candidate,
    clusters: eachAlone(40),
    classNames,
    imageNames: namesOf(40),
  }
  const body = compareModels({ ...settings, resamples: 300, seed: 1 })
  const [before, after] = [evaluateCoco(truth, detections), evaluateCoco(truth, candidate)]
  expect(body.overall.difference.value).toBeCloseTo(after.stats[0]! - before.stats[0]!, 12)
  expect(body.perClass[0]?.candidate).toBeCloseTo(after.perClass[0]!, 12)
  expect(compareModels({ ...settings, resamples: 300, seed: 1 })).toEqual(body)
  expect(compareModels({ ...settings, resamples: 300, seed: 2 }).overall.difference.low).not.toBe(
    body.overall.difference.low,
  )
  const at50 = compareModels({ ...settings, resamples: 300, seed: 1, metric: 'map50' })
  expect(at50.overall.difference.value).toBeCloseTo(after.stats[1]! - before.stats[1]!, 12)
})

test('classes share the risk: their level is Bonferroni, and a class without ground truth is left out by name', () => {
  const { truth, detections } = randomSet(seededRandom(6), { images: 40, classes: 4 })
  const body = compareModels({
    truth,
    baseline: detections,
    candidate: detections,
    clusters: Int32Array.from({ length: 40 }, (_, i) => i % 8),
    classNames,
    imageNames: namesOf(40),
    resamples: 100,
  })
  expect(body.perClass).toHaveLength(3)
  for (const { difference } of body.perClass) expect(difference.level).toBeCloseTo(1 - 0.05 / 3, 12)
  expect(body).toMatchObject({ unit: 'scene', units: 8 })
  expect(body.notes?.join(' ')).toMatch(/Left out, without ground truth: [abcd]\./)
  expect(body.notes?.join(' ')).toMatch(/Only 8 scenes: .* a factor of 1\.29/)
})

test('one scene gives no interval, so that no gate can pass on it', () => {
  const { truth, detections } = randomSet(seededRandom(7), { images: 5 })
  const body = compareModels({
    truth,
    baseline: detections,
    candidate: detections,
    clusters: new Int32Array(5),
    classNames,
    imageNames: namesOf(5),
    resamples: 100,
  })
  expect(body.overall.difference.low).toBeUndefined()
  expect(body.overall.difference.high).toBeUndefined()
})

test('images that only the candidate gets wholly right are fixed, the other way round broken', () => {
  const truth = emptyTruth(3, 3, 1)
  truth.image.set([0, 1, 2])
  const sized = { w: new Float64Array(3).fill(50), h: new Float64Array(3).fill(50) }
  Object.assign(truth, sized, { area: new Float64Array(3).fill(2500) })
  const found = (images: number[]) => {
    const columns = emptyDetections(images.length)
    columns.image.set(images)
    columns.w.fill(50)
    columns.h.fill(50)
    columns.score.fill(0.9)
    return columns
  }
  const body = compareModels({
    truth,
    baseline: found([0, 1]),
    candidate: found([1, 2]),
    clusters: eachAlone(3),
    classNames: ['a'],
    imageNames: namesOf(3),
    resamples: 10,
  })
  expect(body.flips).toEqual({ fixed: ['image-2'], broken: ['image-0'] })
})
