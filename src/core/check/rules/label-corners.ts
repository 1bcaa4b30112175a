import type { Dataset } from '../../dataset/model.ts'
import type { RawFinding, Rule } from '../rule.ts'

/** How far outside a box must reach, as a share of the image, to speak for corners: a slip of the hand is less. */
const clearlyOutside = 0.02

export const labelCorners: Rule = {
  id: 'label-corners',
  severity: 'warning',
  scope: 'image',
  title: 'Corners seem to be written in place of centre and size',
  explanation:
    'Every row of the file reads well as x1 y1 x2 y2, and as centre and size at least half of the boxes leave the image. The loader takes such rows, and training learns boxes in the wrong place.',
  mend: 'Convert the rows: the centre is half the sum of the corners, the size their difference.',
  limit: { value: 2, meaning: 'rows that a file has at least; one row alone proves little' },
  check: ({ dataset, start, images, limit }) => {
    const found: RawFinding[] = []
    for (const image of images) {
      const [from, to] = [start[image] as number, start[image + 1] as number]
      const outside = to - from < limit ? null : cornerRows(dataset, from, to)
      if (outside === null) continue
      const { labelFile, name } = dataset.images[image] as Dataset['images'][number]
      const message = `all ${to - from} rows read as corners, and ${outside} leave the image as centre and size: ${asCorners(dataset, from)}`
      found.push({
        file: labelFile ?? '',
        line: dataset.boxes.line[from] as number,
        image: name,
        message,
        key: 'corners',
      })
    }
    return found
  },
}

/** How many rows clearly leave the image, where all read as corners and at least half do so; else null. */
function cornerRows({ boxes }: Dataset, from: number, to: number): number | null {
  let outside = 0
  for (let row = from; row < to; row++) {
    const [cx, cy, w, h] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as [
      number,
      number,
      number,
      number,
    ]
    if (w <= cx || h <= cy) return null
    const reach = Math.max(w / 2 - cx, h / 2 - cy, cx + w / 2 - 1, cy + h / 2 - 1)
    if (reach > clearlyOutside) outside++
  }
  return outside * 2 >= to - from ? outside : null
}

function asCorners({ boxes }: Dataset, row: number): string {
  const [x1, y1, x2, y2] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]] as [
    number,
    number,
    number,
    number,
  ]
  const text = (values: number[]) => values.map((value) => Number(value.toFixed(6))).join(' ')
  return `"${text([x1, y1, x2, y2])}" would be "${text([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])}"`
}
