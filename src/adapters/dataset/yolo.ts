import { keypointShape } from '../../core/dataset/formats/keypoints.ts'
import { parseDataYaml } from '../../core/dataset/formats/yolo.ts'
import { type KnownLabels, knownPlaces, type LabelMemory, labelBatches } from '../../core/dataset/known-labels.ts'
import { joinBatches, type LabelBatch, parseLabelFiles } from '../../core/dataset/label-batch.ts'
import type { LabelGrammar } from '../../core/dataset/label-grammar.ts'
import type { BoxColumns, Dataset, DatasetImage, Defect, Provenance, Split } from '../../core/dataset/model.ts'
import { imageNameOf, isImagePath, labelPathOf, withoutSuffix } from '../../core/dataset/paths.ts'
import { parseProvenance } from '../../core/dataset/provenance.ts'
import { UsageError } from '../../core/errors.ts'
import { readLabelBatches } from '../pool/label-batches.ts'
import { imageFacts } from './image-facts.ts'
import { imagesOfLabels } from './images-of-labels.ts'
import { readSmallText } from './read-bytes.ts'
import { type Listed, readList, splitOfPath } from './splits.ts'
import type { Tree } from './tree.ts'

export type ReadOptions = {
  md5: boolean
  classes: string[] | null
  /** Whether there are images at all, where the tree is a part of a version; else what the tree shows. */
  imagesPresent?: boolean | undefined
  /** What is known of label files by their content, and where to note what was read. */
  memory?: LabelMemory
}

/** Reads images/, labels/, splits/*.txt and provenance.ndjson, or the folders and lists that a data.yaml names. */
export function readYolo(given: string, tree: Tree, yaml: string | null, options: ReadOptions): Dataset {
  const defects: Defect[] = [...tree.defects]
  const notes: string[] = []
  const text = yaml === null ? null : readSmallText(tree, yaml, 300_000)
  const declared = text === null ? null : parseDataYaml(text, yaml as string)
  const repository = tree.files.some((file) => /^splits\/(train|val|test)\.txt$/.test(file))
  const sources = repository
    ? (['train', 'val', 'test'] as const).map((split) => ({ split, path: `splits/${split}.txt`, line: 0 }))
    : (declared?.sources ?? [])
  const imageFiles = tree.files.filter(isImagePath)
  const imagesPresent =
    options.imagesPresent ?? (imageFiles.length > 0 || !tree.files.some((file) => file.startsWith('labels/')))
  const partial = options.imagesPresent !== undefined
  if (!imagesPresent)
    notes.push('The images are not here; sizes in pixels are not known, and only labels were checked.')
  const classes = declared?.classes ?? options.classes
  const provenance = provenanceOf(tree, defects)
  const keypoints = text === null ? null : keypointShape(text, yaml as string)
  const grammar = { classCount: classes?.length ?? 0, names: classes ?? [], keypoints }
  const lists = sources.some(({ path }) => tree.has(path))
  const listed = () => {
    const splits = splitsOf(tree, { sources, imageFiles, imagesPresent, partial }, repository, yaml, defects)
    return [...splits.keys()]
      .sort()
      .map((file) =>
        imageOf(
          tree,
          file,
          splits.get(file) as Split,
          provenance,
          options.md5 && imagesPresent,
          imagesPresent,
          defects,
        ),
      )
  }
  const images = imagesPresent || lists ? listed() : imagesOfLabels(tree, provenance)
  const { boxes, polygons } = readLabels(tree, images, grammar, options.memory ?? null, defects)
  orphans(tree, imagesPresent ? images : null, defects)
  if (!classes) notes.push('No class names were found (no data.yaml, no spec): classes are named by number.')
  return {
    root: given,
    format: 'yolo',
    classes: classes ?? Array.from({ length: highestOf(boxes) + 1 }, (_, id) => `class_${id}`),
    images,
    boxes,
    defects,
    notes,
    lost: polygons > 0 ? [`${polygons} polygons are taken as their boxes`] : [],
    imagesPresent,
  }
}

/** The split of each image file; files of the lists that are not there become defects. */
function splitsOf(
  tree: Tree,
  from: {
    sources: { split: Split; path: string; line: number }[]
    imageFiles: string[]
    imagesPresent: boolean
    partial: boolean
  },
  repository: boolean,
  yaml: string | null,
  defects: Defect[],
): Map<string, Split> {
  const { sources, imageFiles, imagesPresent, partial } = from
  const splits = new Map<string, Split>()
  if (!imagesPresent) {
    for (const file of tree.files) {
      if (file.startsWith('labels/') && file.endsWith('.txt'))
        splits.set(`images/${file.slice(7, -4)}`, splitOfPath(file))
    }
  }
  if (sources.length === 0 || repository) {
    const unlisted: Split = 'none'
    for (const file of imageFiles) {
      if (file.startsWith('images/') || !repository) splits.set(file, repository ? unlisted : splitOfPath(file))
    }
  }
  const listed: Listed['listed'] = new Map()
  for (const { split, path, line } of sources) {
    if (tree.has(path)) readList(tree, path, split, { splits, listed, imagesPresent, partial }, defects)
    else if (tree.folders.has(path)) {
      const inside = path === '' ? imageFiles : imageFiles.filter((file) => file.startsWith(`${path}/`))
      for (const file of inside) {
        const earlier = listed.get(file)
        if (earlier !== undefined && earlier.split !== split) {
          const message = `is in ${earlier.split} and in ${split}: the folder ${path} belongs to both`
          defects.push({
            code: 'image-in-two-splits',
            file,
            line: 0,
            column: 0,
            message,
            image: imageNameOf(file),
            key: split,
          })
          continue
        }
        listed.set(file, { split, place: path })
        splits.set(file, split)
      }
    } else if (line > 0 && imagesPresent) {
      throw new UsageError(`${split}: there is no "${path}"`, {
        where: `${yaml}:${line}`,
        mend: 'name a folder or list file that exists',
      })
    }
  }
  return splits
}

function imageOf(
  tree: Tree,
  file: string,
  split: Split,
  provenance: Map<string, Provenance>,
  md5: boolean,
  present: boolean,
  defects: Defect[],
): DatasetImage {
  const name = imageNameOf(present ? file : `${file}.x`)
  const known = provenance.size === 0 ? null : (provenance.get(name) ?? provenance.get(file) ?? null)
  const label = present ? labelPathOf(file) : `labels/${file.slice(7)}.txt`
  const facts = present ? imageFacts(tree, file, name, md5) : null
  if (facts) defects.push(...facts.defects)
  return {
    name,
    file,
    labelFile: tree.has(label) ? label : null,
    split,
    width: facts?.width || known?.width || 0,
    height: facts?.height || known?.height || 0,
    md5: facts?.md5 ?? null,
    provenance: known,
  }
}

const mostBytes = 32 * 1024 * 1024

/** All rows of all images, and how many of them were polygons; what is wrong in the files is added to the defects. */
function readLabels(
  tree: Tree,
  images: DatasetImage[],
  grammar: LabelGrammar,
  memory: LabelMemory | null,
  defects: Defect[],
): { boxes: BoxColumns; polygons: number } {
  const files: string[] = []
  const imageOf = new Uint32Array(images.length)
  for (const [i, { labelFile }] of images.entries()) {
    if (labelFile !== null) imageOf[files.push(labelFile) - 1] = i
  }
  const ids = memory ? files.map(tree.id) : []
  if (memory?.known && JSON.stringify(memory.known.grammar) !== JSON.stringify(grammar)) memory.known = null
  const places = memory?.known ? knownPlaces(memory.known, files, ids) : null
  const batches = batchesOf(tree, files, grammar, memory?.known ?? null, places)
  const found = batches.flatMap((batch) => batch.defects)
  for (const { at, ...defect } of found) {
    const image = images[imageOf[at] as number] as DatasetImage
    defects.push({ ...defect, file: files[at] as string, image: image.name })
  }
  const polygons = new Uint32Array(files.length)
  for (const batch of batches) polygons.set(batch.polygons, batch.from)
  if (memory) memory.read = { grammar, files, ids, places, defects: found, polygons }
  return { boxes: joinBatches(batches, imageOf), polygons: polygons.reduce((sum, count) => sum + count, 0) }
}

/** Rows by file: what is known is taken over, the rest is read, on all cores where files can be opened by path. */
function batchesOf(
  tree: Tree,
  files: string[],
  grammar: LabelGrammar,
  known: KnownLabels | null,
  places: Int32Array | null,
): LabelBatch[] {
  const read = (file: string) => tree.read(file, mostBytes)
  if (known && places) return labelBatches(known, files, places, read)
  if (tree.opens) return readLabelBatches(tree.root, files, grammar)
  return [parseLabelFiles(files, 0, files.length, grammar, read)]
}

function highestOf({ classId }: BoxColumns): number {
  return classId.reduce((highest, id) => Math.max(highest, id), -1)
}

function provenanceOf(tree: Tree, defects: Defect[]): Map<string, Provenance> {
  if (!tree.has('provenance.ndjson')) return new Map()
  const parsed = parseProvenance(readSmallText(tree, 'provenance.ndjson', 1 << 30), 'provenance.ndjson')
  defects.push(...parsed.defects)
  return parsed.byImage
}

/** Label files that belong to no image: the loader never notices them. */
function orphans(tree: Tree, images: DatasetImage[] | null, defects: Defect[]): void {
  const used = new Set<string | null>()
  for (const { labelFile } of images ?? []) used.add(labelFile)
  for (const file of tree.files) {
    // Without images, each file of labels/ stands for one.
    if (!file.endsWith('.txt') || (images ? used.has(file) : file.startsWith('labels/'))) continue
    if (!`/${file}`.includes('/labels/') || /\/classes\.txt$/.test(`/${file}`)) continue
    const message = 'belongs to no image of the data set; its boxes are never used'
    defects.push({ code: 'label-orphan', file, line: 0, column: 0, message, image: withoutSuffix(file), key: 'orphan' })
  }
}
