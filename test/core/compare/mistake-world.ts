import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import type { PredictionSet } from '../../../src/core/metrics/predictions-file.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const mistakes = [
  'missing label',
  'swapped label',
  'tiny object',
  'hidden object',
  'shifted box',
  'wrong class',
  'second box',
  'unsure phantom',
  'plain miss',
] as const
export type Plant = (typeof mistakes)[number]
export type Extra = 'tiny object found' | 'helmet found' | 'helmet missed'

type Row = { classId: number; box: [number, number, number, number]; score?: number }
type Scene = { truth: Row[]; found: Row[] }

/**
 * Validation images of 640 × 480 on which a model is right with scores from .7 to .95, and one image for each mistake.
 * Classes: person, vest, helmet.
 */
export function plantedWorld(
  plants: readonly (Plant | Extra)[],
  seed = 1,
): { set: PredictionSet; planted: { image: string; plant: Plant }[] } {
  const random = seededRandom(`mistakes ${seed}`)
  const person = (score?: number): Row => {
    const [x, y] = [random.uniform(20, 400), random.uniform(20, 200)]
    return { classId: 0, box: [x, y, random.uniform(70, 100), random.uniform(120, 180)], ...(score ? { score } : {}) }
  }
  const right = (): Scene => {
    const truth = [person()]
    return { truth, found: truth.map((row) => ({ ...near(row), score: random.uniform(0.7, 0.95) })) }
  }
  const near = (row: Row, by = 0.02): Row => {
    const [x, y, w, h] = row.box
    return { ...row, box: [x + by * w, y, w, h] }
  }
  const scenes: Record<Plant | Extra, () => Scene> = {
    'missing label': () => ({ truth: [], found: [person(random.uniform(0.93, 0.99))] }),
    'swapped label': () => {
      const row = person()
      return { truth: [{ ...row, classId: 1 }], found: [{ ...near(row), score: random.uniform(0.93, 0.99) }] }
    },
    'tiny object': () => ({ truth: [{ classId: 0, box: [random.uniform(20, 600), 50, 14, 22] }], found: [] }),
    'tiny object found': () => {
      const row: Row = { classId: 0, box: [random.uniform(20, 600), 50, 14, 22] }
      return { truth: [row], found: [{ ...row, score: 0.8 }] }
    },
    'hidden object': () => {
      const front = person()
      const behind: Row = { classId: 0, box: [front.box[0] + 0.45 * front.box[2], front.box[1] - 15, 90, 150] }
      return { truth: [front, behind], found: [{ ...near(front), score: 0.9 }] }
    },
    'shifted box': () => {
      const row = person()
      return { truth: [row], found: [{ ...near(row, 0.6), score: random.uniform(0.4, 0.6) }] }
    },
    'wrong class': () => {
      const row = person()
      return { truth: [row], found: [{ ...near(row, 0.1), classId: 1, score: random.uniform(0.4, 0.6) }] }
    },
    'second box': () => {
      const row = person()
      return {
        truth: [row],
        found: [
          { ...row, score: 0.9 },
          { ...near(row, 0.2), score: random.uniform(0.3, 0.6) },
        ],
      }
    },
    'unsure phantom': () => ({ truth: [], found: [person(random.uniform(0.3, 0.5))] }),
    'plain miss': () => ({ truth: [person()], found: [] }),
    'helmet found': () => helmeted(true),
    'helmet missed': () => helmeted(false),
  }
  const helmeted = (found: boolean): Scene => {
    const { truth, found: boxes } = right()
    const [x, y, w] = truth[0]!.box
    const helmet: Row = { classId: 2, box: [x + w / 4, y, w / 2, 40] }
    return { truth: [...truth, helmet], found: found ? [...boxes, { ...helmet, score: 0.8 }] : boxes }
  }
  const plain = Array.from({ length: 100 }, (_, i) => ({ name: `plain/${String(i).padStart(3, '0')}`, scene: right() }))
  const odd = plants.map((plant, i) => ({
    name: `${plant.replaceAll(' ', '-')}/${i}`,
    plant,
    scene: scenes[plant](),
  }))
  const planted = odd.flatMap(({ name, plant }) =>
    (mistakes as readonly string[]).includes(plant) ? [{ image: name, plant: plant as Plant }] : [],
  )
  return { set: columnsOf([...plain, ...odd]), planted }
}

function columnsOf(images: { name: string; scene: Scene }[]): PredictionSet {
  const rows = (part: keyof Scene) => images.flatMap(({ scene }, image) => scene[part].map((row) => ({ image, row })))
  const [real, found] = [rows('truth'), rows('found')]
  const truth = emptyTruth(real.length, images.length, 3)
  const detections = emptyDetections(found.length)
  for (const [columns, list] of [
    [truth, real],
    [detections, found],
  ] as const) {
    for (const [i, { image, row }] of list.entries()) {
      const [x, y, w, h] = row.box
      columns.image[i] = image
      columns.classId[i] = row.classId
      columns.x[i] = x
      columns.y[i] = y
      columns.w[i] = w
      columns.h[i] = h
    }
  }
  for (const [i, { row }] of real.entries()) truth.area[i] = row.box[2] * row.box[3]
  for (const [i, { row }] of found.entries()) detections.score[i] = row.score ?? 0
  const names = images.map(({ name }) => name)
  return { images: names, scenes: names, classes: ['person', 'vest', 'helmet'], truth, detections }
}
