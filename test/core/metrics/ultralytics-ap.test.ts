import { execa } from 'execa'
import { beforeAll, describe, expect, test } from 'vitest'
import { pythonTool } from '../../../src/adapters/tools.ts'
import { evaluateCoco } from '../../../src/core/metrics/coco-ap.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { orderDetections } from '../../../src/core/metrics/detection-order.ts'
import { evaluateUltralytics } from '../../../src/core/metrics/ultralytics-ap.ts'
import { matchAsUltralytics } from '../../../src/core/metrics/ultralytics-match.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { type CocoCase, randomCocoCase } from './coco-cases.ts'

const random = seededRandom('ultralytics-ap')

function read({ gt, dt }: CocoCase) {
  const coco = readCocoTruth(gt, 'gt.json')
  return { truth: coco.truth, detections: readCocoDetections(dt, 'dt.json', coco).detections }
}

/** Scores of which no two are equal: Ultralytics sorts them with an unstable sort. */
function distinct(body: CocoCase): CocoCase {
  const scores = random.shuffle(body.dt.map((_, i) => (i + 0.5) / body.dt.length))
  return { ...body, dt: body.dt.map((found, i) => ({ ...found, score: scores[i] as number })) }
}

const cases: [string, CocoCase][] = [
  ...Array.from({ length: 25 }, (_, i): [string, CocoCase] => [
    `random ${i}`,
    distinct(
      randomCocoCase(random, {
        images: 1 + random.int(20),
        classes: 2 + random.int(6),
        truths: 1 + random.int(120),
        detections: 1 + random.int(500),
        crowd: 0,
        grid: random.pick([0.01, 1, 8]),
      }),
    ),
  ]),
  ['only detections far from everything', distinct(randomCocoCase(random, { near: 0, crowd: 0 }))],
  ['one detection', distinct(randomCocoCase(random, { detections: 1, crowd: 0 }))],
  ['many on one spot', distinct(randomCocoCase(random, { grid: 64, images: 2, detections: 400, crowd: 0 }))],
]

function forOracle(body: CocoCase) {
  const { truth, detections } = read(body)
  const images = Array.from({ length: truth.imageCount }, () => ({ truth: [] as number[][], found: [] as number[][] }))
  const corners = (c: typeof truth | typeof detections, i: number) => [
    c.classId[i]!,
    c.x[i]!,
    c.y[i]!,
    c.x[i]! + c.w[i]!,
    c.y[i]! + c.h[i]!,
  ]
  for (let i = 0; i < truth.count; i++) images[truth.image[i]!]!.truth.push(corners(truth, i))
  for (let i = 0; i < detections.count; i++) {
    images[detections.image[i]!]!.found.push([...corners(detections, i), detections.score[i]!])
  }
  return { images }
}

type Answer = {
  hits: number[]
  classes: number[]
  p: number[]
  r: number[]
  f1: number[]
  ap50: number[]
  ap: number[]
}
let answers: Answer[]
beforeAll(async () => {
  const { stdout } = await execa(pythonTool('python'), [`${import.meta.dirname}/ultralytics-oracle.py`], {
    input: JSON.stringify(cases.map(([, body]) => forOracle(body))),
    env: { YOLO_OFFLINE: 'true' },
  })
  answers = JSON.parse(stdout.slice(stdout.indexOf('['))) as Answer[]
})

describe('equals match_predictions and ap_per_class', () => {
  test.each(cases.map(([name, body], i) => ({ name, body, i })))('$name', ({ body, i }) => {
    const { truth, detections } = read(body)
    const expected = answers[i]!
    const order = orderDetections(truth, detections)
    const hits = matchAsUltralytics(truth, detections, order)
    const byImage = [...order.row.keys()].sort((a, b) => {
      const [ra, rb] = [order.row[a]!, order.row[b]!]
      return detections.image[ra]! - detections.image[rb]! || detections.score[rb]! - detections.score[ra]!
    })
    expect(byImage.map((position) => hits[position])).toEqual(expected.hits)
    const result = evaluateUltralytics(truth, detections)
    expect(result.perClass.map(({ classId }) => classId)).toEqual(expected.classes)
    for (const key of ['p', 'r', 'f1', 'ap50', 'ap'] as const) {
      result.perClass.forEach((row, c) => {
        expect(Math.abs(row[key] - expected[key][c]!), `${key} of class ${c}`).toBeLessThanOrEqual(1e-9)
      })
    }
  })
})

const box = (id: number, bbox: number[]) => ({ id, image_id: 1, category_id: 1, bbox, area: 1e4, iscrowd: 0 })
const body = (annotations: CocoCase['gt']['annotations'], dt: CocoCase['dt']) =>
  read({
    gt: { images: [{ id: 1, width: 9, height: 9, file_name: 'a' }], categories: [{ id: 1, name: 'a' }], annotations },
    dt,
  })

test('a perfect class gets .995, where COCO gives 1: the two are never to be mixed', () => {
  const { truth, detections } = body(
    [box(1, [0, 0, 100, 100])],
    [{ image_id: 1, category_id: 1, bbox: [0, 0, 100, 100], score: 0.9 }],
  )
  expect(evaluateUltralytics(truth, detections).map50).toBeCloseTo(0.995, 9)
  expect(evaluateCoco(truth, detections).stats[1]).toBeCloseTo(1, 12)
})

test('a crowd is no ground truth', () => {
  const { truth, detections } = body(
    [box(1, [0, 0, 100, 100]), { ...box(2, [300, 0, 100, 100]), iscrowd: 1 }],
    [{ image_id: 1, category_id: 1, bbox: [0, 0, 100, 100], score: 0.9 }],
  )
  expect(evaluateUltralytics(truth, detections).recall).toBe(1)
})

test('nothing to find gives zeros and no class', () => {
  const { truth, detections } = body([], [{ image_id: 1, category_id: 1, bbox: [0, 0, 100, 100], score: 0.9 }])
  const result = evaluateUltralytics(truth, detections)
  expect(result).toMatchObject({ map50: 0, map: 0, precision: 0, recall: 0, f1: 0, perClass: [] })
})
