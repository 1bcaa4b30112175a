import type { Defect } from '../model.ts'

/** Boxes in pixels, corner and size as COCO and VOC files give them; `image` indexes the parsed images. */
export type PixelColumns = {
  count: number
  image: Uint32Array
  classId: Uint32Array
  x: Float64Array
  y: Float64Array
  w: Float64Array
  h: Float64Array
  line: Uint32Array
}

/** What a COCO or VOC file says of an image. */
export type PixelImage = { file: string; width: number; height: number; line: number }

export type PixelDataset = {
  classes: string[]
  images: PixelImage[]
  boxes: PixelColumns
  defects: Defect[]
  lost: string[]
  notes: string[]
}

/** Room for boxes, which grows by doubling; `add` takes what one row holds. */
export function pixelColumns(capacity = 1024) {
  let columns = allocate(Math.max(1, capacity))
  let count = 0
  return {
    get count() {
      return count
    },
    add: (image: number, classId: number, x: number, y: number, w: number, h: number, line: number) => {
      if (count === columns.line.length) columns = resized(columns, count * 2)
      columns.image[count] = image
      columns.classId[count] = classId
      columns.x[count] = x
      columns.y[count] = y
      columns.w[count] = w
      columns.h[count] = h
      columns.line[count] = line
      count++
    },
    /** The columns as they are, longer than `count`: no copy. */
    finish: (): PixelColumns => ({ ...columns, count }),
  }
}

function allocate(size: number): Omit<PixelColumns, 'count'> {
  const floats = () => new Float64Array(size)
  const whole = () => new Uint32Array(size)
  return { image: whole(), classId: whole(), x: floats(), y: floats(), w: floats(), h: floats(), line: whole() }
}

function resized(from: Omit<PixelColumns, 'count'>, size: number): Omit<PixelColumns, 'count'> {
  const to = allocate(size)
  for (const key of Object.keys(to) as (keyof typeof to)[]) to[key].set(from[key])
  return to
}

/** 1-based line of ever later offsets into a text; each newline is looked at once. */
export function lineFinder(text: string): (offset: number) => number {
  let line = 1
  let next = text.indexOf('\n')
  return (offset) => {
    while (next >= 0 && next < offset) {
      line++
      next = text.indexOf('\n', next + 1)
    }
    return line
  }
}
