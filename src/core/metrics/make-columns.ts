import type { DetectionColumns, TruthColumns } from './columns.ts'

export function emptyTruth(count: number, imageCount: number, classCount: number): TruthColumns {
  return {
    count,
    imageCount,
    classCount,
    image: new Int32Array(count),
    classId: new Int32Array(count),
    x: new Float64Array(count),
    y: new Float64Array(count),
    w: new Float64Array(count),
    h: new Float64Array(count),
    area: new Float64Array(count),
    crowd: new Uint8Array(count),
  }
}

export function emptyDetections(count: number): DetectionColumns {
  return {
    count,
    image: new Int32Array(count),
    classId: new Int32Array(count),
    score: new Float64Array(count),
    x: new Float64Array(count),
    y: new Float64Array(count),
    w: new Float64Array(count),
    h: new Float64Array(count),
  }
}

/** The first rows, sharing memory. */
export function firstRows(columns: DetectionColumns, count: number): DetectionColumns {
  const { image, classId, score, x, y, w, h } = columns
  const [a, b] = [0, count]
  return {
    count,
    image: image.subarray(a, b),
    classId: classId.subarray(a, b),
    score: score.subarray(a, b),
    x: x.subarray(a, b),
    y: y.subarray(a, b),
    w: w.subarray(a, b),
    h: h.subarray(a, b),
  }
}

/** Rows of some images, renumbered: image i of the result is images[i]. The order of rows is kept. */
export function truthOfImages(truth: TruthColumns, images: readonly number[]): TruthColumns {
  const to = renumbered(truth.imageCount, images)
  const rows = rowsOf(truth.image, truth.count, to)
  const part = emptyTruth(rows.length, images.length, truth.classCount)
  rows.forEach((row, i) => {
    part.image[i] = to[truth.image[row]!]!
    part.classId[i] = truth.classId[row]!
    part.x[i] = truth.x[row]!
    part.y[i] = truth.y[row]!
    part.w[i] = truth.w[row]!
    part.h[i] = truth.h[row]!
    part.area[i] = truth.area[row]!
    part.crowd[i] = truth.crowd[row]!
  })
  return part
}

export function detectionsOfImages(
  detections: DetectionColumns,
  imageCount: number,
  images: readonly number[],
): DetectionColumns {
  const to = renumbered(imageCount, images)
  const rows = rowsOf(detections.image, detections.count, to)
  const part = emptyDetections(rows.length)
  rows.forEach((row, i) => {
    part.image[i] = to[detections.image[row]!]!
    part.classId[i] = detections.classId[row]!
    part.score[i] = detections.score[row]!
    part.x[i] = detections.x[row]!
    part.y[i] = detections.y[row]!
    part.w[i] = detections.w[row]!
    part.h[i] = detections.h[row]!
  })
  return part
}

function renumbered(imageCount: number, images: readonly number[]): Int32Array {
  const to = new Int32Array(imageCount).fill(-1)
  images.forEach((image, i) => {
    to[image] = i
  })
  return to
}

function rowsOf(image: Int32Array, count: number, to: Int32Array): number[] {
  const rows: number[] = []
  for (let row = 0; row < count; row++) if (to[image[row]!]! >= 0) rows.push(row)
  return rows
}
