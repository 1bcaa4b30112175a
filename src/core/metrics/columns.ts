/** Ground truth of an image set in columns; boxes are COCO x, y, width, height in pixels. */
export type TruthColumns = {
  count: number
  imageCount: number
  classCount: number
  image: Int32Array
  classId: Int32Array
  x: Float64Array
  y: Float64Array
  w: Float64Array
  h: Float64Array
  /** Area that size ranges use (COCO's "area" field; w × h for plain boxes). */
  area: Float64Array
  crowd: Uint8Array
}

/** Detections of an image set in columns; same units as TruthColumns. */
export type DetectionColumns = {
  count: number
  image: Int32Array
  classId: Int32Array
  score: Float64Array
  x: Float64Array
  y: Float64Array
  w: Float64Array
  h: Float64Array
}
