import type { DetectionColumns } from '../../../src/core/metrics/columns.ts'
import { emptyDetections, emptyTruth } from '../../../src/core/metrics/make-columns.ts'
import type { Random } from '../../../src/core/stats/random.ts'

export const classCount = 3
const boxes = 4

/** Ground truth and two models that are equal by construction: each draws its luck in a scene, its jitter, its misses
 * and its false alarms by the same rule, so that their true difference is zero. */
export function equalModels(random: Random, scenes: number, perScene: number) {
  const images = scenes * perScene
  const truth = emptyTruth(images * boxes, images, classCount)
  for (let row = 0; row < truth.count; row++) {
    truth.image[row] = Math.floor(row / boxes)
    truth.classId[row] = random.int(classCount)
    truth.x[row] = 100 * (row % boxes)
    truth.w[row] = truth.h[row] = 40
    truth.area[row] = 1600
  }
  const hardness = Array.from({ length: scenes }, () => Math.abs(random.normal(0, 3)))
  const model = (): DetectionColumns => {
    const found = emptyDetections(2 * truth.count)
    const luck = hardness.map((hard) => hard + Math.abs(random.normal(0, 5)))
    let count = 0
    const add = (row: number, classId: number, x: number, score: number) => {
      found.image[count] = truth.image[row]!
      found.classId[count] = classId
      found.x[count] = x
      found.w[count] = found.h[count] = 40
      found.score[count++] = score
    }
    for (let row = 0; row < truth.count; row++) {
      const error = luck[Math.floor(truth.image[row]! / perScene)]!
      const shift = Math.abs(random.normal(0, 2)) + error * random.next()
      if (random.next() < 0.9)
        add(row, truth.classId[row]!, truth.x[row]! + shift, 1 / (1 + shift / 8) - random.next() / 4)
      if (random.next() < 0.4) add(row, random.int(classCount), truth.x[row]! + 50, random.next() * 0.8)
    }
    const columns = (['image', 'classId', 'score', 'x', 'y', 'w', 'h'] as const).map((key) => [
      key,
      found[key].slice(0, count),
    ])
    return { ...(Object.fromEntries(columns) as Omit<DetectionColumns, 'count'>), count }
  }
  return { truth, baseline: model(), candidate: model() }
}
