import { describe, expect, test } from 'vitest'
import { EvidenceError } from '../../../src/core/errors.ts'
import { readCocoDetections, readCocoTruth } from '../../../src/core/metrics/coco-json.ts'
import { decodePredictions, encodePredictions } from '../../../src/core/metrics/predictions-file.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'
import { randomCocoCase } from './coco-cases.ts'

const { gt, dt } = randomCocoCase(seededRandom('predictions'), { images: 5, truths: 20, detections: 40 })
const coco = readCocoTruth(gt, 'gt')
const set = {
  images: coco.imageNames,
  scenes: coco.imageNames.map((_, i) => `scene ${i % 2}`),
  classes: coco.categoryNames,
  truth: coco.truth,
  detections: readCocoDetections(dt, 'dt', coco).detections,
}
const json = encodePredictions(set)

test('what was written is read back, to 1e-6, and writes the same bytes again', () => {
  const back = decodePredictions(json, 'p.json')
  expect(back.images).toEqual(set.images)
  expect(back.scenes).toEqual(set.scenes)
  expect(back.truth).toMatchObject({ count: 20, imageCount: 5, classCount: 4 })
  for (const key of ['image', 'classId', 'crowd'] as const) expect(back.truth[key]).toEqual(set.truth[key])
  for (const key of ['x', 'y', 'w', 'h', 'score'] as const) {
    back.detections[key].forEach((value, i) => {
      expect(Math.abs(value - set.detections[key][i]!)).toBeLessThanOrEqual(5.1e-7)
    })
  }
  expect(encodePredictions(back)).toBe(json)
})

describe('refuses as malformed evidence', () => {
  const whole = JSON.parse(json) as Record<string, object>
  const inside = (part: 'truth' | 'detections', columns: object) =>
    JSON.stringify({ ...whole, [part]: { ...whole[part], ...columns } })
  const columnOf = (part: 'truth' | 'detections', key: string) => (whole[part] as Record<string, number[]>)[key]!
  test.each([
    ['half a file', json.slice(0, 100), /not JSON/],
    ['null', 'null', /expected an object/],
    ['another format', JSON.stringify({ ...whole, format: 'other' }), /expected format sluice-predictions/],
    ['a scene too few', JSON.stringify({ ...whole, scenes: ['a'] }), /5 images, but 1 scenes/],
    [
      'a column too short',
      inside('truth', { x: columnOf('truth', 'x').slice(1) }),
      /truth.x has 19 entries, others 20/,
    ],
    ['a missing column', inside('detections', { score: undefined }), /detections.score must be a list/],
    [
      'an image out of range',
      inside('truth', { image: columnOf('truth', 'image').map(() => 5) }),
      /truth.image\[0\] is 5/,
    ],
    [
      'a class that is no index',
      inside('detections', { classId: columnOf('detections', 'classId').map(() => 0.5) }),
      /classId\[0\] is 0.5/,
    ],
    [
      'a null score',
      inside('detections', { score: columnOf('detections', 'score').map(() => null) }),
      /score\[0\] is null/,
    ],
    ['a crowd of 3', inside('truth', { crowd: columnOf('truth', 'crowd').map(() => 3) }), /0 and 1 only/],
    ['no truth', JSON.stringify({ ...whole, truth: undefined }), /truth.image must be a list/],
  ])('%s', (_, text, message) => {
    expect(() => decodePredictions(text, 'p.json')).toThrow(EvidenceError)
    expect(() => decodePredictions(text, 'p.json')).toThrow(message)
  })
})
