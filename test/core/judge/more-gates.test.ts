import { describe, expect, test } from 'vitest'
import type { Document } from '../../../src/core/documents/define.ts'
import type { EvaluationBody } from '../../../src/core/documents/evaluation.ts'
import type { TrainRunBody } from '../../../src/core/documents/training.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { epochOf, evaluationOf, latencyOf, parityOf, subject, trainRunOf } from './planted.ts'

const lines = (line: GateLine, ...evidence: Document[]) =>
  judge({ name: 'p', gates: [line] }, evidence, subject, { today: '2026-11-23' }).body.lines
const words = (line: GateLine, ...evidence: Document[]) => lines(line, ...evidence).map(({ verdict }) => verdict)

const evaluated = (change: Partial<EvaluationBody>) => {
  const document = evaluationOf(0.7, [
    ['person', 0.9, 500],
    ['tool', 0.6, 60],
  ])
  return { ...document, body: { ...document.body, ...change } }
}

describe('minimum for critical classes', () => {
  const line: GateLine = {
    gate: 'minimum',
    evidence: 'Evaluation',
    measure: 'recall',
    classes: ['person'],
    atLeast: 0.7,
  }

  test('judges the classes that are named and no other', () => {
    expect(lines(line, evaluated({})).map(({ measure, verdict }) => [measure, verdict])).toEqual([
      ['recall of person', 'pass'],
    ])
    expect(words({ ...line, atLeast: 0.71 }, evaluated({}))).toEqual(['fail'])
  })

  test('a class that the evaluation does not have is open, and the nearest one is named', () => {
    const [found] = lines({ ...line, classes: ['persn'] }, evaluated({}))
    expect(found).toMatchObject({ verdict: 'inconclusive', holds: true })
    expect(found?.reason).toContain('did you mean "person"?')
  })

  test('fewer images with the class than asked are open', () => {
    expect(words({ ...line, minimumUnits: 501 }, evaluated({}))).toEqual(['inconclusive'])
    expect(words({ ...line, minimumUnits: 500 }, evaluated({}))).toEqual(['pass'])
  })
})

describe('minimum by the lower bound', () => {
  const line: GateLine = { gate: 'minimum', evidence: 'Evaluation', measure: 'map', bound: 'lower', atLeast: 0.4 }
  const sure = (lower95: number, upper99: number) => ({
    unit: 'scene' as const,
    units: 100,
    resamples: 500,
    seed: 0,
    overall: { map: { lower95, upper99 }, map50: null },
    perClass: [
      { className: 'person', units: 90, map: { lower95, upper99 }, map50: { lower95, upper99 } },
      { className: 'tool', units: 1, map: null, map50: null },
    ],
  })

  test.each<[string, number, number, number, string]>([
    ['a lower bound above the floor', 0.7, 0.45, 0.8, 'pass'],
    ['a lower bound at the floor', 0.7, 0.4, 0.8, 'pass'],
    ['a point above and a lower bound below', 0.42, 0.38, 0.5, 'inconclusive'],
    ['a point below and an upper bound above', 0.38, 0.3, 0.45, 'inconclusive'],
    ['an upper bound below', 0.3, 0.25, 0.39, 'fail'],
    ['bounds that do not hold the point', 0.7, 0.75, 0.8, 'inconclusive'],
    ['bounds turned round', 0.3, 0.39, 0.25, 'inconclusive'],
  ])('%s: %d in %d to %d', (_, map, low, high, expected) => {
    const stats = [map, 0.9, ...new Array<number>(10).fill(-1)]
    const document = evaluated({ coco: { stats, perClass: {} }, mapInterval: sure(low, high) })
    expect(words(line, document)).toEqual([expected])
  })

  test('an evaluation without an interval is open, also where its point is far above', () => {
    expect(words(line, evaluated({}))).toEqual(['inconclusive'])
    const perClass = { ...line, perClass: true, measure: 'map50', atLeast: 0.3 }
    expect(words(perClass, evaluated({ mapInterval: sure(0.85, 0.95) }))).toEqual(['pass', 'inconclusive'])
  })
})

describe('the class that may not be missed, by the lower bound of its recall', () => {
  const line: GateLine = {
    ...{ gate: 'minimum', evidence: 'Evaluation', measure: 'recall', bound: 'lower' },
    atLeast: 0.5,
  }
  const interval = (lower95: number, upper99: number) => ({
    ...{ unit: 'scene' as const, units: 100, resamples: 500, seed: 0 },
    overall: { precision: null, recall: { lower95, upper99 }, f1: null },
    perClass: [{ className: 'person', units: 90, precision: null, recall: { lower95, upper99 }, f1: null }],
  })

  test.each<[number, number, string]>([
    [0.55, 0.8, 'pass'],
    [0.45, 0.8, 'inconclusive'],
    [0.71, 0.8, 'inconclusive'],
  ])('a recall of 0.7 in %d to %d is %s', (low, high, expected) => {
    const document = evaluated({ rateInterval: interval(low, high) })
    expect(words({ ...line, classes: ['person'] }, document)).toEqual([expected])
    expect(words(line, document)).toEqual([expected])
  })

  test('it fails where the upper bound is below too, and without bounds it is open', () => {
    const document = evaluated({ rateInterval: interval(0.6, 0.75) })
    expect(words({ ...line, classes: ['person'], atLeast: 0.8 }, document)).toEqual(['fail'])
    expect(words({ ...line, classes: ['person'] }, evaluated({}))).toEqual(['inconclusive'])
    expect(words({ ...line, measure: 'f1' }, document)).toEqual(['inconclusive'])
  })
})

describe('numbers of a machine', () => {
  const memory: GateLine = { gate: 'memory', evidence: 'Latency', target: 'cpu', atMost: 200 }
  const speed: GateLine = { gate: 'throughput', evidence: 'Latency', target: 'cpu', atLeast: 99 }
  const [champion, candidate] = latencyOf(1, 1.02).body.arms as unknown as [never, { imagesPerSecond: number }]
  const measured = (change: object) => latencyOf(1, 1.02, { arms: [champion, { ...candidate, ...change } as never] })

  test('the candidate is judged, at the limit it passes, and beyond it fails', () => {
    expect(words(memory, measured({}))).toEqual(['pass'])
    expect(words({ ...memory, atMost: 199 }, measured({}))).toEqual(['fail'])
    expect(words(speed, measured({ imagesPerSecond: 99 }))).toEqual(['pass'])
    expect(words(speed, measured({ imagesPerSecond: 98.9 }))).toEqual(['fail'])
    const ratio: GateLine = { gate: 'memory', evidence: 'Latency', measure: 'ratio-peak-memory', atMost: 1.5 }
    expect(words(ratio, measured({ peakMemoryMiB: 300 }))).toEqual(['pass'])
    expect(words(ratio, measured({ peakMemoryMiB: 301 }))).toEqual(['fail'])
  })

  test('what was not measured, on another machine, or in too few runs is open', () => {
    expect(words(memory, measured({ peakMemoryMiB: 0 }))).toEqual(['inconclusive'])
    expect(words(speed, measured({ imagesPerSecond: -1 }))).toEqual(['inconclusive'])
    expect(words({ ...memory, target: 'orin' }, measured({}))).toEqual(['inconclusive'])
    expect(words({ ...memory, minimumUnits: 11 }, measured({}))).toEqual(['inconclusive'])
    expect(words(memory, latencyOf(1, 1.02, { arms: [] }))).toEqual(['inconclusive'])
  })
})

test('a model is no larger than allowed, also one that could not be run', () => {
  const line: GateLine = { gate: 'model-size', evidence: 'Parity', target: 'onnx', atMost: 10 }
  const sized = (bytes: number, state: 'measured' | 'exported, not measured' = 'measured') =>
    parityOf([0, 0, 0], { artifact: { format: 'onnx', sha256: subject.artifact, bytes }, state })
  expect(words(line, sized(10 * 2 ** 20, 'exported, not measured'))).toEqual(['pass'])
  expect(words(line, sized(10 * 2 ** 20 + 2000))).toEqual(['fail'])
  expect(words(line, sized(0))).toEqual(['inconclusive'])
  expect(words({ ...line, target: 'tflite' }, sized(1))).toEqual(['inconclusive'])
})

test('a gap between confidence and precision informs by default, and fails where the policy sets a limit', () => {
  const line: GateLine = { gate: 'calibration', evidence: 'Evaluation' }
  const off = (ece: number, detections = 1000) =>
    evaluated({ calibration: { ece, mce: 0.2, detections, floor: 0.05, bins: [] } })
  expect(words(line, off(0.1))).toEqual(['pass'])
  expect(lines(line, off(0.11))[0]).toMatchObject({ verdict: 'inconclusive', holds: false, observed: 0.11 })
  expect(words({ ...line, atMost: 0.1 }, off(0.11))).toEqual(['fail'])
  expect(words({ ...line, atMost: 0.1 }, off(0.01, 99))).toEqual(['inconclusive'])
  expect(words({ ...line, atMost: 0.1 }, evaluated({ calibration: undefined as never }))).toEqual(['inconclusive'])
})

test('a kind of error costs no more than allowed', () => {
  const line: GateLine = { gate: 'error-types', evidence: 'Evaluation', measure: 'missed-loss', atMost: 0.1 }
  const missing = (loss: number) => evaluated({ errors: [{ type: 'missed', count: 9, loss }] })
  expect([missing(0.1), missing(0.11), evaluated({})].flatMap((one) => words(line, one))).toEqual([
    'pass',
    'fail',
    'inconclusive',
  ])
})

describe('training-sanity', () => {
  const line = (measure: string): GateLine => ({ gate: 'training-sanity', evidence: 'TrainRun', measure })

  test('a sound run passes every measure', () => {
    for (const measure of ['broken-losses', 'altered-arguments', 'loss-fall', 'still-falling'])
      expect([measure, ...words(line(measure), trainRunOf())]).toEqual([measure, 'pass'])
  })

  test.each<[string, string, Partial<TrainRunBody>, string]>([
    ['a loss that exploded', 'broken-losses', { curve: [epochOf(1, 2), epochOf(2, 1e300)] }, 'fail'],
    ['a negative loss', 'broken-losses', { curve: [epochOf(1, 2), epochOf(2, -1)] }, 'fail'],
    ['no epoch', 'broken-losses', { curve: [] }, 'inconclusive'],
    ['no update', 'broken-losses', { updates: 0 }, 'inconclusive'],
    ['another seed than recorded', 'altered-arguments', { arguments: { seed: 8 } }, 'fail'],
    ['more epochs than asked', 'altered-arguments', { epochs: 6 }, 'fail'],
    ['epochs out of order', 'altered-arguments', { curve: [epochOf(2, 1), epochOf(1, 1)] }, 'fail'],
    ['arguments that do not say', 'altered-arguments', { arguments: {} }, 'inconclusive'],
    ['a loss that rose', 'loss-fall', { curve: [epochOf(1, 2), epochOf(2, 3)] }, 'fail'],
    ['one epoch has no fall', 'loss-fall', { curve: [epochOf(1, 2)] }, 'inconclusive'],
    [
      'most of the fall at the end',
      'still-falling',
      { curve: [5, 5, 5, 5, 1].map((loss, i) => epochOf(i + 1, loss)) },
      'inconclusive',
    ],
  ])('%s', (_, measure, change, expected) => {
    expect(words(line(measure), trainRunOf(change))).toEqual([expected])
  })
})

describe('freshness', () => {
  const line: GateLine = { gate: 'freshness', evidence: 'Evaluation', atMost: 30, whenInconclusive: 'hold' }
  const made = (createdAt?: string) => ({ ...evaluated({}), ...(createdAt ? { meta: { createdAt } } : {}) })

  test.each([
    ['2026-11-23T22:00:00Z', 'pass'],
    ['2026-10-24T00:00:00Z', 'pass'],
    ['2026-10-23T00:00:00Z', 'fail'],
    ['2026-12-24T00:00:00Z', 'inconclusive'],
    ['yesterday', 'inconclusive'],
    [undefined, 'inconclusive'],
  ])('made on %s, judged on 23 November: %s', (date, expected) => {
    expect(words(line, made(date))).toEqual([expected])
  })

  test('without a day of judging it is open, and of two dates of one result the older counts, in either order', () => {
    const day = made('2026-11-23T00:00:00Z')
    expect(judge({ name: 'p', gates: [line] }, [day], subject).body.verdict).toBe('inconclusive')
    for (const both of [
      [day, made('2026-01-01')],
      [made('2026-01-01'), day],
    ])
      expect(words(line, ...both)).toEqual(['fail'])
  })

  test('reads the kind of document that the line names', () => {
    expect(words({ ...line, evidence: 'Latency' }, made('2026-11-23'))).toEqual(['inconclusive'])
    const latency = { ...latencyOf(1, 1.02), meta: { createdAt: '2026-11-20' } }
    expect(words({ ...line, evidence: 'Latency' }, latency)).toEqual(['pass'])
  })
})

test('what was measured twice is counted, and the worse counts', () => {
  const line: GateLine = { gate: 'minimum', evidence: 'Evaluation', measure: 'map', atLeast: 0.5 }
  const body = judge({ name: 'p', gates: [line] }, [evaluationOf(0.6), evaluationOf(0.4)], subject).body
  expect(body.lines).toMatchObject([{ verdict: 'fail', observed: 0.4, measured: 2 }])
  expect(body.notes).toEqual(['minimum: map is in 2 documents, the worst counts.'])
})
