import { boxColumnsBuilder } from '../core/dataset/columns.ts'
import { type Dataset, type Provenance, rowStarts, type Split } from '../core/dataset/model.ts'
import { boxKey } from '../core/dataset/provenance.ts'

/** An image taken into the story: its index in the user's data set, its name here, and rows that are left out. */
export type Picked = { index: number; name: string; split: Split; drop: ReadonlySet<number>; clip: ReadonlySet<number> }

/** A data set of the images picked, in the order of their names; file paths stay those of the source. */
export function subset(dataset: Dataset, picks: readonly Picked[]): Dataset {
  const start = rowStarts(dataset)
  const { classId, line, ...columns } = dataset.boxes
  const boxes = boxColumnsBuilder()
  const ordered = [...picks].sort((a, b) => (a.name < b.name ? -1 : 1))
  const images = ordered.map(({ index, name, split, drop, clip }, at) => {
    const image = dataset.images[index] as Dataset['images'][number]
    const gone = new Set<string>()
    for (let row = start[index] as number; row < (start[index + 1] as number); row++) {
      const known = [columns.cx[row], columns.cy[row], columns.w[row], columns.h[row]] as Place
      const id = classId[row] as number
      if (drop.has(row) || clip.has(row)) gone.add(boxKey(id, ...known))
      if (!drop.has(row)) boxes.add(at, id, ...(clip.has(row) ? clipped(known) : known), line[row] as number)
    }
    return { ...image, name, split, provenance: without(image.provenance, name, gone) }
  })
  return {
    root: dataset.root,
    format: dataset.format,
    classes: dataset.classes,
    images,
    boxes: boxes.finish(),
    defects: [],
  }
}

type Place = [cx: number, cy: number, w: number, h: number]

/** The part of a box that is inside its image. */
function clipped([cx, cy, w, h]: Place): Place {
  const inside = (value: number) => Math.min(1, Math.max(0, value))
  const [x1, y1, x2, y2] = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2].map(inside) as Place
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
}

function without(provenance: Provenance | null, name: string, gone: ReadonlySet<string>): Provenance | null {
  if (!provenance) return null
  const { boxes, ...rest } = provenance
  const kept = boxes?.filter(({ classId, box }) => !gone.has(boxKey(classId, ...box)))
  return { ...rest, image: name, ...(kept ? { boxes: kept } : {}) }
}
