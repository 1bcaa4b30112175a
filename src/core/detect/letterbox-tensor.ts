import { type Letterbox, type Levels, letterboxInto, padAround, planesOf, tapsOf, usualLevels } from './letterbox.ts'
import { createKernel, type Kernel } from './letterbox-kernel.ts'
import type { Picture } from './model.ts'

/** The input of a model for `batch` pictures, [batch, 3, size, size], with a place to draw each. */
export type LetterboxTensor = {
  /** To be read: what is drawn next may leave the grey around the picture as it was. */
  pixels: Float32Array
  /** Draws a letterboxed picture into its place of the batch; the same pixels as `letterboxInto`. */
  draw: (picture: Picture, box: Letterbox, channels: 'RGB' | 'BGR', levels?: Levels, place?: number) => void
}

const widest = 32_768
/** Four bytes are read at a pixel of three. */
const slack = 16

/** A tensor that pictures are drawn into without a copy; its memory is taken once and never grows. */
export function createLetterboxTensor(size: number, batch = 1): LetterboxTensor {
  const source = 16 * Math.ceil((12 * batch * size * size) / 16)
  const taps = source + widest * 3 + slack
  const rows = [taps + 12 * (size + 2), taps + 20 * (size + 2)] as const
  const kernel = createKernel(rows[1] + 8 * (size + 2) + slack)
  const pixels = new Float32Array(kernel.memory, 0, 3 * batch * size * size)
  const padded = new Array<string>(batch).fill('')
  const area = { kernel, source, taps, rows, across: cachedTaps(kernel, taps) }
  return {
    pixels,
    draw: (picture, box, channels, levels = usualLevels, place = 0) => {
      const start = 3 * size * size * place
      const own = pixels.subarray(start, start + 3 * size * size)
      // The kernel divides by 255 and writes four pixels at a time; what else there is goes the slow way.
      if (levels.scale !== 1 / 255 || box.width < 4 || picture.width > widest) {
        letterboxInto(picture, box, channels, own, levels)
        padded[place] = ''
        return
      }
      drawRows(picture, box, channels, area, 4 * start)
      // Pictures of one size leave the same grey around them.
      const around = [box.left, box.top, box.width, box.height, levels.padding].join()
      if (padded[place] !== around) padAround(box, levels, own)
      padded[place] = around
    },
  }
}

type Area = {
  kernel: Kernel
  source: number
  taps: number
  rows: readonly [number, number]
  across: (from: number, to: number) => void
}

function drawRows({ rgb, width, height }: Picture, box: Letterbox, channels: 'RGB' | 'BGR', area: Area, start: number) {
  const { kernel, source, taps } = area
  area.across(width, box.width)
  const [p0, p1, p2] = planesOf(box, channels).map((plane) => start + 4 * plane) as [number, number, number]
  const ys = tapsOf(height, box.height, 1, false)
  const bytes = new Uint8Array(kernel.memory, source, 3 * width)
  // Two source rows, resized across; the lower of one target row is often the upper of the next.
  let upper = { y: -1, at: area.rows[0] }
  let lower = { y: -1, at: area.rows[1] }
  const resized = (y: number, at: number) => {
    bytes.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)))
    kernel.across(source, taps, at, box.width + (box.width % 2))
    return { y, at }
  }
  const rest = box.width % 4
  for (let y = 0; y < box.height; y++) {
    const [a, b, wa, wb] = [ys.first[y]!, ys.second[y]!, ys.w0[y]!, ys.w1[y]!]
    if (upper.y !== a && lower.y === a) [upper, lower] = [lower, upper]
    if (upper.y !== a) upper = resized(a, upper.at)
    // A row that weighs nothing need not be resized.
    if (wb !== 0 && lower.y !== b) lower = resized(b, lower.at)
    const below = wb === 0 ? upper.at : lower.at
    const to = 4 * ((y + box.top) * box.size + box.left)
    const put = (from: number, pixels: number) => {
      const [row, plane] = [8 * from, to + 4 * from]
      kernel.down(upper.at + row, below + row, wa, wb, p0 + plane, p1 + plane, p2 + plane, pixels)
    }
    put(0, box.width - rest)
    // The last four again: they reach back, never beyond the picture.
    if (rest > 0) put(box.width - 4, 4)
  }
}

/** Writes the taps of one axis where the kernel reads them, unless they lie there already. */
function cachedTaps(kernel: Kernel, place: number): (from: number, to: number) => void {
  let written = ''
  return (from, to) => {
    if (written === `${from} ${to}`) return
    written = `${from} ${to}`
    const { first, second, w0, w1 } = tapsOf(from, to, 3, true)
    const words = new Int32Array(kernel.memory, place, 3 * (to + 2)).fill(0)
    for (let i = 0; i < to; i++) words.set([first[i]!, second[i]!, w0[i]! | (w1[i]! << 16)], 3 * i)
  }
}
