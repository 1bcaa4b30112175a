import { execa } from 'execa'
import { beforeAll, describe, expect, test } from 'vitest'
import { pythonTool } from '../../../src/adapters/tools.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { scoresAtRecall } from '../../../src/core/metrics/coco-scores.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { type CocoCase, randomCocoCase } from './coco-cases.ts'

const random = seededRandom('coco-ap')
const categories = (...ids: number[]) => ids.map((id) => ({ id, name: String(id) }))
const images = (...ids: number[]) => ids.map((id) => ({ id, width: 640, height: 480, file_name: `${id}.jpg` }))
const annotation = (id: number, category_id: number, bbox: number[], more: object = {}, image_id = 1) => ({
  id,
  image_id,
  category_id,
  bbox,
  area: bbox[2]! * bbox[3]!,
  iscrowd: 0,
  ...more,
})
const detection = (category_id: number, bbox: number[], score: number, image_id = 1) => ({
  image_id,
  category_id,
  bbox,
  score,
})
const [here, there] = [
  [0, 0, 100, 100],
  [300, 300, 100, 100],
]

function cocoOf(annotations: CocoCase['gt']['annotations'], dt: CocoCase['dt'], ids = [1]): CocoCase {
  return { gt: { images: images(1, 2), categories: categories(...ids), annotations }, dt }
}

/** Hand-made cases whose answer is known without any program: [case, index of the stat, value]. */
const known: [string, CocoCase, number, number][] = [
  [
    'one of two found',
    cocoOf([annotation(1, 1, here), annotation(2, 1, there)], [detection(1, here, 0.9)]),
    0,
    51 / 101,
  ],
  [
    'a false alarm above the hit',
    cocoOf([annotation(1, 1, here)], [detection(1, there, 0.95), detection(1, here, 0.9)]),
    0,
    0.5,
  ],
  [
    'a hit above the false alarm',
    cocoOf([annotation(1, 1, here)], [detection(1, here, 0.95), detection(1, there, 0.9)]),
    0,
    1,
  ],
  [
    'a class with false alarms and no ground truth',
    cocoOf([annotation(1, 1, here)], [detection(1, here, 0.9), detection(2, here, 0.9)], [1, 2]),
    0,
    1,
  ],
  [
    'a class with ground truth and no detections',
    cocoOf([annotation(1, 1, here), annotation(2, 2, there)], [detection(1, here, 0.9)], [1, 2]),
    0,
    0.5,
  ],
  [
    'a crowd that takes two more detections',
    cocoOf(
      [annotation(1, 1, here), annotation(2, 1, [290, 290, 200, 200], { iscrowd: 1 })],
      [detection(1, here, 0.5), detection(1, there, 0.9), detection(1, [310, 310, 50, 50], 0.8)],
    ),
    0,
    1,
  ],
  ['annotation id 0', cocoOf([annotation(0, 1, here)], [detection(1, here, 0.9)]), 0, 0],
  ['area 1024 is small', cocoOf([annotation(1, 1, [0, 0, 32, 32])], [detection(1, [0, 0, 32, 32], 0.9)]), 3, 1],
  ['area 1024 is medium', cocoOf([annotation(1, 1, [0, 0, 32, 32])], [detection(1, [0, 0, 32, 32], 0.9)]), 4, 1],
  ['area 1024 is not large', cocoOf([annotation(1, 1, [0, 0, 32, 32])], [detection(1, [0, 0, 32, 32], 0.9)]), 5, -1],
  [
    'ignore: 1 without iscrowd is not honoured',
    cocoOf([annotation(1, 1, here), annotation(2, 1, there, { ignore: 1 })], [detection(1, here, 0.9)]),
    0,
    51 / 101,
  ],
]

const zeroCrowd = cocoOf(
  [annotation(0, 1, here, { iscrowd: 1 }), annotation(5, 1, there)],
  [detection(1, here, 0.9), detection(1, there, 0.8)],
)
const zeroSmall = cocoOf(
  [annotation(0, 1, here, { area: 900 }), annotation(5, 1, there, { area: 900 })],
  [detection(1, here, 0.9), detection(1, here, 0.85), detection(1, there, 0.8)],
)

const cases: [string, CocoCase][] = [
  ...known.map(([name, body]): [string, CocoCase] => [name, body]),
  ['annotation id 0 on a crowd', zeroCrowd],
  ['annotation id 0 where areas differ', zeroSmall],
  ['no detections at all', randomCocoCase(random, { detections: 0 })],
  ['no ground truth at all', randomCocoCase(random, { truths: 0, near: 0 })],
  ['ids from 0', randomCocoCase(random, { firstId: 0, crowd: 0 })],
  ['ids from 0 with crowds', randomCocoCase(random, { firstId: 0, crowd: 0.4 })],
  ['all scores equal', randomCocoCase(random, { scoreSteps: 1 })],
  ['few scores, coarse grid', randomCocoCase(random, { scoreSteps: 5, grid: 16, detections: 400 })],
  ['negative scores', withScores(randomCocoCase(random), () => Math.round(random.normal() * 20) / 10)],
  [
    'more than 100 detections in an image',
    randomCocoCase(random, { images: 2, classes: 2, truths: 90, detections: 900 }),
  ],
  [
    'more than 100, tied',
    randomCocoCase(random, { images: 2, classes: 2, truths: 300, detections: 900, scoreSteps: 3 }),
  ],
  [
    'many crowds on a coarse grid',
    randomCocoCase(random, { crowd: 0.5, grid: 32, truths: 200, detections: 400, images: 4 }),
  ],
  ['most detections in images without truth', randomCocoCase(random, { images: 80, truths: 20, near: 0.1 })],
  ['boxes without area', randomCocoCase(random, { grid: 120, detections: 300 })],
  ...Array.from({ length: 30 }, (_, i): [string, CocoCase] => [
    `random ${i}`,
    randomCocoCase(random, {
      images: 1 + random.int(30),
      classes: 1 + random.int(8),
      truths: random.int(150),
      detections: random.int(500),
      scoreSteps: random.pick([10, 100, 1e6]),
      grid: random.pick([0.01, 1, 8]),
    }),
  ]),
]

function withScores(body: CocoCase, score: () => number): CocoCase {
  return { ...body, dt: body.dt.map((found) => ({ ...found, score: score() })) }
}

function ours({ gt, dt }: CocoCase) {
  const coco = readCocoTruth(gt, 'gt.json')
  const { detections } = readCocoDetections(dt, 'dt.json', coco)
  return { coco, detections, result: evaluateCoco(coco.truth, detections, coco.zeroIdRow) }
}

type Answer = { stats: number[]; precision: number[][]; recall: number[]; scores: number[]; catIds: number[] }
let answers: Answer[]
beforeAll(async () => {
  const { stdout } = await execa(pythonTool('python'), [`${import.meta.dirname}/coco-oracle.py`], {
    input: JSON.stringify(cases.map(([, body]) => body)),
  })
  answers = JSON.parse(stdout) as Answer[]
})

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

describe('equals pycocotools in stats, precision, recall and scores', () => {
  test.each(cases.map(([name, body], i) => ({ name, body, i })))('$name', ({ body, i }) => {
    const { coco, detections, result } = ours(body)
    expect(coco.categoryIds).toEqual(answers[i]!.catIds)
    expect(furthest(result.stats, answers[i]!.stats)).toBeLessThanOrEqual(1e-12)
    expect(furthest(result.curves.precision, answers[i]!.precision[2]!)).toBeLessThanOrEqual(1e-15)
    expect(furthest(result.curves.recall, answers[i]!.recall)).toBeLessThanOrEqual(1e-15)
    expect(furthest(scoresAtRecall(result.matching, detections), answers[i]!.scores)).toBe(0)
  })
})

test('equals pycocotools in precision with 1 and 10 detections too, once no more are left', () => {
  for (const [i, [, body]] of cases.entries()) {
    for (const [limit, most] of [1, 10].entries()) {
      const { result } = ours({ ...body, dt: firstOfEach(body.dt, most) })
      expect(furthest(result.curves.precision, answers[i]!.precision[limit]!)).toBeLessThanOrEqual(1e-15)
    }
  }
})

/** The best detections of each image and class; of equal scores those that come first. */
function firstOfEach(dt: CocoCase['dt'], most: number): CocoCase['dt'] {
  const taken = new Map<string, number>()
  const kept = dt
    .toSorted((a, b) => b.score - a.score)
    .filter(({ image_id, category_id }) => {
      const key = `${image_id} ${category_id}`
      taken.set(key, (taken.get(key) ?? 0) + 1)
      return taken.get(key)! <= most
    })
  return dt.filter((found) => kept.includes(found))
}

test.each(known.map(([name, body, stat, value]) => ({ name, body, stat, value })))(
  'gives the value that follows from the definition: $name',
  ({ body, stat, value }) => {
    expect(ours(body).result.stats[stat]).toBeCloseTo(value, 12)
  },
)

test('the AP of a class is its own mean, and the classes that have truth average to the first stat', () => {
  const { result } = ours(randomCocoCase(seededRandom(7), { classes: 6, truths: 200, detections: 500 }))
  const present = [...result.perClass].filter((ap) => ap >= 0)
  expect(present.length).toBe(5)
  expect(present.reduce((sum, ap) => sum + ap, 0) / present.length).toBeCloseTo(result.stats[0]!, 12)
})
