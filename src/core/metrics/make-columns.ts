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
