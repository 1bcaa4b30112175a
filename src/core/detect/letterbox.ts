import type { Picture } from './model.ts'

/** Python's round: halves go to the even neighbour. Letterbox sizes depend on it (1280×725 to 640 gives 362, not 363). */
function pyRound(x: number): number {
  const below = Math.floor(x)
  const part = x - below
  if (part !== 0.5) return part < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}

/** Where a picture comes to lie on the square that the model sees, in pixels of that square. */
export type Letterbox = {
  size: number
  sourceWidth: number
  sourceHeight: number
  width: number
  height: number
  left: number
  top: number
  /** Square pixels per source pixel; the sides differ by rounding. */
  gainX: number
  gainY: number
  /** Whether boxes end at the picture's edge. */
  clip: boolean
}

/** The picture drawn over the whole square, its proportions lost. */
export function stretchOf(sourceWidth: number, sourceHeight: number, size: number): Letterbox {
  const source = { sourceWidth, sourceHeight, gainX: size / sourceWidth, gainY: size / sourceHeight }
  return { size, ...source, width: size, height: size, left: 0, top: 0, clip: true }
}

/**
 * Ultralytics' centred letterbox. `predict` rounds the resized sides and clips boxes to the picture; its validation takes
 * the ceiling and scores boxes as they leave the network.
 */
export function letterboxOf(
  sourceWidth: number,
  sourceHeight: number,
  size: number,
  mode: 'predict' | 'validate' = 'predict',
): Letterbox {
  const ratio = Math.min(size / sourceHeight, size / sourceWidth)
  const side = (length: number) =>
    mode === 'predict' ? Math.max(pyRound(length * ratio), 1) : Math.min(Math.ceil(length * ratio), size)
  const width = ratio === 1 ? sourceWidth : side(sourceWidth)
  const height = ratio === 1 ? sourceHeight : side(sourceHeight)
  return {
    size,
    sourceWidth,
    sourceHeight,
    width,
    height,
    left: pyRound((size - width) / 2 - 0.1),
    top: pyRound((size - height) / 2 - 0.1),
    gainX: width / sourceWidth,
    gainY: height / sourceHeight,
    clip: mode === 'predict',
  }
}

/** What grey levels become, and the level around the picture. */
export type Levels = { scale: number; padding: number; values: Float32Array }

/** Levels as a model expects them: by default [0, 1] with 114 around, as Ultralytics trains. */
export function levelsOf(scale = 1 / 255, padding = 114): Levels {
  // A division by 255, as the trainer does it, and a product with its inverse differ in the last bit.
  const value = (level: number) => (scale === 1 / 255 ? level / 255 : level * scale)
  return { scale, padding, values: Float32Array.from({ length: 256 }, (_, level) => value(level)) }
}

export const usualLevels = levelsOf()

/** Writes the letterboxed picture as [3, size, size] float32 in [0, 1], planes in the given channel order. */
export function letterboxInto(
  picture: Picture,
  box: Letterbox,
  channels: 'RGB' | 'BGR',
  out: Float32Array,
  levels: Levels = usualLevels,
): void {
  padAround(box, levels, out)
  const planes = planesOf(box, channels)
  if (box.width === picture.width && box.height === picture.height) copyInto(picture, box, planes, levels.values, out)
  else resizeInto(picture, box, planes, levels.values, out)
}

/** Grey above, below, left and right of where the picture will lie. */
export function padAround(box: Letterbox, { padding, values }: Levels, out: Float32Array): void {
  const { size, left, top, width, height } = box
  const grey = values[padding] as number
  for (let plane = 0; plane < 3 * size * size; plane += size * size) {
    out.fill(grey, plane, plane + top * size)
    out.fill(grey, plane + (top + height) * size, plane + size * size)
    if (width === size) continue
    for (let start = plane + top * size; start < plane + (top + height) * size; start += size) {
      out.fill(grey, start, start + left)
      out.fill(grey, start + left + width, start + size)
    }
  }
}

type Planes = readonly [number, number, number]

/** Where the planes of red, green and blue begin. */
export function planesOf(box: Letterbox, channels: 'RGB' | 'BGR'): Planes {
  const plane = box.size * box.size
  return channels === 'RGB' ? [0, plane, 2 * plane] : [2 * plane, plane, 0]
}

function copyInto(
  { rgb, width, height }: Picture,
  box: Letterbox,
  [p0, p1, p2]: Planes,
  toUnit: Float32Array,
  out: Float32Array,
): void {
  for (let y = 0, from = 0; y < height; y++) {
    let to = (y + box.top) * box.size + box.left
    for (let x = 0; x < width; x++, from += 3, to++) {
      out[p0 + to] = toUnit[rgb[from] as number] as number
      out[p1 + to] = toUnit[rgb[from + 1] as number] as number
      out[p2 + to] = toUnit[rgb[from + 2] as number] as number
    }
  }
}

/** Taps of one axis: two source places (times `step`) and weights in 1/2048, as OpenCV's 8-bit INTER_LINEAR has them. */
export function tapsOf(source: number, target: number, step: number, clampWeight: boolean) {
  const first = new Int32Array(target)
  const second = new Int32Array(target)
  const w0 = new Int32Array(target)
  const w1 = new Int32Array(target)
  const scale = 1 / (target / source)
  for (let i = 0; i < target; i++) {
    const centre = Math.fround((i + 0.5) * scale - 0.5)
    let index = Math.floor(centre)
    let part = Math.fround(centre - index)
    if (clampWeight && (index < 0 || index >= source - 1)) {
      part = 0
      index = index < 0 ? 0 : source - 1
    }
    first[i] = step * Math.min(Math.max(index, 0), source - 1)
    second[i] = step * Math.min(Math.max(index + 1, 0), source - 1)
    w0[i] = pyRound(Math.fround(Math.fround(1 - part) * 2048))
    w1[i] = pyRound(Math.fround(part * 2048))
  }
  return { first, second, w0, w1 }
}

/** Bilinear with half-pixel centres, edge clamp and no antialias, in OpenCV's fixed point: the same bytes as cv2.resize. */
function resizeInto(picture: Picture, box: Letterbox, planes: Planes, toUnit: Float32Array, out: Float32Array): void {
  const xs = tapsOf(picture.width, box.width, 3, true)
  const ys = tapsOf(picture.height, box.height, 1, false)
  // Two source rows, resized across; the lower of one target row is often the upper of the next.
  let upper = { y: -1, row: new Int32Array(box.width * 3) }
  let lower = { y: -1, row: new Int32Array(box.width * 3) }
  for (let y = 0; y < box.height; y++) {
    const a = ys.first[y] as number
    const b = ys.second[y] as number
    if (upper.y !== a && lower.y === a) [upper, lower] = [lower, upper]
    if (upper.y !== a) upper = { y: resizeRow(picture, a, xs, upper.row), row: upper.row }
    if (lower.y !== b) lower = { y: resizeRow(picture, b, xs, lower.row), row: lower.row }
    const weights = [ys.w0[y] as number, ys.w1[y] as number] as const
    blendRows(upper.row, lower.row, weights, planes, toUnit, (y + box.top) * box.size + box.left, out)
  }
}

/** One source row resized across, in 1/128 of a grey level; returns its number. */
function resizeRow({ rgb, width }: Picture, y: number, taps: ReturnType<typeof tapsOf>, row: Int32Array): number {
  const { first, second, w0, w1 } = taps
  const base = y * width * 3
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    const a = base + first[x]!
    const b = base + second[x]!
    const wa = w0[x]!
    const wb = w1[x]!
    row[to] = (rgb[a]! * wa + rgb[b]! * wb) >> 4
    row[to + 1] = (rgb[a + 1]! * wa + rgb[b + 1]! * wb) >> 4
    row[to + 2] = (rgb[a + 2]! * wa + rgb[b + 2]! * wb) >> 4
  }
  return y
}

/** Two resized rows blended down into the planes, from offset `start` of each. */
function blendRows(
  upper: Int32Array,
  lower: Int32Array,
  [wa, wb]: readonly [number, number],
  [p0, p1, p2]: Planes,
  toUnit: Float32Array,
  start: number,
  out: Float32Array,
): void {
  const grey = (at: number) => toUnit[(((wa * upper[at]!) >> 16) + ((wb * lower[at]!) >> 16) + 2) >> 2]!
  for (let at = 0, to = start; at < upper.length; at += 3, to++) {
    out[p0 + to] = grey(at)
    out[p1 + to] = grey(at + 1)
    out[p2 + to] = grey(at + 2)
  }
}
