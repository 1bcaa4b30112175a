import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import type { Dataset, Split } from '../../../src/core/dataset/model.ts'
import { sha256 } from '../../../src/core/documents/define.ts'
import type { Random } from '../../../src/core/stats/random.ts'

export type PlainBox = { className: string; box: [cx: number, cy: number, w: number, h: number] }
export type PlainImage = { name: string; split: Split; content: string; boxes: PlainBox[] }
/** A data set as plain values, easy to change; `toDataset` gives what the product reads. */
export type PlainDataset = { classes: string[]; images: PlainImage[] }

export function randomDataset(random: Random, images: number, mostBoxes = 6): PlainDataset {
  const classes = ['person', 'helmet', 'vest', 'tool']
  return {
    classes,
    images: Array.from({ length: images }, (_, i) => ({
      name: `cam${i % 3}/frame-${String(i).padStart(5, '0')}`,
      split: random.pick(['train', 'train', 'val', 'test'] as const),
      content: `pixels ${i}`,
      boxes: Array.from({ length: random.int(mostBoxes + 1) }, () => randomBox(random, random.pick(classes))),
    })),
  }
}

function randomBox(random: Random, className: string): PlainBox {
  const [w, h] = [random.uniform(0.02, 0.3), random.uniform(0.02, 0.3)]
  return { className, box: [random.uniform(w / 2, 1 - w / 2), random.uniform(h / 2, 1 - h / 2), w, h] }
}

export function toDataset({ classes, images }: PlainDataset, hashed = true): Dataset {
  return {
    root: 'x',
    format: 'yolo',
    classes,
    images: images.map(({ name, split, content }) => ({
      name,
      file: `images/${name}.png`,
      labelFile: `labels/${name}.txt`,
      split,
      width: 160,
      height: 160,
      md5: hashed ? sha256(content).slice(0, 32) : null,
      provenance: null,
    })),
    boxes: boxColumnsOf(
      images.flatMap(({ boxes }, image) =>
        boxes.map(({ className, box: [cx, cy, w, h] }, k) => {
          return { image, classId: classes.indexOf(className), cx, cy, w, h, line: k + 1 }
        }),
      ),
    ),
    defects: [],
  }
}

/** A changed copy: boxes moved, relabelled, removed, added; images removed, added, renamed, moved between splits. */
export function edited(dataset: PlainDataset, random: Random): PlainDataset {
  const images = structuredClone(dataset.images).flatMap((image, i): PlainImage[] => {
    const what = random.int(12)
    if (what === 0) return []
    if (what === 1) return [{ ...image, name: `${image.name}-renamed` }]
    if (what === 2) return [{ ...image, split: image.split === 'train' ? 'val' : 'train' }]
    if (what === 3) return [image, { ...image, name: `new/${i}`, content: `new pixels ${i} ${random.next()}` }]
    if (what < 8) return [{ ...image, boxes: image.boxes.flatMap((box) => editedBox(box, dataset.classes, random)) }]
    return [image]
  })
  return { classes: dataset.classes, images }
}

function editedBox({ className, box }: PlainBox, classes: string[], random: Random): PlainBox[] {
  const what = random.int(5)
  const [cx, cy, w, h] = box
  if (what === 0) return []
  if (what === 1) return [{ className, box: [cx + random.uniform(0.05, 0.2) * w, cy, w, h] }]
  if (what === 2) return [{ className: random.pick(classes.filter((name) => name !== className)), box }]
  if (what === 3) return [{ className, box }, randomBox(random, className)]
  return [{ className, box }]
}
