import { expect, test } from 'vitest'
import { sha256 } from '../../src/core/documents/define.ts'
import { evaluation } from '../../src/core/documents/evaluation.ts'
import { trainRun } from '../../src/core/documents/training.ts'
import { decodePredictions, encodePredictions } from '../../src/core/metrics/predictions-file.ts'
import { seededRandom } from '../../src/core/stats/random.ts'
import type { Bundle } from '../../src/steps/bundle.ts'
import { compareEvaluations } from '../../src/steps/compare-models.ts'
import { evaluateDetections } from '../../src/steps/evaluate-detections.ts'
import { replayComparison } from '../../src/steps/replay-comparison.ts'
import { trainRunBody } from './train-run-body.ts'

const images = Array.from({ length: 12 }, (_, i) => `i${i}`)

/** An arm that misses this share of the boxes, as an evaluation with its predictions. */
function armOf(name: string, missing: number) {
  const random = seededRandom(name)
  const all = images.flatMap((_, image) => [0, 1, 2].map((at) => ({ image, x: at * 30 })))
  const found = all.filter(() => random.next() >= missing)
  const boxes = (of: typeof all) => ({
    count: of.length,
    image: Int32Array.from(of, (box) => box.image),
    classId: new Int32Array(of.length),
    x: Float64Array.from(of, (box) => box.x),
    y: new Float64Array(of.length),
    w: new Float64Array(of.length).fill(20),
    h: new Float64Array(of.length).fill(20),
  })
  const truth = {
    ...boxes(all),
    area: new Float64Array(all.length).fill(400),
    crowd: new Uint8Array(all.length),
    imageCount: images.length,
    classCount: 1,
  }
  const detections = { ...boxes(found), score: Float64Array.from(found, () => 0.5 + random.next() / 2) }
  const text = encodePredictions({ images, scenes: images, classes: ['c'], truth, detections })
  const predictions = decodePredictions(text, name)
  const body = evaluateDetections({
    ...{ truth: predictions.truth, detections: predictions.detections, classNames: ['c'], scenes: images, slices: [] },
    served: { confidence: 0.001, iou: 0.7, maxDetections: 300, multiLabel: false },
    ...{ labelSource: 'human', predictions: { file: `${name}.json`, sha256: sha256(text) } },
  })
  const document = evaluation.make({ model: sha256(name), validationSet: sha256('set') }, body)
  return { file: name, name, document, predictions, text }
}
type Arm = ReturnType<typeof armOf>
const [champion, weak, candidate] = [armOf('champion', 0.1), armOf('weak', 0.7), armOf('candidate', 0.3)]
const drawn = { metric: 'map' as const, resamples: 200, seed: 3 }
const run = (arm: Arm, role: 'candidate' | 'control', seed: number) =>
  trainRun.make({}, { ...trainRunBody, role, seed, tensors: arm.document.subject.model as string })
const bundleOf = (arms: Arm[], more: Bundle['evidence'] = []) =>
  ({
    evidence: [...arms.map(({ document }) => document), ...more],
    predictions: new Map(arms.map(({ text }) => [sha256(text), text])),
  }) as unknown as Bundle

test('a comparison is computed again with the arm that its digest names, and with no weaker one', () => {
  const honest = compareEvaluations({ baseline: champion, candidate: { ...candidate, name: 'candidate' }, ...drawn })
  expect(replayComparison(bundleOf([champion, candidate, weak]), honest).verdict).toBe('pass')
  // Drawn with the weak arm, and said to be with the champion.
  const posing = { ...weak, name: 'champion', document: { ...weak.document, subject: champion.document.subject } }
  const flattering = compareEvaluations({ baseline: posing, candidate: { ...candidate, name: 'candidate' }, ...drawn })
  expect(flattering.subject.champion).toBe(champion.document.subject.model)
  expect(flattering.body.overall.difference.value).toBeGreaterThan(0)
  expect(replayComparison(bundleOf([champion, candidate, weak]), flattering).verdict).toBe('fail')
})

test('draws without end are not made', () => {
  const honest = compareEvaluations({ baseline: champion, candidate: { ...candidate, name: 'candidate' }, ...drawn })
  const endless = { ...honest, body: { ...honest.body, resamples: 1e12 } }
  expect(replayComparison(bundleOf([champion, candidate]), endless).verdict).toBe('inconclusive')
})

test('a comparison that names no baseline is open where several arms could be it', () => {
  const { subject, ...rest } = compareEvaluations({
    baseline: weak,
    candidate: { ...candidate, name: 'candidate' },
    ...drawn,
  })
  const { champion: _, ...about } = subject
  const unnamed = { ...rest, subject: about }
  expect(replayComparison(bundleOf([weak, candidate]), unnamed).verdict).toBe('pass')
  expect(replayComparison(bundleOf([weak, candidate, champion]), unnamed)).toEqual({
    verdict: 'inconclusive',
    reason: 'it does not say which of the arms it was compared with',
  })
  expect(replayComparison(bundleOf([candidate]), unnamed).verdict).toBe('inconclusive')
})

test('pooled seeds are computed again from the arms of the training runs; one too few is open, another is wrong', () => {
  const seeds = [1, 2].map((seed) => armOf(`candidate ${seed}`, 0.3))
  const controls = [0, 1].map((seed) => armOf(`control ${seed}`, 0.2))
  const runs = [candidate, ...seeds].map((arm, seed) => run(arm, 'candidate', seed))
  const controlRuns = controls.map((arm, seed) => run(arm, 'control', seed))
  const [control, ...moreControls] = controls as [Arm, Arm]
  const pooled = compareEvaluations({
    baseline: { ...control, name: 'control', furtherSeeds: moreControls },
    candidate: { ...candidate, name: 'candidate', furtherSeeds: seeds },
    ...drawn,
  })
  expect(pooled.body.seeds).toEqual({ baseline: 2, candidate: 3 })
  const arms = [...controls, candidate, ...seeds]
  const verdictOf = (bundle: Bundle, document = pooled) => replayComparison(bundle, document).verdict
  expect(verdictOf(bundleOf(arms.toReversed(), [...runs, ...controlRuns]))).toBe('pass')
  expect(replayComparison(bundleOf(arms.slice(0, -1), [...runs, ...controlRuns]), pooled).reason).toBe(
    'it pools 3 seeds of the candidate, the bundle tells of 2',
  )
  expect(verdictOf(bundleOf(arms, controlRuns))).toBe('inconclusive')
  const body = structuredClone(pooled.body)
  body.overall.difference.value += 0.01
  expect(verdictOf(bundleOf(arms, [...runs, ...controlRuns]), { ...pooled, body })).toBe('fail')
})
