import { canonicalJson, sha256 } from '../documents/define.ts'
import type { ServingSettings } from './model.ts'

/** Boxes above this confidence are served where nothing else is said, as Ultralytics predicts. */
const usualConfidence = 0.25

/**
 * SHA-256 of everything between the picture and the boxes, defaults written out, so that what is left unsaid and what is
 * said as usual are the same. The confidence is the served one: what is scored from further below for average precision
 * holds these boxes too, since suppression never lets a weaker box decide over a stronger one.
 */
export function servingDigest(serving: ServingSettings): string {
  return sha256(canonicalJson(settingsOf(serving)))
}

/** The settings with nothing left to a default; numbers as they decide. */
function settingsOf(serving: ServingSettings) {
  return {
    imageSize: serving.imageSize,
    fit: serving.fit ?? 'letterbox',
    padding: serving.padding ?? 114,
    channels: serving.channels,
    scale: serving.scale ?? 1 / 255,
    confidence: serving.servedConfidence ?? Math.max(serving.confidence, usualConfidence),
    iou: serving.iou,
    maxDetections: serving.maxDetections,
    multiLabel: serving.multiLabel,
    suppression: serving.suppression ?? 'greedy',
  }
}
