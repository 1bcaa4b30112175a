import type { Defect } from '../model.ts'

/** A box in pixels, half-open corner and size, as COCO and VOC files give it; `image` indexes the parsed images. */
export type PixelBox = { image: number; className: string; x: number; y: number; w: number; h: number; line: number }

/** What a COCO or VOC file says of an image. */
export type PixelImage = { file: string; width: number; height: number; line: number }

export type PixelDataset = {
  classes: string[]
  images: PixelImage[]
  boxes: PixelBox[]
  defects: Defect[]
  lost: string[]
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
