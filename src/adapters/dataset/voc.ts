import { pixelColumns } from '../../core/dataset/formats/pixels.ts'
import { decodeXml, parseVoc, type VocAnnotation } from '../../core/dataset/formats/voc.ts'
import type { Dataset, Defect, Split } from '../../core/dataset/model.ts'
import { isImagePath, listLines, withoutSuffix } from '../../core/dataset/paths.ts'
import { fromPixels, type Listing } from './pixels.ts'
import { readSmallText } from './read-bytes.ts'
import type { Tree } from './tree.ts'

/** Reads Annotations/*.xml, JPEGImages/ and ImageSets/Main/; classes are in the spec's order, else by name. */
export function readVoc(given: string, tree: Tree, options: { md5: boolean; classes: string[] | null }): Dataset {
  const defects: Defect[] = []
  const lost: string[] = []
  const splits = readSplits(tree, defects)
  const annotations = new Map<string, string>()
  const imageFiles = new Map<string, string>()
  for (const file of tree.files) {
    const [folder, ...rest] = file.split('/')
    const stem = withoutSuffix(rest.join('/'))
    if (folder === 'Annotations' && file.endsWith('.xml')) annotations.set(stem, file)
    if (folder === 'JPEGImages' && isImagePath(file)) imageFiles.set(stem, file)
  }
  const images: Listing[] = []
  const boxes = pixelColumns()
  const found = new Map<string, number>()
  let marks = 0
  for (const stem of [...new Set([...annotations.keys(), ...imageFiles.keys()])].sort()) {
    const labelFile = annotations.get(stem) ?? null
    const image = imageFiles.get(stem)
    const listing: Listing = {
      file: image ?? `JPEGImages/${stem}.jpg`,
      width: 0,
      height: 0,
      line: 0,
      labelFile,
      split: splits.get(stem) ?? 'none',
      present: image !== undefined,
    }
    if (labelFile !== null) {
      const parsed = readAnnotation(tree, labelFile)
      for (const defect of parsed.defects) defects.push({ ...defect, image: stem })
      for (const { className, x, y, w, h, line } of parsed.objects) {
        const id = found.get(className) ?? found.size
        found.set(className, id)
        boxes.add(images.length, id, x, y, w, h, line)
      }
      listing.width = parsed.width
      listing.height = parsed.height
      marks += parsed.marks
    }
    images.push(listing)
  }
  for (const [stem, file, line] of splits.places) {
    if (annotations.has(stem) || imageFiles.has(stem)) continue
    const message = `"${stem.slice(0, 80)}" is listed, but there is neither an image nor an annotation`
    defects.push({ code: 'image-missing', file, line, column: 1, message, image: stem, key: 'listed' })
  }
  if (marks > 0) lost.push(`${marks} objects are marked truncated, difficult or occluded`)
  const classes = classOrder([...found.keys()], options.classes)
  const columns = boxes.finish()
  const idOf = [...found.keys()].map((name) => classes.indexOf(name))
  for (let row = 0; row < columns.count; row++) columns.classId[row] = idOf[columns.classId[row]!] as number
  const parsed = { classes, images, boxes: columns, defects, lost, notes: [] }
  return fromPixels(given, tree, 'voc', parsed, options)
}

/** Room for some fifteen thousand objects; the XML parser needs fifty times a file's size. */
const mostBytes = 4 * 1024 * 1024

function readAnnotation(tree: Tree, file: string): VocAnnotation {
  const unread = (message: string): VocAnnotation => {
    const defect = { code: 'label-encoding', file, line: 0, column: 0, message, image: null, key: 'unreadable' }
    return { filename: '', width: 0, height: 0, objects: [], defects: [defect], marks: 0 }
  }
  try {
    const { bytes, length, size } = tree.read(file, mostBytes)
    if (size > mostBytes) return unread(`${size} bytes; an annotation of one image has at most ${mostBytes}`)
    const xml = decodeXml(bytes.subarray(0, length))
    return xml === null ? unread('bytes that are not UTF-8') : parseVoc(xml, file)
  } catch (error) {
    return unread(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`)
  }
}

function classOrder(names: string[], declared: string[] | null): string[] {
  const found = names.sort()
  if (!declared) return found
  return [...declared, ...found.filter((name) => !declared.includes(name))]
}

type Splits = Map<string, Split> & { places: [stem: string, file: string, line: number][] }

function readSplits(tree: Tree, defects: Defect[]): Splits {
  const splits = Object.assign(new Map<string, Split>(), { places: [] as Splits['places'] })
  const lists = (['train', 'val', 'test'] as const).filter((split) => tree.has(`ImageSets/Main/${split}.txt`))
  const wanted: [string, Split][] = lists.map((split) => [split, split])
  // trainval repeats train and val; alone, it is what there is to train on.
  if (!lists.includes('train') && tree.has('ImageSets/Main/trainval.txt')) wanted.push(['trainval', 'train'])
  for (const [list, split] of wanted) {
    const file = `ImageSets/Main/${list}.txt`
    for (const { text, line } of listLines(readSmallText(tree, file, 1 << 26))) {
      const stem = text.split(/\s+/)[0] as string
      const earlier = splits.get(stem)
      const defect = (code: string, message: string) =>
        void defects.push({ code, file, line, column: 1, message, image: stem, key: split })
      if (earlier === split) defect('image-listed-twice', `"${stem}" is listed twice in ${split}`)
      else if (earlier !== undefined) defect('image-in-two-splits', `"${stem}" is listed in ${split} and in ${earlier}`)
      else {
        splits.set(stem, split)
        splits.places.push([stem, file, line])
      }
    }
  }
  return splits
}
