import type { Suppression } from './suppression.ts'

/** A picture in memory: 8-bit RGB rows, 3 bytes a pixel. */
export type Picture = { width: number; height: number; rgb: Uint8Array }

/** What decides which boxes of a model's output are served. */
export type Serving = {
  confidence: number
  iou: number
  maxDetections: number
  multiLabel: boolean
  /** Greedy unless another method is named. */
  suppression?: Suppression
}

/** Everything between the picture and the boxes; part of an artefact's identity. */
export type ServingSettings = Serving & {
  imageSize: number
  channels: 'RGB' | 'BGR'
  /** Confidence above which boxes are served, where `confidence` only says from where they are scored. */
  servedConfidence?: number
  /** Grey level around the picture; 114 unless another is named. */
  padding?: number
  /** What a grey level is multiplied by; 1 / 255 unless another is named. */
  scale?: number
  /** How a picture comes onto the square: with its proportions kept unless `stretch` is named. */
  fit?: 'letterbox' | 'stretch'
}

/** Boxes of one picture in columns, best first: x, y, width, height in its pixels; `image` is 0 throughout. */
export type Detections = {
  count: number
  image: Int32Array
  classId: Int32Array
  score: Float64Array
  x: Float64Array
  y: Float64Array
  w: Float64Array
  h: Float64Array
}
