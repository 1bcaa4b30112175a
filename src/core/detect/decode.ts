import { UsageError } from '../errors.ts'
import type { Letterbox } from './letterbox.ts'
import type { Detections, Serving } from './model.ts'
import type { Candidates } from './nms.ts'
import { suppressBy } from './suppression.ts'

/** How the one output of a detector is laid out. */
export type Head =
  /** [1, 4 + classes, anchors]: centre, size, sigmoid class scores; needs suppression. */
  | { kind: 'raw'; classes: number; anchors: number }
  /** [1, rows, 6]: corners, score, class; best first, suppressed in the graph. */
  | { kind: 'end-to-end'; rows: number }

export type Scores = Float32Array | Float16Array

/** Tells the head by the shape, class names and the export's own word; UsageError when it is no detector's. */
export function headOf(dims: readonly number[], known: { classes: number | null; endToEnd: boolean | null }): Head {
  const [batch, a = 0, b = 0] = dims
  const told = `the output is [${dims.join(', ')}]`
  if (dims.length !== 3 || batch !== 1) {
    throw new UsageError(`${told}, a detector's is [1, 4 + classes, anchors] or [1, rows, 6]`, {
      mend: 'export a detection model with batch 1',
    })
  }
  if (known.endToEnd === true || (known.endToEnd === null && b === 6 && a !== 4 + (known.classes ?? -1))) {
    if (b !== 6) throw new UsageError(`${told}, but the export says it is end to end, which is [1, rows, 6]`)
    return { kind: 'end-to-end', rows: a }
  }
  const classes = known.classes ?? a - 4
  if (classes < 1 || a !== 4 + classes) {
    throw new UsageError(`${told}, which is not 4 + ${known.classes ?? 'any number of'} classes`, {
      mend: 'export the detection head alone, for the classes that the file names',
    })
  }
  return { kind: 'raw', classes, anchors: b }
}

/** Boxes of one picture from the model's output, in the picture's own pixels, best first. */
export function decode(output: Scores, head: Head, box: Letterbox, serving: Serving): Detections {
  return head.kind === 'raw' ? decodeRaw(output, head, box, serving) : decodeEndToEnd(output, head, box, serving)
}

function decodeRaw(output: Scores, head: Head & { kind: 'raw' }, box: Letterbox, serving: Serving): Detections {
  const candidates = candidatesOf(output, head, Math.fround(serving.confidence), serving.multiLabel)
  const settings = { limit: serving.iou, least: serving.confidence, maxDetections: serving.maxDetections }
  const { rows, scores } = suppressBy(serving.suppression ?? 'greedy', candidates, settings)
  const out = columns(rows.length)
  rows.forEach((row, i) => {
    out.classId[i] = candidates.classId[row] as number
    out.score[i] = scores[i] as number
    place(out, i, candidates.corners, row * 4, box)
  })
  return out
}

/** All (anchor, class) pairs above the confidence; one class an anchor unless multi-label. */
function candidatesOf(
  output: Scores,
  { classes, anchors }: { classes: number; anchors: number },
  confidence: number,
  multiLabel: boolean,
): Candidates {
  const best = new Float32Array(anchors).fill(-1)
  const bestClass = new Int32Array(anchors)
  let pairs = 0
  for (let c = 0; c < classes; c++) {
    const base = (4 + c) * anchors
    for (let i = 0; i < anchors; i++) {
      const score = output[base + i] as number
      if (Number.isNaN(score)) throw notNumbers()
      if (score > confidence) pairs++
      if (score > (best[i] as number)) {
        best[i] = score
        bestClass[i] = c
      }
    }
  }
  const most = multiLabel ? pairs : anchors
  const found: Candidates = {
    count: 0,
    corners: new Float32Array(most * 4),
    score: new Float32Array(most),
    classId: new Int32Array(most),
  }
  for (let i = 0; i < anchors; i++) {
    if (!((best[i] as number) > confidence)) continue
    if (!multiLabel) add(found, output, anchors, i, bestClass[i] as number)
    else
      for (let c = 0; c < classes; c++) {
        if ((output[(4 + c) * anchors + i] as number) > confidence) add(found, output, anchors, i, c)
      }
  }
  return found
}

function add(found: Candidates, output: Scores, anchors: number, i: number, classId: number): void {
  const row = found.count++
  const cx = output[i] as number
  const cy = output[anchors + i] as number
  const halfWidth = (output[2 * anchors + i] as number) / 2
  const halfHeight = (output[3 * anchors + i] as number) / 2
  if (Number.isNaN(cx + cy + halfWidth + halfHeight)) throw notNumbers()
  found.corners[row * 4] = cx - halfWidth
  found.corners[row * 4 + 1] = cy - halfHeight
  found.corners[row * 4 + 2] = cx + halfWidth
  found.corners[row * 4 + 3] = cy + halfHeight
  found.score[row] = output[(4 + classId) * anchors + i] as number
  found.classId[row] = classId
}

function decodeEndToEnd(output: Scores, { rows }: { rows: number }, box: Letterbox, serving: Serving) {
  const confidence = Math.fround(serving.confidence)
  const passing: number[] = []
  for (let row = 0; row < rows; row++) {
    const score = output[row * 6 + 4] as number
    if (Number.isNaN(score)) throw notNumbers()
    if (score > confidence && passing.length < serving.maxDetections) passing.push(row)
  }
  const out = columns(passing.length)
  passing.forEach((row, i) => {
    out.classId[i] = output[row * 6 + 5] as number
    out.score[i] = output[row * 6 + 4] as number
    place(out, i, output, row * 6, box)
  })
  return out
}

/** From letterbox corners to the picture's x, y, width, height, clipped to it where it says so; float32 as the reference computes. */
function place(out: Detections, i: number, corners: Scores, at: number, box: Letterbox): void {
  const side = (value: number, pad: number, gain: number, most: number) => {
    const place = Math.fround(Math.fround(value - pad) / Math.fround(gain))
    return box.clip ? Math.min(Math.max(place, 0), most) : place
  }
  const x1 = side(corners[at] as number, box.left, box.gainX, box.sourceWidth)
  const y1 = side(corners[at + 1] as number, box.top, box.gainY, box.sourceHeight)
  out.x[i] = x1
  out.y[i] = y1
  out.w[i] = side(corners[at + 2] as number, box.left, box.gainX, box.sourceWidth) - x1
  out.h[i] = side(corners[at + 3] as number, box.top, box.gainY, box.sourceHeight) - y1
}

function columns(count: number): Detections {
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

function notNumbers(): UsageError {
  return new UsageError('the model gives boxes or scores that are not numbers (NaN)', {
    mend: 'its weights are broken, or a conversion overflowed: export it again and check it on one picture',
  })
}
