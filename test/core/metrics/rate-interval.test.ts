import { expect, test } from 'vitest'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { evaluateDetections } from '../../../src/steps/evaluate-detections.ts'

type Shape = { images: number; imagesPerScene: number; least: number; most: number }

/** Images of four objects; a scene finds each with a chance of its own, and sees a fifth as many where there is nothing. */
function world({ images, imagesPerScene, least, most }: Shape, seed: string) {
  const random = seededRandom(seed)
  const truth = emptyTruth(images * 4, images, 2)
  const found: { image: number; classId: number; x: number; score: number }[] = []
  let chance = 0
  for (let i = 0; i < images; i++) {
    if (i % imagesPerScene === 0) chance = random.uniform(least, most)
    for (let k = 0; k < 4; k++) {
      const row = i * 4 + k
      truth.image[row] = i
      truth.classId[row] = k % 2
      ;[truth.x[row], truth.y[row], truth.w[row], truth.h[row], truth.area[row]] = [k * 40, 0, 20, 20, 400]
      const box = (x: number) => found.push({ image: i, classId: k % 2, x, score: random.uniform(0.3, 1) })
      if (random.next() < chance) box(k * 40)
      if (random.next() < 0.2) box(k * 40 + 500)
    }
  }
  const detections = emptyDetections(found.length)
  found.forEach(({ image, classId, x, score }, row) => {
    detections.image[row] = image
    detections.classId[row] = classId
    detections.score[row] = score
    ;[detections.x[row], detections.y[row], detections.w[row], detections.h[row]] = [x, 0, 20, 20]
  })
  const scenes = Array.from({ length: images }, (_, i) => `s${Math.floor(i / imagesPerScene)}`)
  return { truth, detections, scenes }
}

function evaluated(of: ReturnType<typeof world>, resamples = 100) {
  const served = { confidence: 0.001, iou: 0.7, maxDetections: 300, multiLabel: false }
  const about = { classNames: ['a', 'b'], slices: [], served, labelSource: 'unknown' }
  return evaluateDetections({ ...of, ...about, resamples })
}

const share = (hit: boolean[]) => hit.filter(Boolean).length / hit.length

test.each<[string, Shape]>([
  ['80 scenes of one image', { images: 80, imagesPerScene: 1, least: 0.6, most: 1 }],
  ['20 scenes of four images', { images: 80, imagesPerScene: 4, least: 0.6, most: 1 }],
  ['10 scenes in which hardly anything is missed', { images: 40, imagesPerScene: 4, least: 0.9, most: 1 }],
])('in %s the rates of many more lie above the lower bound in 95 of 100 sets at least', (_, shape) => {
  // What the shape says, since the chance is drawn evenly: found and missed, and a fifth of the objects as false alarms.
  const recall = (shape.least + shape.most) / 2
  const truly = { recall, precision: recall / (recall + 0.2), f1: (2 * recall) / (recall + 0.2 + 1) }
  const sets = Array.from({ length: 150 }, (_, i) => evaluated(world(shape, `set ${i}`)).rateInterval)
  for (const name of ['precision', 'recall', 'f1'] as const) {
    for (const row of [sets.map((set) => set?.perClass[0]?.[name]), sets.map((set) => set?.overall[name])]) {
      // 95 and 99 of 100, less what 150 sets may miss by chance.
      expect(share(row.map((bounds) => !!bounds && bounds.lower95 <= truly[name]))).toBeGreaterThan(0.91)
      expect(share(row.map((bounds) => !!bounds && bounds.upper99 >= truly[name]))).toBeGreaterThan(0.96)
      // And no bound that is always right because it says nothing.
      expect(share(row.map((bounds) => !!bounds && bounds.lower95 > truly[name] - 0.25))).toBeGreaterThan(0.95)
    }
  }
})

test('the bounds hold the rates that the evaluation states, by class and as their mean', () => {
  const { perClass, rateInterval } = evaluated(world({ images: 60, imagesPerScene: 3, least: 0.5, most: 1 }, 'one'))
  expect([rateInterval?.unit, rateInterval?.units]).toEqual(['scene', 20])
  for (const name of ['precision', 'recall', 'f1'] as const) {
    const holds = (value: number, bounds: { lower95: number; upper99: number } | null | undefined) =>
      expect([bounds && bounds.lower95 < value, bounds && value < bounds.upper99]).toEqual([true, true])
    for (const [c, row] of perClass.entries()) holds(row[name], rateInterval?.perClass[c]?.[name])
    holds(
      perClass.reduce((sum, row) => sum + row[name] / 2, 0),
      rateInterval?.overall[name],
    )
  }
})

test('one scene, a class without objects, and a class of which nothing was found have no bounds to speak of', () => {
  const one = world({ images: 6, imagesPerScene: 6, least: 0.5, most: 1 }, 'alone')
  expect(evaluated(one).rateInterval?.overall).toEqual({ precision: null, recall: null, f1: null })
  const other = world({ images: 30, imagesPerScene: 1, least: 0.5, most: 1 }, 'other')
  other.truth.classId.fill(0)
  expect(evaluated(other).rateInterval?.perClass[1]).toMatchObject({
    units: 0,
    precision: null,
    recall: null,
    f1: null,
  })
  other.detections.classId.fill(1)
  const blind = evaluated(other).rateInterval?.perClass[0]
  expect(blind).toMatchObject({ precision: null, recall: { lower95: 0 } })
  expect(blind?.recall?.upper99).toBeLessThan(0.2)
})
