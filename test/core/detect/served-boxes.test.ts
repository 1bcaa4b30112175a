import { expect, test } from 'vitest'
import { decode } from '../../../src/core/detect/decode.ts'
import { letterboxOf } from '../../../src/core/detect/letterbox.ts'
import { suppressions } from '../../../src/core/detect/suppression.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

const [anchors, classes] = [60, 3] as const
const box = letterboxOf(64, 48, 64)

/** A crowded raw head output: centres in a small part of the square, so that many boxes overlap. */
function output(seed: string): Float32Array {
  const random = seededRandom(seed)
  const values = new Float32Array((4 + classes) * anchors)
  for (let i = 0; i < anchors; i++) {
    values[i] = 20 + 20 * random.next()
    values[anchors + i] = 20 + 20 * random.next()
    values[2 * anchors + i] = 8 + 8 * random.next()
    values[3 * anchors + i] = 8 + 8 * random.next()
    for (let c = 0; c < classes; c++) values[(4 + c) * anchors + i] = random.next() ** 2
  }
  return values
}

test.each(suppressions.flatMap((suppression) => [false, true].map((multiLabel) => ({ suppression, multiLabel }))))(
  'scored from below or served from above, the boxes are the same: %j',
  (settings) => {
    for (let trial = 0; trial < 40; trial++) {
      const serving = { iou: 0.3 + 0.1 * (trial % 5), maxDetections: trial % 2 === 0 ? 300 : 5, ...settings }
      const served = (confidence: number) => {
        const { count, classId, score, x, y, w, h } = decode(
          output(`${trial}`),
          { kind: 'raw', classes, anchors },
          box,
          { ...serving, confidence },
        )
        const rows = Array.from({ length: count }, (_, i) => [classId[i], score[i], x[i], y[i], w[i], h[i]] as number[])
        return rows.filter(([, confident = 0]) => confident > 0.25)
      }
      const wanted = served(0.25)
      expect(wanted.length).toBeGreaterThan(1)
      expect(served(0.001)).toEqual(wanted)
    }
  },
)
