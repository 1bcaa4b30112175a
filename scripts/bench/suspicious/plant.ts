import type { NamedImage } from '../../../src/core/compare/suspicious.ts'
import type { LabelBox } from '../../../src/core/compare/suspicious-scores.ts'
import type { SuspiciousBody } from '../../../src/core/documents/operational.ts'
import { iou } from '../../../src/core/geometry/boxes.ts'
import { seededRandom } from '../../../src/core/stats/random.ts'

export type Fault = 'swap' | 'shift 15 %' | 'shift 25 %' | 'shift 40 %' | 'drop'
export const faults: readonly Fault[] = ['swap', 'shift 15 %', 'shift 25 %', 'shift 40 %', 'drop']

/** Images with a share of their labels spoilt, and the labels as they were where they were spoilt. */
export type Planted = { images: NamedImage[]; spoilt: { image: string; now: LabelBox | null; was: LabelBox }[] }

/** Gives labels another class, moves them right or left and up or down by a share of their size, or leaves them out. */
export function plant(images: readonly NamedImage[], fault: Fault, rate: number, classCount: number): Planted {
  const random = seededRandom(`plant ${fault} ${rate}`)
  const spoilt: Planted['spoilt'] = []
  const by = Number(/\d+/.exec(fault)?.[0] ?? 0) / 100
  const side = () => (random.next() < 0.5 ? -by : by)
  const changed = images.map((image): NamedImage => {
    const labels = image.labels.flatMap((was): LabelBox[] => {
      if (random.next() >= rate) return [was]
      const [dx, dy] = [side() * (was.x2 - was.x1), side() * (was.y2 - was.y1)]
      const moved = { ...was, x1: was.x1 + dx, x2: was.x2 + dx, y1: was.y1 + dy, y2: was.y2 + dy }
      const other = { ...was, classId: (was.classId + 1 + random.int(classCount - 1)) % classCount }
      const now = fault === 'drop' ? null : fault === 'swap' ? other : moved
      spoilt.push({ image: image.name, now, was })
      return now ? [now] : []
    })
    return { ...image, labels }
  })
  return { images: changed, spoilt }
}

export type Tally = { planted: number; flagged: number; hits: number }

/** Flags that name a spoilt label (or, for one left out, its place), each counted once. */
export function tally({ images, spoilt }: Planted, body: SuspiciousBody): Tally {
  const size = new Map(images.map(({ name, width, height }) => [name, { width, height }]))
  const left = new Set(spoilt)
  let hits = 0
  for (const item of body.items) {
    const { width, height } = size.get(item.image) as { width: number; height: number }
    const [cx = 0, cy = 0, w = 0, h = 0] = item.box.length > 0 ? item.box : item.predicted
    const box = {
      x1: (cx - w / 2) * width,
      x2: (cx + w / 2) * width,
      y1: (cy - h / 2) * height,
      y2: (cy + h / 2) * height,
    }
    const found = [...left].find(({ image, now, was }) => {
      if (image !== item.image) return false
      if (item.box.length === 0) return now === null && iou(was, box) > 0.4
      return now !== null && iou(now, box) > 0.999
    })
    if (!found) continue
    left.delete(found)
    hits++
  }
  return { planted: spoilt.length, flagged: body.flagged, hits }
}
