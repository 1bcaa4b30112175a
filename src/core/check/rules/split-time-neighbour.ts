import type { DatasetImage } from '../../dataset/model.ts'
import type { RawFinding, Rule } from '../rule.ts'

export const splitTimeNeighbour: Rule = {
  id: 'split-time-neighbour',
  severity: 'warning',
  scope: 'dataset',
  title: 'One camera took a training and a validation image within seconds',
  explanation:
    'Two frames a few seconds apart show almost the same thing: the model has nearly seen what it is judged by.',
  mend: 'Give both frames one scene or video in provenance.ndjson and keep them in one split.',
  limit: { value: 5, meaning: 'seconds between two images of one camera (or of one uploader, without a camera)' },
  check: ({ dataset, limit }) => {
    const rows = new Map<string, { at: number; image: DatasetImage }[]>()
    for (const image of dataset.images) {
      const { camera, uploader, time } = image.provenance ?? {}
      const at = time === undefined ? Number.NaN : Date.parse(time) / 1000
      const source =
        camera !== undefined ? `camera "${camera}"` : uploader !== undefined ? `uploader "${uploader}"` : ''
      if (Number.isNaN(at) || source === '' || image.split === 'none') continue
      const row = rows.get(source)
      if (row) row.push({ at, image })
      else rows.set(source, [{ at, image }])
    }
    return [...rows].flatMap(([source, row]) => neighbours(source, row, limit))
  },
}

/** The nearest image of another split, for each image that judges; images of one scene or video are told elsewhere. */
function neighbours(source: string, row: { at: number; image: DatasetImage }[], limit: number): RawFinding[] {
  row.sort((a, b) => a.at - b.at || (a.image.name < b.image.name ? -1 : 1))
  return row.flatMap(({ at, image }, i) => {
    if (image.split === 'train') return []
    const near = [nextOf(row, i, -1, image), nextOf(row, i, 1, image)].filter((other) => other !== null)
    const [closest] = near.sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))
    if (!closest || Math.abs(closest.at - at) > limit) return []
    const { name, file, split } = closest.image
    const seconds = Math.abs(closest.at - at)
    const message = `in ${image.split}, taken ${Math.round(seconds * 10) / 10} s from ${file} in ${split} by ${source}`
    const key = `time ${closest.image.md5 ?? name}`
    return [{ file: image.file, line: 0, image: image.name, message, key, pair: { image: name, file, split } }]
  })
}

function nextOf(row: { at: number; image: DatasetImage }[], from: number, step: number, image: DatasetImage) {
  for (let i = from + step; i >= 0 && i < row.length; i += step) {
    const other = row[i] as (typeof row)[number]
    if (other.image.split === image.split || (image.split === 'val' && other.image.split === 'test')) continue
    return oneGroup(image, other.image) ? null : other
  }
  return null
}

function oneGroup(a: DatasetImage, b: DatasetImage): boolean {
  return (['scene', 'video'] as const).some(
    (key) => a.provenance?.[key] !== undefined && a.provenance[key] === b.provenance?.[key],
  )
}
