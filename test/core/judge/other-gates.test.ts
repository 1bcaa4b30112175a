import { describe, expect, test } from 'vitest'
import type { Document } from '../../../src/core/documents/define.ts'
import type { GateLine } from '../../../src/core/judge/gate-kind.ts'
import { judge } from '../../../src/core/judge/judge.ts'
import { boxesUnchanged, diffOf, driftOf, findingsOf, latencyOf, other, parityOf, smokeOf, subject } from './planted.ts'

const first = (line: GateLine, ...evidence: Document[]) =>
  judge({ name: 'p', gates: [line] }, evidence, subject).body.lines[0]
const wordOf = (line: GateLine, ...evidence: Document[]) => first(line, ...evidence)?.verdict

describe('dataset-findings', () => {
  const line: GateLine = { gate: 'dataset-findings', evidence: 'Findings' }

  test('one new error fails and is named; old and waived ones, and warnings, do not', () => {
    expect(wordOf(line, findingsOf([]))).toBe('pass')
    expect(first(line, findingsOf([{}]))).toMatchObject({
      verdict: 'fail',
      reason: 'new errors: 1 is not at most 0; the first is box-outside in labels/a.txt:1',
    })
    const known = findingsOf([{ status: 'old' }, { status: 'waived' }, { severity: 'warning' }], { verdict: 'pass' })
    expect(wordOf(line, known)).toBe('pass')
    expect(wordOf(line, findingsOf([{ status: 'new' }]))).toBe('fail')
  })

  test('the number allowed passes, one more fails', () => {
    const two = findingsOf([{ severity: 'warning' }, { severity: 'warning' }], { verdict: 'pass' })
    expect(wordOf({ ...line, measure: 'warnings', atMost: 2 }, two)).toBe('pass')
    expect(wordOf({ ...line, measure: 'warnings', atMost: 1 }, two)).toBe('fail')
  })

  test('an empty data set, an inconclusive check and one that contradicts itself are open', () => {
    const scope = { images: 0, boxes: 0, rules: [], format: 'yolo', imagesRead: 0 }
    expect(wordOf(line, findingsOf([], { scope }))).toBe('inconclusive')
    expect(wordOf(line, findingsOf([], { verdict: 'inconclusive' }))).toBe('inconclusive')
    expect(wordOf(line, findingsOf([], { verdict: 'fail' }))).toBe('inconclusive')
  })

  test('findings about another data set are refused, and so are findings that do not say which', () => {
    expect(first(line, findingsOf([], {}, { trainSet: other }))).toMatchObject({
      verdict: 'inconclusive',
      holds: true,
      evidence: null,
      settle: 'make the Findings again for the trainSet that is judged',
    })
    expect(first(line, findingsOf([], {}, {}))?.reason).toBe(
      'errors: the Findings does not say which trainSet it is about',
    )
  })
})

describe('smoke', () => {
  const learns: GateLine = { gate: 'smoke', evidence: 'Smoke', measure: 'learns', atLeast: 0.5 }
  const shuffled: GateLine = { gate: 'smoke', evidence: 'Smoke', measure: 'shuffled', atMost: 0.35 }

  test.each([
    [0.5, 'pass'],
    [0.499, 'fail'],
    [Number.NaN, 'inconclusive'],
  ])('learning to mAP50 %d: %s', (value, expected) => {
    expect(wordOf(learns, smokeOf({ learns: value }))).toBe(expected)
  })

  test.each([
    [0.35, 'pass'],
    [0.351, 'fail'],
    [Number.NaN, 'inconclusive'],
  ])('shuffled labels learnt to mAP50 %d: %s', (value, expected) => {
    expect(wordOf(shuffled, smokeOf({ shuffled: value }))).toBe(expected)
  })

  test('without a limit of its own a line takes the recipe’s', () => {
    const fall: GateLine = { gate: 'smoke', evidence: 'Smoke', measure: 'loss-fall' }
    expect(wordOf(fall, smokeOf({ fall: 0.6 }))).toBe('pass')
    expect(wordOf(fall, smokeOf({ fall: 0.59 }))).toBe('fail')
  })

  test('an inconclusive smoke train is not a pass, whatever its numbers', () => {
    expect(wordOf(learns, smokeOf({ verdict: 'inconclusive' }))).toBe('inconclusive')
  })
})

describe('latency', () => {
  const line: GateLine = { gate: 'latency', evidence: 'Latency', measure: 'ratio-p95', atMost: 1.1 }
  test.each([
    ['an interval below the limit', 0.98, 1.04, 'pass'],
    ['an interval above it', 1.12, 1.2, 'fail'],
    ['a limit inside', 1.05, 1.15, 'inconclusive'],
    ['an upper bound at the limit', 1.0, 1.1, 'inconclusive'],
    ['a lower bound at the limit', 1.1, 1.2, 'inconclusive'],
    ['no number', Number.NaN, 1.2, 'inconclusive'],
  ])('%s: %s to %s', (_, low, high, expected) => {
    expect(wordOf(line, latencyOf(low, high))).toBe(expected)
  })

  test.each<[string, number | null, number | null, string]>([
    ['surely below the limit', 0.99, 1.05, 'pass'],
    ['surely below the limit, though surely slower too', 1.03, 1.08, 'pass'],
    ['surely slower than the margin of the measurement, and not surely below the limit', 1.03, 1.15, 'fail'],
    ['slower, but not surely', 1.01, 1.15, 'inconclusive'],
    ['at the limit itself', 1.0, 1.1, 'inconclusive'],
    ['of too few runs', null, null, 'inconclusive'],
  ])('bounds of a ratio %s', (_, lower99, upper95, expected) => {
    const bounds = { p50: { lower99, upper95 }, p95: { lower99, upper95 }, margin: 1.02, method: 'exact' }
    expect(wordOf(line, latencyOf(0.98, 1.02, { bounds }))).toBe(expected)
  })

  test('too few runs are open, and noise is named where it leaves the question open', () => {
    const few = latencyOf(0.98, 1.02, {
      protocol: { order: 'ABBA', runsPerArm: 4, imagesPerRun: 9, warmUp: 1, threads: 1 },
    })
    expect(wordOf({ ...line, minimumUnits: 5 }, few)).toBe('inconclusive')
    expect(wordOf({ ...line, minimumUnits: 4 }, few)).toBe('pass')
    const noisy = latencyOf(1.0, 1.2, { noise: { betweenRunsCv: 0.2, noisy: true } })
    expect(first(line, noisy)?.settle).toContain('the machine was noisy')
  })

  test('an open ratio says how many runs would settle it, and that more do not help where there were enough', () => {
    const open = { lower99: 1.01, upper95: 1.15 }
    const bounds = { p50: open, p95: open, margin: 1.02, method: 'exact' }
    const settle = (runs: number | null) =>
      first(line, latencyOf(0.98, 1.02, { bounds, runsToFind: { p50: 7, p95: runs } }))?.settle
    expect(settle(90)).toMatch(/^about 90 runs an arm/)
    expect(settle(5)).toMatch(/^a quieter machine/)
    expect(settle(null)).toMatch(/^more runs an arm/)
  })

  test('a ceiling in milliseconds judges the candidate, on the device that the policy names', () => {
    const ceiling: GateLine = { gate: 'latency', evidence: 'Latency', measure: 'p95-ms', target: 'cpu', atMost: 12.12 }
    expect(wordOf(ceiling, latencyOf(1, 1.02))).toBe('pass')
    expect(wordOf({ ...ceiling, atMost: 12.1 }, latencyOf(1, 1.02))).toBe('fail')
    expect(wordOf({ ...ceiling, target: 'orin' }, latencyOf(1, 1.02))).toBe('inconclusive')
  })

  test('a fast measurement of another target answers nothing, and both targets are named', () => {
    const orin: GateLine = { ...line, target: 'orin' }
    expect(first(orin, latencyOf(0.5, 0.6))).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/the Latency is of cpu, asked is orin$/),
      settle: 'make the Latency for orin',
    })
    expect(first(orin, latencyOf(0.5, 0.6, { target: 'orin' }))?.verdict).toBe('pass')
  })
})

describe('parity', () => {
  const loss: GateLine = { gate: 'parity', evidence: 'Parity', measure: 'map-loss', margin: 0.01 }
  test.each<[string, [number, number, number], string]>([
    ['a careful quantisation', [-0.002, -0.005, 0], 'pass'],
    ['quantising every layer', [-0.091, -0.098, -0.082], 'fail'],
    ['a loss about as large as the margin', [-0.01, -0.015, -0.005], 'inconclusive'],
  ])('%s', (_, difference, expected) => {
    expect(wordOf(loss, parityOf(difference))).toBe(expected)
  })

  test('exported, not measured is a state, not a pass', () => {
    expect(first(loss, parityOf([0, 0, 0], { state: 'exported, not measured' }))).toMatchObject({
      verdict: 'inconclusive',
      reason: 'map-loss of onnx: exported, not measured',
    })
  })

  test('what could not be run says why, and what would settle it', () => {
    const unmeasured = { why: 'trtexec is not on the PATH', settle: 'install TensorRT' }
    const line = first(loss, parityOf([0, 0, 0], { state: 'exported, not measured', unmeasured }))
    expect(line).toMatchObject({ verdict: 'inconclusive', settle: 'install TensorRT; then run parity on onnx' })
    expect(line?.reason).toBe('map-loss of onnx: exported, not measured: trtexec is not on the PATH')
  })

  test('outputs have limits of their own, and are open where none were compared', () => {
    const pixels: GateLine = { gate: 'parity', evidence: 'Parity', measure: 'tensor-px', atMost: 0.5 }
    const scores: GateLine = { gate: 'parity', evidence: 'Parity', measure: 'tensor-score', atMost: 0.05 }
    const tensors = { images: 16, maxPx: 0.4, meanPx: 0.01, maxScore: 0.06, meanScore: 0.001 }
    expect(wordOf(pixels, parityOf([0, 0, 0], { tensors }))).toBe('pass')
    expect(wordOf({ ...pixels, atMost: 0.3 }, parityOf([0, 0, 0], { tensors }))).toBe('fail')
    expect(wordOf(scores, parityOf([0, 0, 0], { tensors }))).toBe('fail')
    expect(wordOf(pixels, parityOf([0, 0, 0]))).toBe('inconclusive')
    expect(wordOf(pixels, parityOf([0, 0, 0], { tensors: { ...tensors, images: 0 } }))).toBe('inconclusive')
  })

  test('corners are judged in pixels, and two models that find nothing prove nothing', () => {
    const corner: GateLine = { gate: 'parity', evidence: 'Parity', measure: 'corner-px', atMost: 0.2 }
    const flipped: GateLine = { gate: 'parity', evidence: 'Parity', measure: 'flipped', atMost: 0.002 }
    expect(wordOf(corner, parityOf([0, 0, 0]))).toBe('pass')
    expect(wordOf({ ...corner, atMost: 0.19 }, parityOf([0, 0, 0]))).toBe('fail')
    expect(wordOf(flipped, parityOf([0, 0, 0]))).toBe('pass')
    expect(wordOf({ ...flipped, atMost: 0.001 }, parityOf([0, 0, 0]))).toBe('fail')
    const boxes = { reference: 0, artifact: 0, matched: 0, flipped: 0, maxCornerPx: 0, maxScore: 0 }
    expect(wordOf(corner, parityOf([0, 0, 0], { boxes }))).toBe('inconclusive')
  })

  test('parity of another format does not answer for the one that ships', () => {
    expect(wordOf({ ...loss, target: 'onnx-int8' }, parityOf([0, 0, 0]))).toBe('inconclusive')
  })
})

describe('diff', () => {
  const line: GateLine = { gate: 'diff', evidence: 'DatasetDiff' }
  const entry = { image: 'a', boxes: boxesUnchanged, changes: [] }

  test('training images may change, validation and test may not', () => {
    expect(wordOf(line, diffOf({ byImage: [{ ...entry, change: 'added', split: 'train' }] }))).toBe('pass')
    expect(wordOf(line, diffOf({ byImage: [{ ...entry, change: 'modified', split: 'val' }] }))).toBe('fail')
    expect(wordOf(line, diffOf({ byImage: [{ ...entry, change: 'added', split: 'test' }] }))).toBe('fail')
    expect(wordOf(line, diffOf({ byImage: [{ ...entry, change: 'resplit', split: 'train', from: 'val' }] }))).toBe(
      'fail',
    )
  })

  test('an image that the listing leaves out is still counted by its split', () => {
    const bySplit = { val: { images: { added: 0, removed: 0 }, boxes: { ...boxesUnchanged, relabelled: 3 } } }
    expect(wordOf(line, diffOf({ bySplit }))).toBe('fail')
  })

  test('a split that was taken out leaves it open: nobody can tell what it held', () => {
    const half = { ...boxesUnchanged, unchanged: 45 }
    const unchanged = { images: { added: 0, removed: 0 }, boxes: half }
    expect(wordOf(line, diffOf({ bySplit: { train: unchanged, val: unchanged } }))).toBe('pass')
    expect(wordOf(line, diffOf({ bySplit: { train: unchanged } }))).toBe('inconclusive')
    const images = { added: 0, removed: 0, renamed: 0, resplit: 1, modified: 0 }
    expect(wordOf(line, diffOf({ images }))).toBe('inconclusive')
  })

  test('classes, removed images and removed boxes have limits of their own', () => {
    const share: GateLine = { ...line, measure: 'boxes-removed', atMost: 0.1 }
    expect(wordOf(share, diffOf({ boxes: { ...boxesUnchanged, removed: 10 } }))).toBe('pass')
    expect(wordOf(share, diffOf({ boxes: { ...boxesUnchanged, removed: 11 } }))).toBe('fail')
    const renamed = diffOf({ classes: { added: [], removed: [], renamed: [{ from: 'a', to: 'b' }] } })
    expect(wordOf({ ...line, measure: 'classes-changed' }, renamed)).toBe('fail')
  })
})

describe('drift', () => {
  const line: GateLine = { gate: 'drift', evidence: 'Drift' }

  test('drift is reported and does not hold, unless the policy says otherwise', () => {
    expect(wordOf(line, driftOf(0.1))).toBe('pass')
    expect(first(line, driftOf(0.2))).toMatchObject({ verdict: 'inconclusive', holds: false })
    expect(first({ ...line, whenInconclusive: 'hold' }, driftOf(0.2))).toMatchObject({ holds: true })
    expect(wordOf({ ...line, atMost: 0 }, driftOf(0.2))).toBe('fail')
  })

  test('declared drift is a record; nothing measured is open', () => {
    expect(wordOf({ ...line, atMost: 0 }, driftOf(0.2, { declared: ['class mix'] }))).toBe('pass')
    expect(wordOf(line, driftOf(0.2, { measures: [] }))).toBe('inconclusive')
  })
})
