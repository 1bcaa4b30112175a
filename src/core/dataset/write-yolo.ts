import { sha256 } from '../documents/define.ts'
import { type Dataset, type DatasetImage, rowStarts, type Split } from './model.ts'
import { suffixOf } from './paths.ts'
import { provenanceLine } from './provenance.ts'

export type WriteOptions = {
  /** Writes boxes without area as they are; otherwise they are left out, which counts as a loss. */
  keepDefects?: boolean
  /** Where the images come from, for those whose provenance does not say. */
  source?: string
  /** Share of groups for validation and test, where the data set has no splits of its own. */
  val?: number
  test?: number
}

/** A data set in the repository's layout: text files, and the images to copy from the data set's own root. */
export type YoloLayout = {
  files: { path: string; text: string }[]
  copies: { from: string; to: string }[]
  /** What the new form does not hold, one sentence each. */
  lost: string[]
}

/** Lays a data set out as images/, labels/, splits/, provenance.ndjson and data.yaml; nothing is written here. */
export function layoutYolo(dataset: Dataset, options: WriteOptions = {}): YoloLayout {
  const missing = new Set(dataset.defects.filter(({ code }) => code === 'image-missing').map(({ image }) => image))
  const gone = (image: DatasetImage) => missing.has(image.name) && image.md5 === null && image.width === 0
  const start = rowStarts(dataset)
  const splits = splitsOf(dataset, options)
  const files: YoloLayout['files'] = []
  const copies: YoloLayout['copies'] = []
  const listed: Record<Split, string[]> = { train: [], val: [], test: [], none: [] }
  const provenance: string[] = []
  let withoutArea = 0
  for (const [i, image] of dataset.images.entries()) {
    if (gone(image)) continue
    const target = `images/${image.name}.${suffixOf(image.file)}`
    if (dataset.imagesPresent !== false) copies.push({ from: image.file, to: target })
    listed[splits[i] as Split].push(target)
    const rows = rowsText(dataset, start[i] as number, start[i + 1] as number, options.keepDefects ?? false)
    withoutArea += rows.dropped
    if (image.labelFile !== null) files.push({ path: `labels/${image.name}.txt`, text: rows.text })
    const { width, height, name } = image
    const known = { ...image.provenance, image: name, width, height }
    provenance.push(provenanceLine(known.source || !options.source ? known : { ...known, source: options.source }))
  }
  const named = (['train', 'val', 'test'] as const).filter((split) => split !== 'test' || listed.test.length > 0)
  for (const split of named) files.push({ path: `splits/${split}.txt`, text: lines(listed[split]) })
  files.push({ path: 'provenance.ndjson', text: lines(provenance) })
  files.push({ path: 'data.yaml', text: dataYaml(dataset.classes, named) })
  return { files, copies, lost: losses(dataset, withoutArea) }
}

function losses(dataset: Dataset, withoutArea: number): string[] {
  const lost = [...(dataset.lost ?? [])]
  if (withoutArea > 0) lost.push(`${withoutArea} boxes without area are left out`)
  const refused = dataset.defects.filter(({ code }) =>
    /^(label-(?!orphan|class-format|range-tolerated)|annotation)/.test(code),
  )
  if (refused.length > 0)
    lost.push(`${refused.length} labels that could not be read are left out (sluice check lists them)`)
  const missing = dataset.defects.filter(({ code }) => code === 'image-missing').length
  if (missing > 0) lost.push(`${missing} images that are named but not there are left out`)
  if (dataset.imagesPresent === false) lost.push('the images are not here, only labels are written')
  return lost
}

/** Label rows at six decimals, the trainer's own precision; boxes that round to no area are dropped unless kept. */
function rowsText(dataset: Dataset, from: number, to: number, keep: boolean): { text: string; dropped: number } {
  const { classId, cx, cy, w, h } = dataset.boxes
  const rows: string[] = []
  let dropped = 0
  for (let row = from; row < to; row++) {
    const [x, y, width, height] = [cx, cy, w, h].map((column) => (column[row] as number).toFixed(6))
    if (!keep && (Number(width) === 0 || Number(height) === 0)) dropped++
    else rows.push(`${classId[row]} ${x} ${y} ${width} ${height}`)
  }
  return { text: lines(rows), dropped }
}

/** Each image's split: its own, or by a stable hash of its scene, video or name where no image has one. */
function splitsOf(dataset: Dataset, { val = 0.2, test = 0 }: WriteOptions): Split[] {
  if (dataset.images.some((image) => image.split !== 'none')) return dataset.images.map((image) => image.split)
  const groups = dataset.images.map(({ provenance, name }) => provenance?.scene ?? provenance?.video ?? name)
  const place = new Map(groups.map((group) => [group, Number.parseInt(sha256(group).slice(0, 12), 16) / 2 ** 48]))
  const order = [...new Set(groups)].sort((a, b) => (place.get(a) as number) - (place.get(b) as number))
  // Few groups may all hash to one side; the lowest is then validation and the highest training.
  const [lowest, highest] = order.length > 1 ? [order[0], order.at(-1)] : []
  return groups.map((group) => {
    const at = place.get(group) as number
    if (group === highest) return 'train'
    if (group === lowest && val > 0) return 'val'
    return at < val ? 'val' : at < val + test ? 'test' : 'train'
  })
}

function dataYaml(classes: readonly string[], splits: readonly Split[]): string {
  const names = classes.map((name, id) => `  ${id}: ${JSON.stringify(name)}`)
  return lines(['path: .', ...splits.map((split) => `${split}: splits/${split}.txt`), 'names:', ...names])
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('')
}
