import { describe, expect, test } from 'vitest'
import { attributeChange, type ChangeToAttribute } from '../../../src/core/compare/attribution.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import type { PredictionSet } from '../../../src/core/metrics/predictions-file.ts'
import { type Random, seededRandom } from '../../../src/core/stats/random.ts'

type Box = { classId: number; x: number; y: number; w: number; h: number }
type Labels = Map<string, Box[]>

const classes = ['a', 'b']

function labels(random: Random, from: number, to: number): Labels {
  const box = (): Box => ({
    classId: random.int(2),
    x: random.uniform(0, 300),
    y: random.uniform(0, 300),
    w: random.uniform(20, 90),
    h: random.uniform(20, 90),
  })
  return new Map(Array.from({ length: to - from }, (_, i) => [`image-${from + i}`, Array.from({ length: 3 }, box)]))
}

/** What a model that shifts boxes by `error` pixels finds of the things that are truly there. */
function found(random: Random, there: Labels, truth: Labels, error: number): PredictionSet {
  const images = [...truth.keys()]
  const rows = images.flatMap((image, i) => (truth.get(image) ?? []).map((box) => ({ box, i })))
  const hits = images.flatMap((image, i) => (there.get(image) ?? []).map((box) => ({ box, i })))
  const set: PredictionSet = {
    images,
    scenes: images.map((image) => `scene ${Math.floor(Number(image.slice(6)) / 2)}`),
    classes,
    truth: emptyTruth(rows.length, images.length, 2),
    detections: emptyDetections(hits.length),
  }
  for (const [row, { box, i }] of rows.entries()) {
    set.truth.image[row] = i
    set.truth.area[row] = box.w * box.h
    for (const key of ['classId', 'x', 'y', 'w', 'h'] as const) set.truth[key][row] = box[key]
  }
  for (const [row, { box, i }] of hits.entries()) {
    set.detections.image[row] = i
    set.detections.score[row] = random.next()
    for (const key of ['classId', 'x', 'y', 'w', 'h'] as const) set.detections[key][row] = box[key]
    set.detections.x[row]! += random.normal(0, error)
  }
  return set
}

/** A box missing in every second old image, twenty new images, a candidate that is better than the champion. */
function world(seed: string): ChangeToAttribute & { control: PredictionSet } {
  const random = seededRandom(seed)
  const there = labels(random, 0, 80)
  const old = new Map([...there].slice(0, 60).map(([image, boxes], i) => [image, i % 2 === 0 ? boxes.slice(1) : boxes]))
  const model = (error: number, seedOf: string) => (truth: Labels) => found(seededRandom(seedOf), there, truth, error)
  const champion = model(9, `${seed} champion`)
  return {
    before: champion(old),
    after: champion(there),
    control: model(6, `${seed} control`)(there),
    candidate: model(3, `${seed} candidate`)(there),
    resamples: 200,
  }
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
const map = ({ truth, detections }: PredictionSet) => evaluateCoco(truth, detections).stats[0] as number

describe('attribution', () => {
  test.each(['one', 'two', 'three'])('effects add up to the whole, exactly, in world %s', (seed) => {
    const input = world(seed)
    const { from, to, total, effects } = attributeChange(input)
    expect(from).toBeCloseTo(map(input.before), 12)
    expect(to).toBeCloseTo(map(input.candidate), 12)
    expect(sum(effects.map(({ difference }) => difference.value))).toBeCloseTo(to - from, 12)
    expect(total.difference.value).toBeCloseTo(to - from, 12)
    expect(effects.map(({ effect }) => effect)).toEqual(['labels', 'yardstick', 'training', 'data'])
  })

  test('names what was planted: mended labels, and a better model', () => {
    const { effects } = attributeChange(world('planted'))
    const value = Object.fromEntries(effects.map(({ effect, difference }) => [effect, difference]))
    // Boxes that the champion finds were not labelled: false alarms become hits.
    expect(value.labels?.low).toBeGreaterThan(0)
    expect(value.training?.low).toBeGreaterThan(0)
    expect(value.data?.low).toBeGreaterThan(0)
  })

  test('without another model the model effect is zero, in every draw', () => {
    const { before, after } = world('same model')
    const { effects } = attributeChange({ before, after, candidate: after, resamples: 100 })
    expect(effects.at(-1)).toMatchObject({ effect: 'model', difference: { value: 0, low: 0, high: 0 } })
  })

  test('without new labels or images their effects are zero', () => {
    const { after, candidate } = world('same set')
    const { effects } = attributeChange({ before: after, after, candidate, resamples: 100 })
    expect(effects.slice(0, 2).map(({ effect, difference }) => [effect, difference.value])).toEqual([
      ['labels', 0],
      ['yardstick', 0],
    ])
  })

  test('without a control arm training and data are one effect of the model', () => {
    const { control, ...input } = world('three')
    const split = attributeChange({ ...input, control })
    const together = attributeChange(input)
    const model = together.effects.at(-1)?.difference.value
    expect(model).toBeCloseTo(sum(split.effects.slice(2).map(({ difference }) => difference.value)), 12)
  })
})
