import { expect, test } from 'vitest'
import { servingDigest } from '../../../src/core/detect/serving-digest.ts'
import type { Serving } from '../../../src/ports.ts'

const serving: Serving = {
  imageSize: 320,
  channels: 'RGB',
  confidence: 0.001,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}

test('what is left unsaid and what is said as usual are the same serving', () => {
  const told: Serving = {
    ...serving,
    padding: 114,
    scale: 1 / 255,
    fit: 'letterbox',
    suppression: 'greedy',
    servedConfidence: 0.25,
  }
  expect(servingDigest(told)).toBe(servingDigest(serving))
})

test('scoring from further below is the same serving, serving from elsewhere is not', () => {
  expect(servingDigest({ ...serving, confidence: 0.05 })).toBe(servingDigest(serving))
  expect(servingDigest({ ...serving, confidence: 0.5 })).not.toBe(servingDigest(serving))
  expect(servingDigest({ ...serving, servedConfidence: 0.1 })).not.toBe(servingDigest(serving))
})

test.each<Partial<Serving>>([
  { imageSize: 640 },
  { channels: 'BGR' },
  { padding: 0 },
  { scale: 1 },
  { fit: 'stretch' },
  { iou: 0.5 },
  { maxDetections: 100 },
  { multiLabel: true },
  { suppression: 'diou' },
])('another setting is another serving: %j', (change) => {
  expect(servingDigest({ ...serving, ...change })).not.toBe(servingDigest(serving))
})
