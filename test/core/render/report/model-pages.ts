import { attributeChange } from '../../../../src/core/compare/attribution.ts'
import { findHardNegatives } from '../../../../src/core/compare/hard-negatives.ts'
import { compareModels } from '../../../../src/core/compare/models.ts'
import type { ParityBody } from '../../../../src/core/documents/operational.ts'
import type { PredictionSet } from '../../../../src/core/metrics/predictions-file.ts'
import { renderComparePage } from '../../../../src/core/render/report/compare-page.ts'
import { renderHardPage } from '../../../../src/core/render/report/hard-page.ts'
import type { ReleaseRecord } from '../../../../src/core/render/report/history-input.ts'
import { renderHistory } from '../../../../src/core/render/report/history-page.ts'
import { renderParityPage } from '../../../../src/core/render/report/parity-page.ts'
import type { ReportPicture } from '../../../../src/core/render/report-input.ts'
import { evaluateDetections } from '../../../../src/steps/evaluate-detections.ts'
import { type Plant, plantedWorld } from '../../compare/mistake-world.ts'

const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const plants: Plant[] = [
  ...['missing label', 'swapped label', 'tiny object', 'hidden object', 'shifted box', 'wrong class'],
  ...['second box', 'unsure phantom', 'plain miss', 'plain miss', 'plain miss'],
] as Plant[]

/** An INT8 artefact that flips a few boxes. */
function parityBody(named: (text: string) => string): ParityBody {
  return {
    reference: { format: named('onnx'), sha256: '1'.repeat(64) },
    artifact: { format: named('onnx-int8'), sha256: '2'.repeat(64), bytes: 432_000 },
    ...{ state: 'measured', images: 120, notes: [named('Boxes are compared above confidence 0.25.')] },
    boxes: { reference: 587, artifact: 588, matched: 584, flipped: 7, maxCornerPx: 5.544, maxScore: 0.0618 },
    map: { reference: 0.667, artifact: 0.668, difference: { value: 0.0007, low: -0.0036, high: 0.0031 } },
    tensors: { images: 8, maxPx: 6.9711, meanPx: 0.3188, maxScore: 0.04642, meanScore: 0.00028 },
  }
}

/** The pages about models, over a planted world; every name in them goes through `named`. */
export function modelPages(named: (text: string) => string = (text) => text) {
  const { set } = plantedWorld(plants)
  const cameras = set.images.map((_, i) => named(i % 3 === 0 ? 'night' : 'yard'))
  const own: PredictionSet = {
    ...set,
    images: set.images.map(named),
    scenes: set.images.map((_, i) => named(`scene ${i >> 1}`)),
    classes: set.classes.map(named),
    groups: [{ slice: named('camera'), values: cameras }],
  }
  // The champion is less sure of all and misses every ninth.
  const score = own.detections.score.map((value, i) => (i % 9 === 0 ? 0.02 : value * 0.9))
  const champion: PredictionSet = { ...own, detections: { ...own.detections, score } }
  const evaluated = ({ truth, detections, classes, scenes, groups = [] }: PredictionSet) =>
    evaluateDetections({
      ...{ truth, detections, classNames: classes, scenes, slices: groups, labelSource: named('human'), resamples: 60 },
      served: { confidence: 0.001, iou: 0.7, maxDetections: 300, multiLabel: false },
    })
  const [before, after] = [evaluated(champion), evaluated(own)]
  const comparison = compareModels({
    ...{ truth: own.truth, baseline: champion.detections, candidate: own.detections, metric: 'map' },
    ...{ classNames: own.classes, imageNames: own.images, slicings: own.groups ?? [], resamples: 120, seed: 1 },
    clusters: Int32Array.from(own.scenes, (_, i) => i >> 1),
    names: { baseline: 'champion', candidate: 'candidate' },
  })
  const attribution = attributeChange({ before: champion, after: champion, candidate: own, resamples: 60 })
  const hard = findHardNegatives(own, { confidence: 0.25, most: 5 })
  const picture = (title: string): ReportPicture => ({
    ...{ source: pixel, width: 320, height: 240, title: named(title), caption: named('what the model says') },
    boxes: [
      { label: named('person'), role: 'truth', box: [0.4, 0.5, 0.2, 0.4] },
      { label: named('vest .80'), role: 'prediction', box: [0.42, 0.5, 0.2, 0.4] },
    ],
  })
  const recompute = [named('sluice compare a.json b.json')]
  const digests = [{ label: 'comparison', value: '0'.repeat(64) }]
  const group = { title: 'Broken', chosen: '1 of 1.', items: [picture('yard-1')] }
  const record = (version: string, set: string, score: number): ReleaseRecord => ({
    ...{ tag: named(`m@${version}`), version: named(version), commit: 'c', labels: 'ab'.repeat(32), trainImages: 100 },
    ...{ validation: { set, images: 120, scenes: 30 }, map: score, map50: score + 0.2, verdict: 'pass' },
    interval: { lower95: score - 0.04, upper99: score + 0.05 },
    map50Interval: { lower95: score + 0.15, upper99: score + 0.26 },
    recall: { value: score + 0.1, confidence: version === 'v1.0.0' ? 0.4 : 0.25, iou: 0.5, interval: null },
    ece: 0.3 - score / 2,
    perClass: own.classes.map((className) => ({ className, ap: score, boxes: 50, interval: null })),
    latency: { target: named('a laptop'), value: 0.97, low: 0.94, high: 1.02 },
    missing: [named('Latency 0123 was not found')],
  })
  const releases = [record('v1.0.0', 'one', 0.5), record('v1.1.0', 'one', 0.56), record('v2.0.0', 'two', 0.41)]
  const evaluations = [
    { name: 'champion' as const, body: before },
    { name: 'candidate' as const, body: after },
  ]
  return {
    compare: renderComparePage({
      ...{ title: named('b against a'), evaluations, comparisons: [comparison], attribution, digests, recompute },
      ...{ pictures: [group], pictureNote: named('2 pictures are not shown') },
    }),
    hard: renderHardPage({
      ...{ title: named('m.onnx'), about: named('Run over data'), body: hard, digests, recompute },
      pictures: [{ ...group, cause: 'label-error' }],
    }),
    parity: renderParityPage({
      ...{ about: named('Run over data'), body: parityBody(named), digests, recompute },
      counts: { vanished: 1, appeared: 2, relabelled: 1, images: 3 },
      ...{ pictures: group, pictureNote: named('2 pictures are not shown') },
    }),
    history: renderHistory({ models: [{ model: named('worksite'), releases }], searched: [named('runs')] }, recompute),
  }
}
