import { readFileSync } from 'node:fs'
import type { GatePolicyBody } from '../../../src/core/documents/declared.ts'
import { type Document, type Subject, sha256 } from '../../../src/core/documents/define.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { readPolicy } from '../../../src/core/judge/policy.ts'
import {
  boxesUnchanged,
  comparisonOf,
  type Difference,
  diffOf,
  driftOf,
  evaluationOf,
  findingsOf,
  latencyOf,
  subject as model,
  parityOf,
  smokeOf,
  trainRunOf,
} from './planted.ts'

/** What is judged by every gate at once: a model, and the data that is proposed for it. */
export const subject = { ...model, base: sha256('base') } satisfies Subject

const shipped = readPolicy(readFileSync(new URL('../../../gates/model.yaml', import.meta.url), 'utf8'), 'model.yaml')
const own: GateLine[] = [
  { gate: 'dataset-findings', evidence: 'Findings' },
  { gate: 'dataset-findings', evidence: 'Findings', measure: 'warnings', atMost: 3 },
  { gate: 'diff', evidence: 'DatasetDiff' },
  { gate: 'diff', evidence: 'DatasetDiff', measure: 'classes-changed', atMost: 1 },
  { gate: 'diff', evidence: 'DatasetDiff', measure: 'images-removed', atMost: 5 },
  { gate: 'diff', evidence: 'DatasetDiff', measure: 'boxes-removed', atMost: 0.1 },
  { gate: 'drift', evidence: 'Drift', atMost: 0 },
  { gate: 'smoke', evidence: 'Smoke', measure: 'loss-fall', atLeast: 0.5 },
  { gate: 'training-sanity', evidence: 'TrainRun', measure: 'loss-fall', atLeast: 0.3 },
  { gate: 'training-sanity', evidence: 'TrainRun', measure: 'still-falling', atMost: 0.5 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'recall', classes: ['person'], atLeast: 0.5 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'precision', atLeast: 0.5 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'f1', atLeast: 0.5 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'map', bound: 'lower', atLeast: 0.3 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'recall', classes: ['person'], bound: 'lower', atLeast: 0.5 },
  { gate: 'minimum', evidence: 'Evaluation', measure: 'f1', bound: 'lower', atLeast: 0.5 },
  { gate: 'calibration', evidence: 'Evaluation', measure: 'mce', atMost: 0.3 },
  ...['missed', 'background', 'localisation', 'classification', 'duplicate', 'both'].map((type) => ({
    ...{ gate: 'error-types', evidence: 'Evaluation', measure: `${type}-loss`, atMost: 0.2 },
  })),
  { gate: 'no-regression', evidence: 'Comparison', target: 'champion', measure: 'map50', margin: 0.02 },
  {
    ...{ gate: 'no-regression', evidence: 'Comparison', target: 'champion', measure: 'map50' },
    ...{ perClass: true, margin: 0.05 },
  },
  { gate: 'worst-slice', evidence: 'Comparison', target: 'champion', measure: 'map50', margin: 0.1 },
  { gate: 'worst-slice', evidence: 'Comparison', target: 'control', margin: 0.1 },
  { gate: 'no-harm', evidence: 'Comparison', target: 'control', measure: 'map50', margin: 0.05 },
  { gate: 'worst-slice', evidence: 'Comparison', target: 'control', measure: 'map50', margin: 0.1 },
  { gate: 'data-gain', evidence: 'Comparison', target: 'control', measure: 'map50', atLeast: 0.01 },
  { gate: 'latency', evidence: 'Latency', measure: 'ratio-p95', atMost: 1.1, minimumUnits: 5 },
  { gate: 'latency', evidence: 'Latency', measure: 'ratio-p50', atMost: 1.1, minimumUnits: 5 },
  { gate: 'latency', evidence: 'Latency', measure: 'p95-ms', target: 'cpu', atMost: 30 },
  { gate: 'latency', evidence: 'Latency', measure: 'p50-ms', target: 'cpu', atMost: 20 },
  { gate: 'throughput', evidence: 'Latency', target: 'cpu', atLeast: 50 },
  { gate: 'memory', evidence: 'Latency', target: 'cpu', atMost: 400 },
  { gate: 'memory', evidence: 'Latency', measure: 'ratio-peak-memory', atMost: 1.2 },
  { gate: 'parity', evidence: 'Parity', measure: 'map-loss', margin: 0.01 },
  ...['corner-px', 'score', 'flipped', 'tensor-px', 'tensor-score'].map((measure) => ({
    ...{ gate: 'parity', evidence: 'Parity', measure, atMost: 0.5 },
  })),
  { gate: 'model-size', evidence: 'Parity', atMost: 10 },
  { gate: 'freshness', evidence: 'Evaluation', atMost: 90 },
]

/** Every measure of every gate, and all of them hold: what is open keeps the verdict open. */
export const policy: GatePolicyBody = {
  name: 'everything',
  gates: [...(shipped.gates ?? []), ...own].map((line) => ({ ...line, whenInconclusive: 'hold' })),
}

export const names = ['person', 'helmet', 'vest', 'tool']
const slices = [
  {
    ...{ slice: 'camera', value: 'a', images: 90, boxes: 300, units: 60 },
    ...{ baseline: 0.5, candidate: 0.6, difference: 0.1, standardError: 0.02 },
  },
]
const rows = names.map((name): Difference => [name, 0.08, 0.03])
const evaluated = evaluationOf(
  0.75,
  names.map((name) => [name, 0.93, 300]),
)
export const evaluation = {
  ...evaluated,
  body: {
    ...evaluated.body,
    errors: (['missed', 'background', 'localisation', 'classification', 'duplicate', 'both'] as const).map((type) => ({
      ...{ type, count: 3, loss: 0.1 },
    })),
    mapInterval: {
      ...{ unit: 'scene' as const, units: 240, resamples: 500, seed: 0, perClass: [] },
      overall: { map: { lower95: 0.7, upper99: 0.8 }, map50: null },
    },
    rateInterval: {
      ...{ unit: 'scene' as const, units: 240, resamples: 500, seed: 0 },
      overall: { precision: null, recall: null, f1: { lower95: 0.7, upper99: 0.8 } },
      perClass: [
        { className: 'person', units: 240, precision: null, recall: { lower95: 0.6, upper99: 0.8 }, f1: null },
      ],
    },
  },
  meta: { createdAt: '2026-11-20T00:00:00Z' },
}

/** A comparison by each metric. */
export function comparisonsOf(baseline: 'champion' | 'control', overall: [number, number], perClass: Difference[]) {
  return (['map', 'map50'] as const).map((metric) => comparisonOf(baseline, overall, perClass, { slices, metric }))
}

const none = { added: 0, removed: 0, moved: 0, relabelled: 0, unchanged: 0 }
const removed = { ...none, removed: 2 }

/** Evidence that passes every line. */
export const clean: readonly Document[] = [
  findingsOf([]),
  diffOf(
    {
      images: { added: 4, removed: 1, renamed: 0, resplit: 0, modified: 0 },
      boxes: { ...boxesUnchanged, removed: 2 },
      bySplit: {
        train: { images: { added: 4, removed: 1 }, boxes: removed },
        val: { images: { added: 0, removed: 0 }, boxes: boxesUnchanged },
      },
      byImage: [{ image: 'a', change: 'removed', split: 'train', boxes: removed, changes: [] }],
    },
    subject,
  ),
  driftOf(0.05, {}, subject),
  smokeOf(),
  trainRunOf(),
  evaluation,
  ...comparisonsOf('champion', [0.1, 0.02], rows),
  ...comparisonsOf('control', [0.08, 0.02], rows),
  latencyOf(0.98, 1.03),
  parityOf([-0.001, -0.003, 0.001], {
    tensors: { images: 5, maxPx: 0.1, meanPx: 0.01, maxScore: 0.01, meanScore: 0.001 },
  }),
]
