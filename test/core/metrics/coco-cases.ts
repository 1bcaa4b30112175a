import type { Random } from '../../../src/core/stats/random.ts'

export type CocoCase = {
  gt: {
    images: { id: number; width: number; height: number; file_name: string }[]
    categories: { id: number; name: string }[]
    annotations: {
      id: number
      image_id: number
      category_id: number
      bbox: number[]
      area: number
      iscrowd: number
      ignore?: number
    }[]
  }
  dt: { image_id: number; category_id: number; bbox: number[]; score: number }[]
}

export type CaseSettings = {
  images?: number
  classes?: number
  truths?: number
  detections?: number
  crowd?: number
  /** Scores are multiples of 1 / scoreSteps: few steps give many ties. */
  scoreSteps?: number
  /** Boxes lie on a grid of this many pixels: a coarse one gives equal overlaps and areas on the edges. */
  grid?: number
  firstId?: number
  /** Share of detections drawn near a truth. */
  near?: number
}

/** A random COCO case; ids have gaps and lists are shuffled, so that nothing leans on order. */
export function randomCocoCase(random: Random, settings: CaseSettings = {}): CocoCase {
  const { images = 12, classes = 4, truths = 60, detections = 150, crowd = 0.1 } = settings
  const { scoreSteps = 1e6, grid = 0.01, firstId = 1, near = 0.7 } = settings
  const snap = (value: number) => Math.round(value / grid) * grid
  const imageIds = random.shuffle(Array.from({ length: images }, (_, i) => firstId + 3 * i))
  const categoryIds = random.shuffle(Array.from({ length: classes }, (_, i) => firstId + 2 * i))
  const box = () => {
    const side = Math.exp(random.uniform(1.5, 5.5))
    return [random.uniform(0, 500), random.uniform(0, 400), side * random.uniform(0.6, 1.6), side].map(snap)
  }
  const annotations = Array.from({ length: truths }, (_, i) => {
    const bbox = box()
    const edge = random.pick([1024, 9216, 1023.99, 9216.01])
    return {
      id: firstId + i,
      image_id: random.pick(imageIds),
      category_id: random.pick(categoryIds.slice(0, Math.max(1, classes - 1))),
      bbox,
      area: random.next() < 0.15 ? edge : bbox[2]! * bbox[3]! * random.uniform(0.5, 1),
      iscrowd: random.next() < crowd ? 1 : 0,
      ...(random.next() < 0.05 ? { ignore: 1 } : {}),
    }
  })
  const found = Array.from({ length: detections }, () => {
    const source = annotations.length > 0 && random.next() < near ? random.pick(annotations) : null
    const noise = () => random.normal(0, random.pick([0, 0.03, 0.1]))
    const bbox = source
      ? source.bbox.map((value, i) => Math.max(0, snap(value + noise() * source.bbox[2 + (i % 2)]!)))
      : box()
    return {
      image_id: source?.image_id ?? random.pick(imageIds),
      category_id: source && random.next() < 0.9 ? source.category_id : random.pick(categoryIds),
      bbox,
      score: Math.round(random.next() * scoreSteps) / scoreSteps,
    }
  })
  return {
    gt: {
      images: imageIds.map((id) => ({ id, width: 640, height: 480, file_name: `${id}.jpg` })),
      categories: categoryIds.map((id) => ({ id, name: `class ${id}` })),
      annotations: random.shuffle(annotations),
    },
    dt: found,
  }
}
