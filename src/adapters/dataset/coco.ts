import { looksLikeCoco, parseCoco } from '../../core/dataset/formats/coco.ts'
import { pixelColumns } from '../../core/dataset/formats/pixels.ts'
import type { Dataset, Defect, Split } from '../../core/dataset/model.ts'
import { insideRoot } from '../../core/dataset/paths.ts'
import { UsageError } from '../../core/errors.ts'
import { fromPixels, type Listing } from './pixels.ts'
import { fileChunks } from './read-bytes.ts'
import { splitOfPath } from './splits.ts'
import type { Tree } from './tree.ts'

/** COCO files of a folder, by the first kilobytes of each JSON file. */
export function cocoFiles(tree: Tree): string[] {
  return tree.files.filter((file) => {
    if (!file.endsWith('.json')) return false
    const { bytes, length } = tree.read(file, 65_536)
    return looksLikeCoco(Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1'))
  })
}

/** Reads one COCO file or one a split; a split is told by folder or file name (train/…, instances_val2017.json). */
export function readCoco(given: string, tree: Tree, files: string[], options: { md5: boolean }): Dataset {
  const classes: string[] = []
  const images: Listing[] = []
  const boxes = pixelColumns()
  const defects: Defect[] = []
  const lost: string[] = []
  const notes: string[] = []
  for (const file of files) {
    const parsed = parseCoco(fileChunks(tree, file), file)
    if (classes.length === 0) classes.push(...parsed.classes)
    else if (parsed.classes.join('\n') !== classes.join('\n')) {
      const mend = 'give all files the same categories in the same order'
      throw new UsageError(`other categories than ${files[0]}`, { where: file, mend })
    }
    const offset = images.length
    const split = splitOf(file)
    const folder = imageFolder(tree, file, parsed.images[0]?.file)
    for (const image of parsed.images) {
      const path = insideRoot(image.file, folder ?? '') as string
      images.push({ ...image, file: path, labelFile: file, split, present: tree.has(path) })
    }
    const { image, classId, x, y, w, h, line } = parsed.boxes
    for (let row = 0; row < parsed.boxes.count; row++) {
      const [left = 0, top = 0, width = 0, height = 0] = [x[row], y[row], w[row], h[row]]
      boxes.add(offset + image[row]!, classId[row]!, left, top, width, height, line[row]!)
    }
    notes.push(...parsed.notes)
    for (const defect of parsed.defects) defects.push(defect)
    lost.push(...parsed.lost.map((what) => `${what} (${file})`))
  }
  return fromPixels(given, tree, 'coco', { classes, images, boxes: boxes.finish(), defects, lost, notes }, options)
}

function splitOf(file: string): Split {
  const byFolder = splitOfPath(file)
  if (byFolder !== 'none') return byFolder
  const word = /(?:^|[_.-])(train|val|valid|validation|test)(?:20\d\d)?(?=[_.-]|$)/.exec(
    (file.split('/').at(-1) as string).toLowerCase(),
  )?.[1]
  return word ? (word.startsWith('val') ? 'val' : (word as Split)) : 'none'
}

/** The folder that file names are relative to: that of the JSON, images/ near it, or the COCO split's own. */
function imageFolder(tree: Tree, file: string, first: string | undefined): string | null {
  if (first === undefined) return null
  const own = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
  const above = own.includes('/') ? own.slice(0, own.lastIndexOf('/')) : ''
  const split = /(train|val|test)20\d\d/.exec(file)?.[0] ?? splitOf(file)
  const bases = [own, above].flatMap((folder) =>
    ['', 'images', split, `images/${split}`].map((sub) => insideRoot(sub, folder) ?? ''),
  )
  return bases.find((base) => tree.has(insideRoot(first, base) ?? '')) ?? null
}
