import type { Plane } from './jpeg-dc.ts'
import type { Look } from './model.ts'

/** Side of the small picture that looks are taken from and copies are confirmed on. */
export const lookSide = 64

/** Version of the hashes: hashes of different versions are not compared. */
export const lookVersion = 'look-1'

/** Below this standard deviation of luminance a picture is flat: its hash is noise and pairs it with nothing. */
export const flatContrast = 3

/** A plane at columns × rows by area averaging: each small pixel is the mean of what it covers. */
export function shrinkPlane(plane: Plane, columns: number = lookSide, rows: number = columns): Float32Array {
  const { samples, stride, width, height } = plane
  const [across, down] = [spans(width, columns), spans(height, rows)]
  const lines = Math.ceil(height)
  const narrow = new Float32Array(lines * columns)
  for (let x = 0; x < columns; x++) {
    const { from, weights } = across[x] as Span
    for (let y = 0; y < lines; y++) {
      const at = y * stride + from
      let sum = 0
      for (let i = 0; i < weights.length; i++) sum += (samples[at + i] as number) * (weights[i] as number)
      narrow[y * columns + x] = sum
    }
  }
  const small = new Float32Array(columns * rows)
  for (let y = 0; y < rows; y++) {
    const { from, weights } = down[y] as Span
    for (let i = 0; i < weights.length; i++) {
      const line = (from + i) * columns
      const weight = weights[i] as number
      for (let x = 0; x < columns; x++) small[y * columns + x]! += (narrow[line + x] as number) * weight
    }
  }
  return small
}

type Span = { from: number; weights: Float64Array }
const spanCache = new Map<string, Span[]>()

/** Which samples each of `side` equal parts of [0, extent) covers, and how much of the part each is. */
function spans(extent: number, side: number): Span[] {
  const key = `${extent} ${side}`
  const known = spanCache.get(key)
  if (known) return known
  const made = Array.from({ length: side }, (_, part) => {
    const [low, high] = [(part * extent) / side, ((part + 1) * extent) / side]
    const from = Math.floor(low)
    const to = Math.max(from + 1, Math.min(Math.ceil(high - 1e-9), Math.ceil(extent)))
    const weights = Float64Array.from({ length: to - from }, (_, i) => {
      return Math.max(0, Math.min(high, from + i + 1) - Math.max(low, from + i))
    })
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { from, weights: weights.map((weight) => weight / total) }
  })
  if (spanCache.size > 256) spanCache.clear()
  spanCache.set(key, made)
  return made
}

/** Turns a square upright, given its EXIF orientation (1 to 8). */
export function turnSquare(square: Float32Array, side: number, orientation: number): Float32Array {
  if (orientation <= 1 || orientation > 8) return square
  const turned = new Float32Array(square.length)
  const last = side - 1
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [a, b] = orientation >= 5 ? [y, x] : [x, y]
      const mirrored = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
      const flipped = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
      const [sx, sy] =
        orientation >= 5
          ? [mirrored ? last - a : a, flipped ? last - b : b]
          : [mirrored ? last - a : a, flipped ? last - b : b]
      turned[y * side + x] = square[sy * side + sx] as number
    }
  }
  return turned
}

/** Look of a picture from its upright planes at lookSide: Y, or Y Cb Cr (BT.601, 0 to 255, chroma around 128). */
export function lookOf(planes: readonly Float32Array[]): Look {
  const [luma, cb, cr] = planes as [Float32Array, Float32Array | undefined, Float32Array | undefined]
  let sum = 0
  let squares = 0
  let saturation = 0
  for (let i = 0; i < luma.length; i++) {
    const y = luma[i] as number
    sum += y
    squares += y * y
    if (cb && cr) saturation += spread(y, (cb[i] as number) - 128, (cr[i] as number) - 128)
  }
  const brightness = sum / luma.length
  return {
    phash: phashOf(luma),
    dhash: dhashOf(luma),
    brightness: rounded(brightness),
    contrast: rounded(Math.sqrt(Math.max(0, squares / luma.length - brightness * brightness))),
    saturation: rounded(saturation / luma.length),
    sharpness: rounded(laplacianVariance(luma)),
  }
}

/** Largest less smallest of R, G, B, clamped to 0 to 255. */
function spread(y: number, cb: number, cr: number): number {
  const r = y + 1.402 * cr
  const g = y - 0.344136 * cb - 0.714136 * cr
  const b = y + 1.772 * cb
  const most = r > g ? (r > b ? r : b) : g > b ? g : b
  const least = r < g ? (r < b ? r : b) : g < b ? g : b
  return (most > 255 ? 255 : most) - (least < 0 ? 0 : least)
}

const cosines = Float64Array.from({ length: 8 * 32 }, (_, i) =>
  Math.cos((Math.PI * (2 * (i % 32) + 1) * Math.floor(i / 32)) / 64),
)

/**
 * 64 bits of the DCT-II of the luminance at 32 × 32: the lowest 8 × 8 coefficients against the median of the 63
 * that are not the mean. As imagehash does it in kind, not bit for bit.
 */
function phashOf(luma: Float32Array): string {
  const half = shrinkPlane({ samples: luma, stride: lookSide, width: lookSide, height: lookSide }, 32)
  const lines = new Float64Array(8 * 32)
  for (let y = 0; y < 32; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0
      for (let x = 0; x < 32; x++) sum += (half[y * 32 + x] as number) * (cosines[u * 32 + x] as number)
      lines[u * 32 + y] = sum
    }
  }
  const coefficients = new Float64Array(64)
  for (let v = 0; v < 8; v++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0
      for (let y = 0; y < 32; y++) sum += (lines[u * 32 + y] as number) * (cosines[v * 32 + y] as number)
      coefficients[v * 8 + u] = sum
    }
  }
  const median = coefficients.slice(1).sort()[31] as number
  return hex(64, (i) => (coefficients[i] as number) > median)
}

/** 64 bits: at 9 × 8, whether a pixel's right neighbour is brighter. */
function dhashOf(luma: Float32Array): string {
  const means = shrinkPlane({ samples: luma, stride: lookSide, width: lookSide, height: lookSide }, 9, 8)
  const mean = (i: number) => means[(i >> 3) * 9 + (i % 8)] as number
  return hex(64, (i) => (means[(i >> 3) * 9 + (i % 8) + 1] as number) > mean(i))
}

function laplacianVariance(luma: Float32Array): number {
  let sum = 0
  let squares = 0
  for (let y = 1; y < lookSide - 1; y++) {
    for (let x = 1; x < lookSide - 1; x++) {
      const at = y * lookSide + x
      const value = luma[at - 1]! + luma[at + 1]! + luma[at - lookSide]! + luma[at + lookSide]! - 4 * luma[at]!
      sum += value
      squares += value * value
    }
  }
  const count = (lookSide - 2) ** 2
  return squares / count - (sum / count) ** 2
}

function hex(bits: number, bit: (i: number) => boolean): string {
  let text = ''
  for (let i = 0; i < bits; i += 4) {
    text += (Number(bit(i)) * 8 + Number(bit(i + 1)) * 4 + Number(bit(i + 2)) * 2 + Number(bit(i + 3))).toString(16)
  }
  return text
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
