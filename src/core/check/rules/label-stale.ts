import { type Dataset, type Look, rowStarts } from '../../dataset/model.ts'
import { boxKey } from '../../dataset/provenance.ts'
import type { RawFinding, Rule } from '../rule.ts'

/** Of 64: a picture that was only encoded or scaled anew stays within this many bits. */
const samePicture = 8

export const labelStale: Rule = {
  id: 'label-stale',
  severity: 'warning',
  scope: 'dataset',
  needsBase: true,
  title: 'The picture changed, its labels did not',
  explanation:
    'An image of the same name has other bytes than in the base and exactly the same boxes: cropped, turned, mirrored or exchanged, it no longer shows what its labels say. Where pictures were decoded, one that still looks the same is not told.',
  mend: 'Look at the picture with its boxes and label it anew, or give a new picture a new name.',
  check: ({ dataset, base, start }) => {
    if (!base) return []
    const before = new Map(base.images.map((image, i) => [image.name, i]))
    const baseStart = rowStarts(base)
    return dataset.images.flatMap((image, i): RawFinding[] => {
      const at = before.get(image.name)
      const old = at === undefined ? undefined : base.images[at]
      if (at === undefined || !old || image.md5 === null || old.md5 === null || image.md5 === old.md5) return []
      const [from, to] = [start[i] as number, start[i + 1] as number]
      const same = keys(dataset, from, to) === keys(base, baseStart[at] as number, baseStart[at + 1] as number)
      if (from === to || !same || looksTheSame(image.look, old.look)) return []
      const message = `other bytes than in the base, but the same ${to - from} boxes`
      return [{ file: image.file, line: 0, image: image.name, message, key: `${old.md5} ${image.md5}` }]
    })
  },
}

function keys({ boxes }: Dataset, from: number, to: number): string {
  const list: string[] = []
  for (let row = from; row < to; row++) {
    const place = [boxes.cx, boxes.cy, boxes.w, boxes.h].map((column) => column[row] as number)
    list.push(boxKey(boxes.classId[row] as number, ...(place as [number, number, number, number])))
  }
  return list.sort().join('\n')
}

function looksTheSame(a: Look | undefined, b: Look | undefined): boolean {
  if (!a || !b) return false
  let different = 0
  for (let i = 0; i < 16; i++) {
    const bits = Number.parseInt(a.phash[i] ?? '0', 16) ^ Number.parseInt(b.phash[i] ?? '0', 16)
    different += (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + (bits >> 3)
  }
  return different <= samePicture
}
