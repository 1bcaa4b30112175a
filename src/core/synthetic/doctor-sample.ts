import { boxColumnsBuilder } from '../dataset/columns.ts'
import { type Dataset, type Provenance, rowStarts } from '../dataset/model.ts'
import { provenanceLine } from '../dataset/provenance.ts'
import { sha256 } from '../documents/define.ts'
import type { DataFiles } from './data-files.ts'

/** A label row: class, then cx cy w h as they are written. */
export type SampleRow = string[]

export type SampleImage = {
  name: string
  file: string
  label: string
  split: string
  width: number
  height: number
  rows: SampleRow[]
  provenance: Provenance | null
}

/** A clean data set in the repository's layout, into which defects are planted. */
export type Sample = {
  classes: readonly string[]
  images: SampleImage[]
  files: DataFiles
}

/** What a file becomes: text or bytes, gone, a link, or a picture of the sample encoded anew as JPEG. */
export type Content =
  | string
  | Uint8Array
  | null
  | { linkTo: string }
  | { pictureOf: string; quality: number; share?: number; mirror?: boolean; orientation?: number }

/** A defect as it was planted: the changed files, the images it concerns, and what was done. */
export type Plan = { changes: Map<string, Content>; images: string[]; says: string }

/**
 * At most `most` images of a data set, each split by its share, chosen by a hash of their names so that the same data
 * gives the same sample; images that cannot be read are left out.
 */
export function sampleDataset(dataset: Dataset, most: number, seed: number | string): Dataset {
  const sound = [...dataset.images.keys()].filter((i) => (dataset.images[i]?.width ?? 0) > 0)
  const share = Math.min(1, most / Math.max(1, sound.length))
  const kept = new Set<number>()
  for (const split of new Set(dataset.images.map((image) => image.split))) {
    const own = sound.filter((i) => dataset.images[i]?.split === split)
    const place = new Map(own.map((i) => [i, sha256(`${seed}/${dataset.images[i]?.name}`)]))
    own.sort((a, b) => ((place.get(a) as string) < (place.get(b) as string) ? -1 : 1))
    for (const i of own.slice(0, Math.ceil(share * own.length))) kept.add(i)
  }
  const start = rowStarts(dataset)
  const { classId, cx, cy, w, h, line } = dataset.boxes
  const boxes = boxColumnsBuilder()
  const chosen = [...kept].sort((a, b) => a - b)
  for (const [at, i] of chosen.entries()) {
    for (let row = start[i] as number; row < (start[i + 1] as number); row++) {
      const place = [cx, cy, w, h].map((column) => column[row] as number) as [number, number, number, number]
      if ((classId[row] as number) < dataset.classes.length) {
        boxes.add(at, classId[row] as number, ...place, line[row] as number)
      }
    }
  }
  const images = chosen.map((i) => dataset.images[i] as Dataset['images'][number])
  return { ...dataset, images, boxes: boxes.finish(), defects: [] }
}

/** The sample as it lies in its folder; `files` are those of the repository's layout. */
export function openSample(files: DataFiles, classes: readonly string[]): Sample {
  const known = new Set(files.paths)
  const records = new Map<string, Provenance>()
  for (const line of linesOf(files.text('provenance.ndjson'))) {
    const record = JSON.parse(line) as Provenance
    records.set(record.image, record)
  }
  const images = ['train', 'val', 'test'].flatMap((split) => {
    const list = `splits/${split}.txt`
    return (known.has(list) ? linesOf(files.text(list)) : []).map((file): SampleImage => {
      const name = file.slice('images/'.length, file.lastIndexOf('.'))
      const label = `labels/${name}.txt`
      const rows = known.has(label) ? linesOf(files.text(label)).map((row) => row.split(' ')) : []
      const provenance = records.get(name) ?? null
      return {
        name,
        file,
        label,
        split,
        width: provenance?.width ?? 0,
        height: provenance?.height ?? 0,
        rows,
        provenance,
      }
    })
  })
  return { classes, images, files }
}

/** Text of the list of a split with lines added, taken out or exchanged. */
export function listText(sample: Sample, split: string, change: (lines: string[]) => string[]): string {
  return asLines(change(sample.images.filter((image) => image.split === split).map((image) => image.file)))
}

/** provenance.ndjson with the records of some images changed, and records added. */
export function provenanceText(
  sample: Sample,
  change: (record: Provenance) => Provenance,
  added: Provenance[] = [],
): string {
  const records = sample.images.flatMap(({ provenance }) => (provenance ? [change(provenance)] : []))
  return asLines([...records, ...added].map(provenanceLine))
}

/** The changes that write rows into images' label files, with the same boxes in their provenance, as a tool would. */
export function rowChanges(sample: Sample, rows: ReadonlyMap<SampleImage, readonly SampleRow[]>): Plan['changes'] {
  const changes: Plan['changes'] = new Map()
  const boxesOf = new Map<string, Provenance['boxes']>()
  for (const [image, list] of rows) {
    changes.set(image.label, asLines(list.map((row) => row.join(' '))))
    const before = image.provenance?.boxes
    if (!before) continue
    const { classId: _, box: __, ...rest } = before[0] ?? { classId: 0, box: [0, 0, 0, 0] }
    const sound = list.map((row) => row.map(Number)).filter((row) => row.length === 5 && row.every(Number.isFinite))
    boxesOf.set(
      image.name,
      sound.map(([classId = 0, cx = 0, cy = 0, w = 0, h = 0]) => ({ classId, box: [cx, cy, w, h], ...rest })),
    )
  }
  if (boxesOf.size > 0) {
    const change = (record: Provenance) => ({ ...record, boxes: boxesOf.get(record.image) ?? record.boxes ?? [] })
    changes.set(
      'provenance.ndjson',
      provenanceText(sample, (record) => (record.boxes ? change(record) : record)),
    )
  }
  return changes
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

export function asLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
