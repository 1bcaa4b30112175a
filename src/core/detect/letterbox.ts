import type { Picture } from './model.ts'

/** Python's round: halves go to the even neighbour. Letterbox sizes depend on it (1280×725 to 640 gives 362, not 363). */
export function pyRound(x: number): number {
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

const padding = 114
const toUnit = Float32Array.from({ length: 256 }, (_, value) => value / 255)

/** Writes the letterboxed picture as [3, size, size] float32 in [0, 1], planes in the given channel order. */
export function letterboxInto(picture: Picture, box: Letterbox, channels: 'RGB' | 'BGR', out: Float32Array): void {
  out.fill(toUnit[padding] as number)
  if (box.width === picture.width && box.height === picture.height) copyInto(picture, box, channels, out)
  else resizeInto(picture, box, channels, out)
}

function planesOf(box: Letterbox, channels: 'RGB' | 'BGR'): [number, number, number] {
  const plane = box.size * box.size
  return channels === 'RGB' ? [0, plane, 2 * plane] : [2 * plane, plane, 0]
}

function copyInto({ rgb, width, height }: Picture, box: Letterbox, channels: 'RGB' | 'BGR', out: Float32Array): void {
  const [p0, p1, p2] = planesOf(box, channels)
  for (let y = 0, from = 0; y < height; y++) {
    let to = (y + box.top) * box.size + box.left
    for (let x = 0; x < width; x++, from += 3, to++) {
      out[p0 + to] = toUnit[rgb[from] as number] as number
      out[p1 + to] = toUnit[rgb[from + 1] as number] as number
      out[p2 + to] = toUnit[rgb[from + 2] as number] as number
    }
  }
}

/** Taps of one axis: two source indices and their weights in 1/2048, as OpenCV's 8-bit INTER_LINEAR has them. */
function tapsOf(source: number, target: number, clampWeight: boolean) {
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
    first[i] = Math.min(Math.max(index, 0), source - 1)
    second[i] = Math.min(Math.max(index + 1, 0), source - 1)
    w0[i] = pyRound(Math.fround(Math.fround(1 - part) * 2048))
    w1[i] = pyRound(Math.fround(part * 2048))
  }
  return { first, second, w0, w1 }
}

/** Bilinear with half-pixel centres, edge clamp and no antialias, in OpenCV's fixed point: the same bytes as cv2.resize. */
function resizeInto({ rgb, width, height }: Picture, box: Letterbox, channels: 'RGB' | 'BGR', out: Float32Array): void {
  const planes = planesOf(box, channels)
  const xs = tapsOf(width, box.width, true)
  const ys = tapsOf(height, box.height, false)
  const rowA = new Int32Array(box.width * 3)
  const rowB = new Int32Array(box.width * 3)
  let upper = rowA
  let lower = rowB
  let held = [-1, -1]
  const fill = (row: Int32Array, y: number) => {
    const base = y * width * 3
    for (let x = 0, to = 0; x < box.width; x++) {
      const a = base + (xs.first[x] as number) * 3
      const b = base + (xs.second[x] as number) * 3
      const wa = xs.w0[x] as number
      const wb = xs.w1[x] as number
      for (let c = 0; c < 3; c++) row[to++] = (rgb[a + c] as number) * wa + (rgb[b + c] as number) * wb
    }
  }
  for (let y = 0; y < box.height; y++) {
    const a = ys.first[y] as number
    const b = ys.second[y] as number
    if (held[1] === a && held[0] !== a) {
      ;[upper, lower] = [lower, upper]
      held = [a, held[0] as number]
    }
    if (held[0] !== a) fill(upper, a)
    if (held[1] !== b) fill(lower, b)
    held = [a, b]
    const wa = ys.w0[y] as number
    const wb = ys.w1[y] as number
    const start = (y + box.top) * box.size + box.left
    for (let x = 0, from = 0; x < box.width; x++) {
      for (let c = 0; c < 3; c++, from++) {
        const top = (wa * ((upper[from] as number) >> 4)) >> 16
        const bottom = (wb * ((lower[from] as number) >> 4)) >> 16
        out[(planes[c] as number) + start + x] = toUnit[(top + bottom + 2) >> 2] as number
      }
    }
  }
}
