import type { Provenance } from '../dataset/model.ts'
import { provenanceLine } from '../dataset/provenance.ts'
import { classes } from './figure.ts'
import type { LabelRow } from './worksite.ts'

/** A label file's text: `class cx cy w h` a line, 6 decimals. */
export function formatRows(rows: readonly LabelRow[]): string {
  return rows
    .map(({ classId, cx, cy, w, h }) => `${[classId, ...[cx, cy, w, h].map((v) => v.toFixed(6))].join(' ')}\n`)
    .join('')
}

/** Lines of an existing list file and new ones, each once, sorted. */
export function mergeLines(existing: string, added: readonly string[]): string {
  const lines = new Set([...existing.split(/\r?\n/).filter((line) => line.trim() !== ''), ...added])
  return [...lines]
    .sort()
    .map((line) => `${line}\n`)
    .join('')
}

/** provenance.ndjson with lines added: one an image, the newest wins, sorted by image; unreadable lines are kept. */
export function mergeProvenance(existing: string, added: readonly Provenance[]): string {
  const byImage = new Map<string, string>()
  for (const line of existing.split(/\r?\n/)) {
    if (line.trim() !== '') byImage.set(imageOf(line) ?? line, line)
  }
  for (const record of added) byImage.set(record.image, provenanceLine(record))
  return [...byImage]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, line]) => `${line}\n`)
    .join('')
}

function imageOf(line: string): string | null {
  try {
    const { image } = JSON.parse(line) as { image?: unknown }
    return typeof image === 'string' ? image : null
  } catch {
    return null
  }
}

/** The data.yaml of the world, as Ultralytics reads it; a split without a list file is left out (train and val stay). */
export function dataYaml(splits: readonly string[]): string {
  const listed = ['train', 'val', ...(splits.includes('test') ? ['test'] : [])]
  const lines = listed.map((split) => `${split}: splits/${split}.txt\n`).join('')
  return `path: .\n${lines}names: [${classes.join(', ')}]\n`
}
