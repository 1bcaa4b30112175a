import { type LabelBatch, type LabelDefect, parseLabelFiles } from './label-batch.ts'
import type { LabelGrammar } from './label-grammar.ts'
import { type BoxColumns, type Dataset, type DatasetImage, rowStarts } from './model.ts'

/**
 * What the label files of an earlier version said, by content. Files are in the order of that version's images; `ids`
 * name their contents. It saves reading and judging what did not change and decides nothing: without it all is read.
 */
export type KnownLabels = {
  /** What the files were parsed by: which rows are defects depends on it. */
  grammar: LabelGrammar
  files: string[]
  ids: string[]
  /** Everything else of each file's image that a rule of scope `image` may look at, as one line. */
  images: string[]
  /** 1 where such a rule found something. */
  flagged: Uint8Array
  /** Rows of file i are start[i] up to start[i + 1]; their `image` is the file's place. */
  start: Uint32Array
  boxes: BoxColumns
  /** In the order of the files. */
  defects: LabelDefect[]
  polygons: Uint32Array
}

/** What a reader saw of label files: in the order of the images that have one. */
export type ReadLabels = Pick<KnownLabels, 'grammar' | 'files' | 'defects' | 'polygons'> & {
  ids: (string | null)[]
  /** Where the files are in what was known; null where nothing was. */
  places: Int32Array | null
}

/** Given to a reader with what is known; it notes what it read, and drops `known` where that does not apply. */
export type LabelMemory = { known: KnownLabels | null; read: ReadLabels | null }

/** Places in `known` of files with these contents, -1 for others. Versions mostly list the same files in the same order. */
export function knownPlaces(known: KnownLabels, files: readonly string[], ids: readonly (string | null)[]): Int32Array {
  let find: ((file: string) => number) | null = null
  let next = 0
  return Int32Array.from(files, (file, i) => {
    let place = next
    if (known.files[place] !== file) {
      find ??= finder(known.files)
      place = find(file)
    }
    if (place < 0) return -1
    next = place + 1
    return known.ids[place] === ids[i] ? place : -1
  })
}

/** The place of a name in a list, -1 for none: by halves where the list is sorted, as it mostly is, else by a map. */
function finder(names: readonly string[]): (name: string) => number {
  if (names.some((name, i) => i > 0 && name <= (names[i - 1] as string))) {
    const places = new Map(names.map((name, at) => [name, at]))
    return (name) => places.get(name) ?? -1
  }
  return (name) => {
    let [low, high] = [0, names.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((names[middle] as string) < name) low = middle + 1
      else high = middle
    }
    return names[low] === name ? low : -1
  }
}

/** Batches of a list of files: stretches at `places` of what is known are taken over, the others are read and parsed. */
export function labelBatches(
  known: KnownLabels,
  files: readonly string[],
  places: Int32Array,
  read: Parameters<typeof parseLabelFiles>[4],
): LabelBatch[] {
  const defectsAt = Map.groupBy(known.defects, ({ at }) => at)
  const batches: LabelBatch[] = []
  for (let from = 0; from < files.length; ) {
    const place = places[from] as number
    let to = from + 1
    if (place < 0) {
      while (to < files.length && (places[to] as number) < 0) to++
      batches.push(parseLabelFiles(files, from, to, known.grammar, read))
    } else {
      while (to < files.length && places[to] === place + to - from) to++
      batches.push(takenOver(known, place, from, to, defectsAt))
    }
    from = to
  }
  return batches
}

function takenOver(
  known: KnownLabels,
  place: number,
  from: number,
  to: number,
  defectsAt: ReadonlyMap<number, LabelDefect[]>,
): LabelBatch {
  const last = place + to - from
  const [first, end] = [known.start[place] as number, known.start[last] as number]
  const cut = <T extends Float64Array | Int32Array | Uint32Array>(column: T) => column.subarray(first, end) as T
  const { image, classId, cx, cy, w, h, line } = known.boxes
  const defects: LabelDefect[] = []
  for (let at = place; at < last; at++) {
    for (const defect of defectsAt.get(at) ?? []) defects.push({ ...defect, at: at - place + from })
  }
  const columns = { classId: cut(classId), cx: cut(cx), cy: cut(cy), w: cut(w), h: cut(h), line: cut(line) }
  const moved = place === from ? cut(image) : cut(image).map((at) => at - place + from)
  return {
    from,
    to,
    boxes: { count: end - first, image: moved, ...columns },
    defects,
    polygons: known.polygons.subarray(place, last),
  }
}

/** Images that a rule of scope `image` may have something to say of: those that changed, and those that it spoke of. */
export function imagesToJudge(known: KnownLabels, { images }: Dataset, { files, places }: ReadLabels): Uint32Array {
  const judged: number[] = []
  let k = 0
  for (const [i, image] of images.entries()) {
    // What was read is in the order of the images that have a label file; where it is not, all that follows is judged.
    const place = image.labelFile === null || image.labelFile !== files[k] ? -1 : (places?.[k++] ?? -1)
    if (place < 0 || known.flagged[place] === 1 || known.images[place] !== imageLine(image)) judged.push(i)
  }
  return Uint32Array.from(judged)
}

/** All of an image but its labels, as one line: equal lines, equal images. */
function imageLine(image: DatasetImage): string {
  const { file, split, width, height, md5, provenance, look } = image
  const more = provenance === null && look === undefined ? '' : JSON.stringify([provenance, look ?? null])
  return `${file}\t${split}\t${width}\t${height}\t${md5 ?? ''}\t${more}`
}

/** What is to be kept of a data set that was read and judged; null where a label file's content has no id. */
export function knownLabelsOf(
  dataset: Dataset,
  { grammar, files, ids, defects, polygons }: ReadLabels,
  flaggedImages: ReadonlySet<string>,
): KnownLabels | null {
  if (ids.includes(null)) return null
  // Kept a line each: names that are none (hostile ones) are not kept at all.
  if (files.some((file) => file.includes('\n')) || dataset.images.some(({ file }) => file.includes('\n'))) return null
  const labelled = dataset.images.filter(({ labelFile }) => labelFile !== null)
  let places = 0
  const placeOf = Uint32Array.from(dataset.images, ({ labelFile }) => (labelFile === null ? places : places++))
  const boxes = { ...dataset.boxes, image: dataset.boxes.image.map((i) => placeOf[i] as number) }
  return {
    ...{ grammar, files, ids: ids as string[], images: labelled.map(imageLine), defects, polygons, boxes },
    flagged: Uint8Array.from(labelled, ({ name }) => (flaggedImages.has(name) ? 1 : 0)),
    start: rowStarts({ images: labelled, boxes }),
  }
}
