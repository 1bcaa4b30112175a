import type { Random } from '../stats/random.ts'
import type { Canvas, Color } from './canvas.ts'

/** Softens the whole canvas: three box blurs, which come close to a Gaussian of that radius (pixels). */
export function blur(canvas: Canvas, radius: number): void {
  const size = Math.max(1, Math.round(radius))
  for (let pass = 0; pass < 3; pass++) {
    const { width, height, light } = canvas
    const half = new Float32Array(light.length)
    for (let y = 0; y < height; y++) boxBlur(light, half, y * width * 3, width, 3, size)
    for (let x = 0; x < width; x++) boxBlur(half, light, x * 3, height, width * 3, size)
  }
}

function boxBlur(from: Float32Array, to: Float32Array, start: number, count: number, stride: number, radius: number) {
  const scale = 1 / (2 * radius + 1)
  const at = (i: number) => start + Math.min(count - 1, Math.max(0, i)) * stride
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0
    for (let i = -radius; i <= radius; i++) sum += from[at(i) + channel] as number
    for (let i = 0; i < count; i++) {
      to[at(i) + channel] = sum * scale
      sum += (from[at(i + radius + 1) + channel] as number) - (from[at(i - radius) + channel] as number)
    }
  }
}

/** Adds the light of a lamp: a round glow that falls off to nothing at the radius (pixels). */
export function glow(canvas: Canvas, x: number, y: number, radius: number, color: Color): void {
  const { width, height, light } = canvas
  for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(height, y + radius); row++) {
    for (let column = Math.max(0, Math.floor(x - radius)); column < Math.min(width, x + radius); column++) {
      const away = ((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2) / radius ** 2
      if (away >= 1) continue
      const share = (1 - away) ** 2
      const p = (row * width + column) * 3
      for (let channel = 0; channel < 3; channel++) light[p + channel]! += share * (color[channel] as number)
    }
  }
}

/** Uneven ground or plaster: smooth random brightness, cells of the given size, between two rows. */
export function mottle(canvas: Canvas, random: Random, rows: [number, number], cell: number, amount: number): void {
  const { width, light } = canvas
  const [top, bottom] = [Math.max(0, Math.floor(rows[0])), Math.min(canvas.height, Math.ceil(rows[1]))]
  const columns = Math.ceil(width / cell) + 2
  const grid = Float32Array.from({ length: columns * (Math.ceil((bottom - top) / cell) + 2) }, () =>
    random.uniform(-amount, amount),
  )
  for (let y = top; y < bottom; y++) {
    const v = (y - top) / cell
    const j = Math.floor(v)
    const fv = v - j
    for (let x = 0; x < width; x++) {
      const u = x / cell
      const i = Math.floor(u)
      const fu = u - i
      const k = j * columns + i
      const above = (grid[k] as number) * (1 - fu) + (grid[k + 1] as number) * fu
      const below = (grid[k + columns] as number) * (1 - fu) + (grid[k + columns + 1] as number) * fu
      const value = above * (1 - fv) + below * fv
      const p = (y * width + x) * 3
      light[p]! += value
      light[p + 1]! += value
      light[p + 2]! += value
    }
  }
}
