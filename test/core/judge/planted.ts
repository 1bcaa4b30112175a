import { type DatasetDiffBody, datasetDiff } from '../../../src/core/documents/dataset-diff.ts'
import { type Document, type Subject, sha256 } from '../../../src/core/documents/define.ts'
import {
  type ComparisonBody,
  comparison,
  type EvaluationBody,
  evaluation,
} from '../../../src/core/documents/evaluation.ts'
import { type FindingsBody, findings } from '../../../src/core/documents/findings.ts'
import {
  type DriftBody,
  drift,
  type LatencyBody,
  latency,
  type ParityBody,
  parity,
} from '../../../src/core/documents/operational.ts'
import { type SmokeBody, smoke, type TrainRunBody, trainRun } from '../../../src/core/documents/training.ts'

/** What is judged in these tests, and another of each for evidence that is about something else. */
export const subject = {
  trainSet: sha256('train'),
  labels: sha256('labels'),
  validationSet: sha256('validation'),
  model: sha256('model'),
  artifact: sha256('artifact'),
  champion: sha256('champion'),
  control: sha256('control'),
} satisfies Subject
export const other = sha256('something else')

/** Class, value, half-width of the interval. */
export type Difference = [className: string, value: number, half: number]

const difference = ([className, value, half]: Difference, n: number) => ({
  className,
  baseline: 0.6,
  candidate: 0.6 + value,
  difference: { value, low: value - half, high: value + half, level: 0.95, n },
})

export function comparisonOf(
  baseline: 'champion' | 'control',
  overall: [value: number, half: number],
  perClass: Difference[] = [],
  change: Partial<ComparisonBody> = {},
  about: Subject = subject,
): Document {
  const units = change.units ?? 240
  return comparison.make(about, {
    baseline,
    candidate: 'candidate',
    metric: 'map',
    unit: 'scene',
    units,
    images: 240,
    resamples: 2000,
    seed: 0,
    overall: difference(['all', ...overall], units),
    perClass: perClass.map((row) => difference(row, units)),
    flips: { fixed: [], broken: [] },
    notes: [],
    ...change,
  })
}

export function evaluationOf(
  map: number,
  perClass: [className: string, ap50: number, boxes: number][] = [],
  about: Subject = subject,
): Document<'Evaluation', EvaluationBody> {
  return evaluation.make(about, {
    coco: { stats: [map, map + 0.2, ...new Array<number>(10).fill(-1)], perClass: {} },
    ultralytics: { map50: map, map, precision: 0.8, recall: 0.7, f1: 0.75, perClass: {} },
    images: 240,
    scenes: 240,
    classes: perClass.map(([className]) => className),
    perClass: perClass.map(([className, ap50, boxes]) => ({
      className,
      images: boxes,
      boxes,
      ap: ap50 * 0.8,
      ap50,
      precision: 0.8,
      recall: 0.7,
      f1: 0.75,
    })),
    operatingPoint: { confidence: 0.25, iou: 0.5 },
    confusion: [],
    curves: [],
    slices: [],
    served: { confidence: 0.001, iou: 0.7, maxDetections: 300, multiLabel: false },
    labelSource: 'simulated-human',
    predictions: null,
    calibration: { ece: 0.05, mce: 0.2, detections: 1000, floor: 0.05, bins: [] },
  })
}

export function smokeOf(
  change: Partial<{ learns: number; fall: number; shuffled: number; verdict: SmokeBody['verdict'] }> = {},
) {
  const { learns = 0.95, fall = 0.73, shuffled = 0.13, verdict = 'pass' } = change
  return smoke.make(subject, {
    verdict,
    images: 12,
    seconds: 15,
    learns: { map50: learns, boxLossFall: fall, limitMap50: 0.5, limitFall: 0.6, passed: true },
    shuffled: { map50: shuffled, boxLossFall: 0.35, limitMap50: 0.35, passed: true },
    reason: 'one image was unreadable',
  })
}

export function latencyOf(low: number, high: number, change: Partial<LatencyBody> = {}) {
  const arm = (name: string, ms: number) => ({
    name,
    p50Ms: ms,
    p95Ms: ms * 1.2,
    p99Ms: ms * 1.5,
    imagesPerSecond: 1000 / ms,
    peakMemoryMiB: 200,
    runs: 10,
  })
  const ratio = { value: (low + high) / 2, low, high, level: 0.95, n: 10 }
  return latency.make(subject, {
    target: 'cpu',
    protocol: { order: 'ABBA', runsPerArm: 10, imagesPerRun: 40, warmUp: 10, threads: 1 },
    arms: [arm('champion', 10), arm('candidate', 10.1)],
    ratioP50: ratio,
    ratioP95: ratio,
    partsMs: { decode: 1, preprocess: 1, inference: 7, postprocess: 1 },
    noise: { betweenRunsCv: 0.02, noisy: false },
    samples: {},
    ...change,
  })
}

export function parityOf(loss: [value: number, low: number, high: number], change: Partial<ParityBody> = {}) {
  const [value, low, high] = loss
  return parity.make(subject, {
    reference: { format: 'pytorch', sha256: sha256('pt') },
    artifact: { format: 'onnx', sha256: sha256('artifact'), bytes: 1 },
    state: 'measured',
    images: 240,
    boxes: { reference: 1000, artifact: 1000, matched: 998, flipped: 2, maxCornerPx: 0.2, maxScore: 0.001 },
    map: { reference: 0.75, artifact: 0.75 + value, difference: { value, low, high, level: 0.95 } },
    notes: [],
    ...change,
  })
}

export type Planted = FindingsBody['findings'][number]
export function findingsOf(found: Partial<Planted>[], change: Partial<FindingsBody> = {}, about: Subject = subject) {
  const all = found.map((finding, i) => ({
    rule: 'box-outside',
    severity: 'error' as const,
    file: 'labels/a.txt',
    line: i + 1,
    image: 'a',
    message: 'the right edge passes 1',
    fingerprint: `f${i}`,
    ...finding,
  }))
  const count = (severity: Planted['severity']) => all.filter((finding) => finding.severity === severity).length
  return findings.make(about, {
    verdict: found.length > 0 ? 'fail' : 'pass',
    counts: { error: count('error'), warning: count('warning'), info: count('info') },
    findings: all,
    scope: { images: 100, boxes: 300, rules: ['box-outside'], format: 'yolo', imagesRead: 100 },
    ...change,
  })
}

/** A candidate's sound run of five epochs and fifty updates. */
export function trainRunOf(change: Partial<TrainRunBody> = {}) {
  return trainRun.make(subject, {
    role: 'candidate',
    pipeline: 'candidate',
    seed: 7,
    trainer: { name: 'ultralytics', version: '8' },
    environment: {},
    arguments: { seed: 7, epochs: 5, updates: 50, deterministic: true },
    startedFrom: null,
    images: { train: 10, val: 5 },
    updates: 50,
    epochs: 5,
    seconds: 1,
    peakMemoryMiB: 1,
    curve: [4, 2, 1, 0.8, 0.8].map((loss, i) => epochOf(i + 1, loss)),
    trainerMetrics: { map50: 0, map: 0 },
    files: [],
    tensors: subject.model,
    ...change,
  })
}

export function epochOf(epoch: number, loss: number): TrainRunBody['curve'][number] {
  return { epoch, boxLoss: loss, classLoss: loss, dflLoss: 1, learningRate: 0.01 }
}

export const boxesUnchanged = { added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: 90 }

export function diffOf(change: Partial<DatasetDiffBody> = {}, about: Subject = subject) {
  return datasetDiff.make(about, {
    classes: { added: [], removed: [], renamed: [] },
    images: { added: 0, removed: 0, renamed: 0, resplit: 0, modified: 0 },
    boxes: boxesUnchanged,
    byClass: {},
    bySplit: { train: { images: { added: 0, removed: 0 }, boxes: boxesUnchanged } },
    byImage: [],
    ...change,
  })
}

export function driftOf(value: number, change: Partial<DriftBody> = {}, about: Subject = subject) {
  return drift.make(about, {
    measures: [{ name: 'class mix', unit: 'distance', value, limit: 0.1, exceeded: value > 0.1 }],
    shares: [],
    declared: [],
    notes: [],
    ...change,
  })
}
