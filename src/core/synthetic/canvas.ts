import type { Random } from '../stats/random.ts'

/** A picture in memory: 8-bit RGB rows, 3 bytes a pixel. */
export type Picture = { width: number; height: number; rgb: Uint8Array }

/** Red, green, blue on a scale of 0 to 255; may leave it until the picture is finished. */
export type Color = readonly [number, number, number]

/** A drawing surface: light as floats, and for each pixel which object was last painted there (0: none). */
export type Canvas = { width: number; height: number; light: Float32Array; owner: Uint8Array }

/** One colour, or a straight gradient between two points (pixels); alpha 1 covers all. */
export type Paint = { color: Color; to?: Color; line?: readonly [number, number, number, number]; alpha?: number }

/** A closed outline, x and y in turn, in pixels with pixel i covering [i, i + 1). */
export type Shape = { outline: readonly number[]; paint: Paint }

const sublines = 4

export function createCanvas(width: number, height: number): Canvas {
  return { width, height, light: new Float32Array(width * height * 3), owner: new Uint8Array(width * height) }
}

/** Paints a shape; edges are anti-aliased: exact in x, four lines a pixel in y (even-odd rule). */
export function paintShape(canvas: Canvas, { outline, paint }: Shape, owner = 0): void {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 1; i < outline.length; i += 2) {
    low = Math.min(low, outline[i] as number)
    high = Math.max(high, outline[i] as number)
  }
  const last = Math.min(canvas.height - 1, Math.ceil(high) - 1)
  const cover = new Float32Array(canvas.width)
  for (let y = Math.max(0, Math.floor(low)); y <= last; y++) {
    let from = canvas.width
    let to = -1
    for (let k = 0; k < sublines; k++) {
      const crossings = crossingsAt(outline, y + (k + 0.5) / sublines)
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const left = Math.max(0, crossings[i] as number)
        const right = Math.min(canvas.width, crossings[i + 1] as number)
        if (right <= left) continue
        addSpan(cover, left, right)
        from = Math.min(from, Math.floor(left))
        to = Math.max(to, Math.ceil(right) - 1)
      }
    }
    if (to >= from) blendRow(canvas, paint, y, from, to, cover, owner)
  }
}

function crossingsAt(outline: readonly number[], y: number): number[] {
  const found: number[] = []
  const { length } = outline
  let x1 = outline[length - 2] as number
  let y1 = outline[length - 1] as number
  for (let i = 0; i < length; i += 2) {
    const x2 = outline[i] as number
    const y2 = outline[i + 1] as number
    if (y1 <= y !== y2 <= y) found.push(x1 + ((y - y1) * (x2 - x1)) / (y2 - y1))
    x1 = x2
    y1 = y2
  }
  return found.length === 2 && (found[0] as number) <= (found[1] as number) ? found : found.sort((a, b) => a - b)
}

function addSpan(cover: Float32Array, left: number, right: number): void {
  const a = Math.floor(left)
  const b = Math.floor(right)
  const unit = 1 / sublines
  if (a === b) {
    cover[a]! += (right - left) * unit
    return
  }
  cover[a]! += (a + 1 - left) * unit
  for (let x = a + 1; x < b; x++) cover[x]! += unit
  if (b < cover.length) cover[b]! += (right - b) * unit
}

/** Blends one row and clears its coverage for the next. */
function blendRow(
  { width, light, owner: owners }: Canvas,
  { color, to, line, alpha = 1 }: Paint,
  y: number,
  from: number,
  last: number,
  cover: Float32Array,
  owner: number,
): void {
  const [red, green, blue] = color
  const [endRed, endGreen, endBlue] = to ?? color
  const [x1, y1, x2, y2] = line ?? [0, 0, 1, 0]
  const scale = 1 / ((x2 - x1) ** 2 + (y2 - y1) ** 2 || 1)
  for (let x = from; x <= last; x++) {
    const share = (cover[x] as number) * alpha
    if (owner > 0 && (cover[x] as number) >= 0.5) owners[y * width + x] = owner
    cover[x] = 0
    const t = to ? Math.min(1, Math.max(0, ((x + 0.5 - x1) * (x2 - x1) + (y + 0.5 - y1) * (y2 - y1)) * scale)) : 0
    const p = (y * width + x) * 3
    light[p]! += share * (red + t * (endRed - red) - (light[p] as number))
    light[p + 1]! += share * (green + t * (endGreen - green) - (light[p + 1] as number))
    light[p + 2]! += share * (blue + t * (endBlue - blue) - (light[p + 2] as number))
  }
}

/** Rounds light to 8 bits, after gain by channel, an offset and normal sensor noise of the given deviation. */
export function develop(
  { width, height, light }: Canvas,
  exposure: { gain: Color; offset: number; noise: number },
  random: Random,
): Picture {
  const rgb = new Uint8Array(light.length)
  const row = width * 3
  for (let y = 0; y < height; y++) {
    // One normal table, entered at a random place for each row: far cheaper than fresh normals, and as random to the eye.
    let at = random.int(grain.length)
    for (let i = y * row; i < (y + 1) * row; i++) {
      at = at + 1 < grain.length ? at + 1 : 0
      const gain = exposure.gain[i % 3] as number
      const value = (light[i] as number) * gain + exposure.offset + exposure.noise * (grain[at] as number)
      rgb[i] = value <= 0 ? 0 : value >= 255 ? 255 : value
    }
  }
  return { width, height, rgb }
}

/** Sum of four bytes, scaled to unit deviation: near-normal, and the same on every machine. */
const grain = (() => {
  const table = new Float32Array(1 << 16)
  let state = 0x9e3779b9
  const byte = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 8) & 255
  }
  const sd = Math.sqrt((4 * (256 * 256 - 1)) / 12)
  for (let i = 0; i < table.length; i++) table[i] = (byte() + byte() + byte() + byte() - 510) / sd
  return table
})()
