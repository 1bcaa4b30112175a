import { describe, expect, test } from 'vitest'
import { compareModels } from '../../../src/core/compare/models.ts'
import { compareSlices } from '../../../src/core/compare/slices.ts'
import { comparison } from '../../../src/core/documents/evaluation.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { subject } from '../judge/planted.ts'

const perSlice = 10
const boxes = 4

/** Two models on `slices` cameras; the candidate is `worse` pixels off on the camera that is named, equal elsewhere. */
function experiment(random: Random, slices: number, planted: { camera: number; worse: number } | null) {
  const images = slices * perSlice
  const truth = emptyTruth(images * boxes, images, 1)
  const arms = [emptyDetections(images * boxes), emptyDetections(images * boxes)] as const
  for (const columns of [truth, ...arms]) {
    columns.w.fill(40)
    columns.h.fill(40)
  }
  truth.area.fill(1600)
  for (let row = 0; row < images * boxes; row++) {
    const image = Math.floor(row / boxes)
    truth.image[row] = image
    truth.x[row] = 100 * (row % boxes)
    for (const [arm, columns] of arms.entries()) {
      const extra = arm === 1 && planted?.camera === Math.floor(image / perSlice) ? planted.worse : 0
      columns.image[row] = image
      columns.x[row] = truth.x[row]! + Math.abs(random.normal(0, 6)) + extra
      columns.score[row] = random.next()
    }
  }
  const values = Array.from({ length: images }, (_, image) => `camera ${Math.floor(image / perSlice)}`)
  return { truth, baseline: arms[0], candidate: arms[1], values, images }
}

function verdictOf(drawn: ReturnType<typeof experiment>, seed: number) {
  const { values, images, ...arms } = drawn
  const body = compareModels({
    ...arms,
    slicings: [{ slice: 'camera', values }],
    clusters: Int32Array.from({ length: images }, (_, image) => image),
    classNames: ['a'],
    imageNames: values.map((_, image) => `${image}`),
    metric: 'map50',
    resamples: 2,
    sliceResamples: 60,
    seed,
  })
  const line = { gate: 'worst-slice', evidence: 'Comparison', measure: 'map50', margin: 0.05 }
  return judge({ name: 'p', gates: [line] }, [comparison.make(subject, body)], subject).body
}

describe('differences by slice', () => {
  test('are those of the full evaluation for one size of object, and name the camera that lost', () => {
    const random = seededRandom('slices')
    const { truth, baseline, candidate, values, images } = experiment(random, 3, { camera: 1, worse: 5 })
    for (let row = 0; row < truth.count; row++) truth.area[row] = random.pick([900, 1024, 5000])
    const slices = compareSlices({
      truth,
      baseline,
      candidate,
      clusters: Int32Array.from({ length: images }, (_, i) => i),
      slicings: [{ slice: 'camera', values }],
      thresholds: 10,
      resamples: 10,
      seed: 0,
    })
    expect(slices.map(({ slice, value }) => `${slice} ${value}`)).toEqual([
      'camera camera 0',
      'camera camera 1',
      'camera camera 2',
      'size small',
      'size medium',
    ])
    const [all, small] = [evaluateCoco(truth, baseline), slices[3]]
    expect(small?.baseline).toBeCloseTo(all.stats[3] as number, 12)
    expect(small?.candidate).toBeCloseTo(evaluateCoco(truth, candidate).stats[3] as number, 12)
    expect(slices[0]).toMatchObject({ images: perSlice, boxes: perSlice * boxes, units: perSlice })
    expect(slices[1]?.difference).toBeLessThan(slices[0]?.difference ?? 0)
  })

  test('leave out a slice without support', () => {
    const { truth, baseline, candidate, images } = experiment(seededRandom('few'), 2, null)
    const values = Array.from({ length: images }, (_, image) => (image < 3 ? 'rare' : null))
    const slices = compareSlices({
      truth,
      baseline,
      candidate,
      clusters: Int32Array.from({ length: images }, (_, i) => i),
      slicings: [{ slice: 'camera', values }],
      thresholds: 1,
      resamples: 10,
      seed: 0,
    })
    expect(slices.filter(({ slice }) => slice === 'camera')).toEqual([])
  })
})

describe('the worst slice of sixty', () => {
  test('is hardly ever blamed when the models are equal', () => {
    const random = seededRandom('null')
    let blamed = 0
    for (let i = 0; i < 100; i++) if (verdictOf(experiment(random, 60, null), i).verdict === 'fail') blamed++
    expect(blamed).toBeLessThanOrEqual(4)
  })

  test('is found when one camera is worse, and is named', () => {
    const random = seededRandom('planted')
    let found = 0
    for (let i = 0; i < 20; i++) {
      const body = verdictOf(experiment(random, 60, { camera: 17, worse: 12 }), i)
      if (body.verdict === 'fail' && body.reason.includes('camera camera 17')) found++
    }
    expect(found).toBeGreaterThanOrEqual(18)
  })
})
