import { findSuspicious, type NamedImage } from '../core/compare/suspicious.ts'
import { type Dataset, rowStarts } from '../core/dataset/model.ts'
import { fromYolo } from '../core/geometry/boxes.ts'
import type { DoctorPorts } from './gates-doctor.ts'
import { type SuspiciousInput, type SuspiciousPorts, seenByChampion } from './suspicious.ts'

/**
 * What a champion doubts in versions of one sample whose pictures are the same: it predicts once, on the first version
 * it is asked about, and later versions are compared with that.
 */
export function doubtsOfChampion(
  ports: SuspiciousPorts,
  champion: Pick<SuspiciousInput, 'artifact' | 'serving' | 'threads' | 'progress'>,
): NonNullable<DoctorPorts['doubts']> {
  let seen: NamedImage[] | null = null
  return async (dataset) => {
    seen ??= await seenByChampion(ports, { ...champion, dataset })
    const { items } = findSuspicious(relabelled(seen, dataset), dataset.classes)
    return items.map(({ image, issue, box, predicted }) => {
      const key = [image, issue, ...[...box, ...predicted].map((value) => value.toFixed(4))].join(' ')
      return { image, issue, key }
    })
  }
}

/** The same predictions beside the labels of another version. */
function relabelled(seen: readonly NamedImage[], dataset: Dataset): NamedImage[] {
  const at = new Map(dataset.images.map(({ name }, i) => [name, i]))
  const start = rowStarts(dataset)
  const { classId, cx, cy, w, h } = dataset.boxes
  return seen.flatMap((image) => {
    const i = at.get(image.name)
    if (i === undefined) return []
    const labels: NamedImage['labels'] = []
    for (let row = start[i] as number; row < (start[i + 1] as number); row++) {
      const [x = 0, y = 0, wide = 0, high = 0] = [cx[row], cy[row], w[row], h[row]]
      labels.push({ ...fromYolo(x, y, wide, high, image.width, image.height), classId: classId[row] as number })
    }
    return [{ ...image, labels }]
  })
}
