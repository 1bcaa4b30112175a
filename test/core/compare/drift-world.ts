import { boxColumnsOf } from '../../../src/core/dataset/columns.ts'
import type { Dataset, DatasetImage } from '../../../src/core/dataset/model.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

export const driftClasses = ['person', 'helmet', 'vest', 'tool']

export type DriftWorld = {
  scenes: number
  frames: number
  seed: number | string
  prefix?: string
  /** Whether provenance says which images are one scene. */
  told?: boolean
  /** Share of workers with a tool; factor of box sides; chance of one more worker; brightness, position and image size on top. */
  tools?: number
  size?: number
  people?: number
  light?: number
  right?: number
  pixels?: number
}

/**
 * Data sets with the statistics of a worksite: frames of one scene show the same workers under the same light, a worker
 * is a person with or without helmet, vest and tool, and near workers are large.
 */
export function driftWorld(world: DriftWorld): Dataset {
  const { scenes, frames, told = true, prefix = 'v', tools = 0.2, size = 1, people = 0, light = 0, right = 0 } = world
  const random = seededRandom(`drift world ${world.seed}`)
  const images: DatasetImage[] = []
  const rows: Parameters<typeof boxColumnsOf>[0] = []
  for (let scene = 0; scene < scenes; scene++) {
    const [bright, sharp] = [random.normal(120 + light, 25), random.uniform(50, 200)]
    const helmets = random.uniform(0.4, 1)
    const workers = Array.from({ length: 1 + random.int(3) + (random.next() < people ? 1 : 0) }, () => ({
      ...{ x: random.uniform(0.15, 0.85), y: random.uniform(0.3, 0.7), tall: size * random.uniform(0.15, 0.5) },
      ...{ helmet: random.next() < helmets, vest: random.next() < 0.5, tool: random.next() < tools },
    }))
    for (let frame = 0; frame < frames; frame++) {
      const image = images.length
      const name = `${prefix}-${String(scene).padStart(4, '0')}-${frame}`
      const file = { name, file: `images/${name}.jpg`, labelFile: `labels/${name}.txt`, md5: null }
      const provenance = told ? { image: name, scene: `${prefix}-${scene}` } : null
      const side = (world.pixels ?? 640) + 32 * random.int(3)
      const look = { brightness: bright + random.normal(0, 5), contrast: random.normal(50, 8) }
      images.push({
        ...{ ...file, split: 'train', width: side, height: Math.round(side * 0.75), provenance },
        look: { ...look, saturation: random.uniform(40, 90), sharpness: sharp, phash: '0', dhash: '0' },
      })
      for (const worker of workers) {
        const cx = Math.min(0.95, Math.max(0.05, worker.x + right + random.normal(0, 0.03)))
        const cy = worker.y + random.normal(0, 0.02)
        const h = worker.tall * random.uniform(0.95, 1.05)
        const row = (classId: number, y: number, w: number, tall: number) =>
          rows.push({ image, classId, cx, cy: y, w, h: tall, line: rows.length + 1 })
        row(0, cy, 0.4 * h, h)
        if (worker.helmet) row(1, cy - 0.45 * h, 0.15 * h, 0.12 * h)
        if (worker.vest) row(2, cy - 0.1 * h, 0.3 * h, 0.35 * h)
        if (worker.tool) row(3, cy, 0.2 * h, 0.2 * h)
      }
    }
  }
  return { root: 'world', format: 'yolo', classes: driftClasses, images, boxes: boxColumnsOf(rows), defects: [] }
}

/** One data set after another; names must differ. */
export function joined(one: Dataset, other: Dataset): Dataset {
  const columns = (dataset: Dataset, from: number) =>
    Array.from({ length: dataset.boxes.count }, (_, row) => {
      const { boxes } = dataset
      const at = (name: 'cx' | 'cy' | 'w' | 'h' | 'classId' | 'line' | 'image') => boxes[name][row] as number
      const place = { cx: at('cx'), cy: at('cy'), w: at('w'), h: at('h') }
      return { image: at('image') + from, classId: at('classId'), line: at('line'), ...place }
    })
  const boxes = boxColumnsOf([...columns(one, 0), ...columns(other, one.images.length)])
  return { ...one, images: [...one.images, ...other.images], boxes }
}
