import { expect, test } from 'vitest'
import { compareModels } from '../../../src/core/compare/models.ts'
import { comparison } from '../../../src/core/documents/evaluation.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'
import { subject } from './planted.ts'

const perScene = 2
const boxes = 3
const classNames = ['a', 'b', 'c']
/** More by command: SLUICE_SIMULATIONS=20000. */
const experiments = Number(process.env.SLUICE_SIMULATIONS ?? 1000)

/** Two models on the same images: each finds a scene easy or hard by its own luck; `worse` shifts one's boxes further. */
function twoModels(random: Random, scenes: number, worse: number) {
  const images = scenes * perScene
  const truth = emptyTruth(images * boxes, images, classNames.length)
  const arms = [emptyDetections(images * boxes), emptyDetections(images * boxes)] as const
  for (const columns of [truth, ...arms]) {
    columns.w.fill(40)
    columns.h.fill(40)
  }
  truth.area.fill(1600)
  for (let row = 0, scene = 0; scene < scenes; scene++) {
    const luck = arms.map((_, arm) => Math.abs(random.normal(0, 12)) + (arm === 1 ? worse : 0))
    for (let i = 0; i < perScene * boxes; i++, row++) {
      truth.image[row] = scene * perScene + Math.floor(i / boxes)
      truth.classId[row] = i % boxes
      truth.x[row] = 100 * (i % boxes)
      arms.forEach((columns, arm) => {
        columns.image[row] = truth.image[row]!
        columns.classId[row] = truth.classId[row]!
        columns.x[row] = truth.x[row]! + random.normal(0, 1) + luck[arm]!
        columns.score[row] = random.next()
      })
    }
  }
  return { truth, baseline: arms[0], candidate: arms[1], images }
}

/** How often each line fails, over comparisons of the real comparison, judged by the real gate. */
function failures(lines: GateLine[], count: number, scenes: number, worse: number): number[] {
  const random = seededRandom(`false alarms ${worse}`)
  const failed = lines.map(() => 0)
  for (let i = 0; i < count; i++) {
    const { images, ...models } = twoModels(random, scenes, worse)
    const body = compareModels({
      ...models,
      classNames,
      clusters: Int32Array.from({ length: images }, (_, image) => Math.floor(image / perScene)),
      imageNames: Array.from({ length: images }, (_, image) => `${image}`),
      resamples: 200,
      metric: 'map50',
      seed: i,
    })
    lines.forEach((line, k) => {
      const { verdict } = judge({ name: 'p', gates: [line] }, [comparison.make(subject, body)], subject).body
      if (verdict === 'fail') failed[k]!++
    })
  }
  return failed
}

const line: GateLine = { gate: 'no-regression', evidence: 'Comparison', measure: 'map50', margin: 0 }
// The 99.9 % quantile of failures at a rate of exactly one in a hundred.
const most = 0.01 * experiments + 3.09 * Math.sqrt(0.0099 * experiments) + 1

test('equal models fail in at most one case of a hundred, in all and over all classes together, even without a margin', {
  timeout: 600_000,
}, () => {
  const [overall, perClass] = failures([line, { ...line, perClass: true }], experiments, 40, 0) as [number, number]
  expect(overall).toBeLessThanOrEqual(most)
  expect(perClass).toBeLessThanOrEqual(most)
})

test('a model that is truly worse fails in most cases', () => {
  const [overall] = failures([line], 40, 40, 8) as [number]
  expect(overall).toBeGreaterThan(30)
})
