import { type Dataset, rowStarts, type Split } from '../dataset/model.ts'
import { suffixOf } from '../dataset/paths.ts'
import { provenanceLine } from '../dataset/provenance.ts'

/** Text files of a merged data set and, by index of its images, where each image file goes. */
export type MergedLayout = { files: { path: string; text: string }[]; images: string[] }

/**
 * A data set in the repository's layout, in canonical bytes: equal content is written equally. Nothing is invented:
 * images without a split are in no list, images without provenance have no line.
 */
export function layoutMerged(dataset: Dataset): MergedLayout {
  const start = rowStarts(dataset)
  const listed: Record<Split, string[]> = { train: [], val: [], test: [], none: [] }
  const files: MergedLayout['files'] = []
  const images: string[] = []
  const provenance: string[] = []
  for (const [i, image] of dataset.images.entries()) {
    const suffix = dataset.imagesPresent === false ? '' : suffixOf(image.file)
    const target = suffix ? `images/${image.name}.${suffix}` : `images/${image.name}`
    images.push(target)
    listed[image.split].push(target)
    if (image.labelFile !== null) {
      files.push({
        path: `labels/${image.name}.txt`,
        text: rowsText(dataset, start[i] as number, start[i + 1] as number),
      })
    }
    if (image.provenance) provenance.push(provenanceLine({ ...image.provenance, image: image.name }))
  }
  const named = (['train', 'val', 'test'] as const).filter((split) => split !== 'test' || listed.test.length > 0)
  for (const split of named) files.push({ path: `splits/${split}.txt`, text: lines(listed[split]) })
  if (provenance.length > 0) files.push({ path: 'provenance.ndjson', text: lines(provenance) })
  const names = dataset.classes.map((name, id) => `  ${id}: ${JSON.stringify(name)}`)
  const sources = named.map((split) => `${split}: splits/${split}.txt`)
  files.push({
    path: 'data.yaml',
    text: lines(['path: .', ...sources, ...(names.length > 0 ? ['names:', ...names] : ['nc: 1'])]),
  })
  return { files, images }
}

/** Rows at six decimals, sorted by class and place. */
function rowsText({ boxes }: Dataset, from: number, to: number): string {
  const { classId, cx, cy, w, h } = boxes
  const rows = Array.from({ length: to - from }, (_, k) => from + k)
  const columns = [classId, cx, cy, w, h]
  rows.sort((a, b) => {
    for (const column of columns) if (column[a] !== column[b]) return (column[a] as number) - (column[b] as number)
    return 0
  })
  return lines(
    rows.map(
      (row) => `${classId[row]} ${[cx, cy, w, h].map((column) => (column[row] as number).toFixed(6)).join(' ')}`,
    ),
  )
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('')
}
