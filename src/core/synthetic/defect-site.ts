import type { BoxProvenance, Provenance } from '../dataset/model.ts'
import { provenanceLine } from '../dataset/provenance.ts'
import { type Changes, type DataFiles, overlay } from './data-files.ts'

/** An image that a defect may be planted at. */
export type Target = { name: string; image: string; label: string; rows: string[] }

/** A data set folder while defects are planted in it. */
export type DefectSite = {
  files: DataFiles
  split: string
  classCount: number
  /** Longer side of an image in pixels, as provenance says; 320 where nothing is known. */
  side: number
  has: (path: string) => boolean
  write: (path: string, content: string | Uint8Array | null) => void
  /** Writes label rows, and the same boxes into provenance. */
  writeRows: (target: Target, rows: readonly string[]) => void
  /** Adds an image to a split; returns its line, 1-based. */
  list: (split: string, image: string) => number
  /** Changes an image's path in the split, or takes its line out (null). */
  relist: (image: string, to: string | null) => void
  targetsOf: (split: string) => Target[]
  /** Images that no defect has taken, up to a share of the split. */
  further: (share: number) => Target[]
  copyProvenance: (from: Target, to: Target, later: boolean) => void
  syncProvenance: (target: Target, rows: readonly string[]) => void
}

const imageName = (path: string) =>
  path.replace(/^(?:\.\/)?images\//, '').replace(/\.(?:png|jpe?g|webp|bmp|tiff?|gif)$/i, '')

/** The image's label path, as Ultralytics finds it. */
function labelOf(image: string): string {
  return image.replace(/^images\//, 'labels/').replace(/\.[^./]+$/, '.txt')
}

/** Reads what is needed to plant defects; nothing is changed until a defect writes. */
export function openSite(
  original: DataFiles,
  changes: Changes,
  options: { split: string; classCount: number; further: (share: number) => Target[] },
): DefectSite & { finish: () => void } {
  const files = overlay(original, changes)
  const provenance = readProvenance(files.has('provenance.ndjson') ? files.text('provenance.ndjson') : '')
  const first = [...provenance.records.values()][0]
  let touched = false
  const put = (record: Provenance) => {
    provenance.records.set(imageName(record.image), record)
    touched = true
  }
  const targetsOf = (split: string): Target[] =>
    listed(files, original.paths, split).map((image) => target(files, image))
  const syncProvenance = (at: Target, rows: readonly string[]) => {
    const record = provenance.records.get(at.name)
    if (record?.boxes) put({ ...record, boxes: boxesOf(rows, record.boxes) })
  }
  return {
    ...options,
    files,
    has: files.has,
    side: Math.max(first?.width ?? 0, first?.height ?? 0) || 320,
    write: (path, content) => void changes.set(path, content),
    writeRows: (at, rows) => {
      changes.set(at.label, rows.map((row) => `${row}\n`).join(''))
      syncProvenance(at, rows)
    },
    list: (split, image) => {
      const path = `splits/${split}.txt`
      const lines = (files.has(path) ? files.text(path) : '').split(/\r?\n/).filter((line) => line !== '')
      changes.set(path, [...lines, image].map((line) => `${line}\n`).join(''))
      return lines.length + 1
    },
    relist: (image, to) => {
      const path = `splits/${options.split}.txt`
      if (!files.has(path)) return
      const lines = files
        .text(path)
        .split(/\r?\n/)
        .filter((line) => line !== '')
      const kept = lines.flatMap((line) => (line.trim().replace(/^\.\//, '') === image ? (to ?? []) : line))
      changes.set(path, kept.map((line) => `${line}\n`).join(''))
    },
    targetsOf,
    syncProvenance,
    copyProvenance: (from, to, later) => {
      const record = provenance.records.get(from.name)
      if (!record) return
      const image = record.image.replace(from.name, () => to.name)
      put({ ...record, image, ...(later ? following(record) : {}) })
    },
    finish: () => {
      if (!touched) return
      const lines = [...provenance.records.values()].map(provenanceLine).concat(provenance.unread)
      changes.set(
        'provenance.ndjson',
        lines
          .sort()
          .map((line) => `${line}\n`)
          .join(''),
      )
    },
  }
}

function target(files: DataFiles & { has: (path: string) => boolean }, image: string): Target {
  const label = labelOf(image)
  const rows = files.has(label)
    ? files
        .text(label)
        .split(/\r?\n/)
        .filter((row) => row.trim() !== '')
    : []
  return { name: imageName(image), image, label, rows }
}

function listed(
  files: DataFiles & { has: (path: string) => boolean },
  paths: readonly string[],
  split: string,
): string[] {
  const list = `splits/${split}.txt`
  if (!files.has(list)) return split === 'val' ? [] : paths.filter((path) => path.startsWith('images/'))
  return files
    .text(list)
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^\.\//, ''))
    .filter((line) => line !== '')
}

function readProvenance(text: string): { records: Map<string, Provenance>; unread: string[] } {
  const records = new Map<string, Provenance>()
  const unread: string[] = []
  for (const line of text.split(/\r?\n/).filter((found) => found.trim() !== '')) {
    try {
      const record = JSON.parse(line) as Provenance
      records.set(imageName(record.image), record)
    } catch {
      unread.push(line)
    }
  }
  return { records, unread }
}

/** Boxes of rows that can be read; who drew them is taken from the box that was there before. */
function boxesOf(rows: readonly string[], before: readonly BoxProvenance[]): BoxProvenance[] {
  return rows.flatMap((row) => {
    const [classId, cx, cy, w, h] = row.trim().split(/\s+/).map(Number)
    const values = [classId, cx, cy, w, h]
    if (!values.every((value): value is number => value !== undefined && Number.isFinite(value))) return []
    const { classId: _, box: __, ...rest } = before[0] ?? { source: 'simulated-human' as const }
    return [{ classId: values[0] as number, box: values.slice(1) as BoxProvenance['box'], ...rest }]
  })
}

function following({ frame, time }: Provenance): Partial<Provenance> {
  return {
    ...(frame === undefined ? {} : { frame: frame + 1 }),
    ...(time === undefined ? {} : { time: new Date(Date.parse(time) + 1000).toISOString() }),
  }
}
