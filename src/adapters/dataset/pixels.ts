import { boxColumnsBuilder } from '../../core/dataset/columns.ts'
import type { PixelColumns, PixelImage } from '../../core/dataset/formats/pixels.ts'
import type { Dataset, DatasetImage, Defect, Split } from '../../core/dataset/model.ts'
import { imageNameOf } from '../../core/dataset/paths.ts'
import { imageFacts } from './image-facts.ts'
import type { Tree } from './tree.ts'

/** An image of a COCO or VOC data set before its file was looked at. */
export type Listing = PixelImage & { labelFile: string | null; split: Split; present: boolean }

/** Builds the columns of a format in pixels: reads image headers, normalises boxes by the declared size. */
export function fromPixels(
  given: string,
  tree: Tree,
  format: 'coco' | 'voc',
  parsed: {
    classes: string[]
    images: Listing[]
    boxes: PixelColumns
    defects: Defect[]
    lost: string[]
    notes: string[]
  },
  options: { md5: boolean },
): Dataset {
  const defects = tree.defects.concat(parsed.defects)
  const imagesPresent = parsed.images.some((image) => image.present)
  const notes = [...parsed.notes]
  if (!imagesPresent && parsed.images.length > 0) notes.push('The images are not here; only labels were checked.')
  const sizes: { width: number; height: number }[] = []
  const images = parsed.images.map((listing) => {
    const { image, size } = imageOf(listing, tree, options.md5, imagesPresent, defects)
    sizes.push(size)
    return image
  })
  const { x, y, w, h, image: imageOfRow, classId, line } = parsed.boxes
  const builder = boxColumnsBuilder(parsed.boxes.count)
  const unplaced = new Set<number>()
  for (const row of byImage(parsed.boxes, images.length)) {
    const image = imageOfRow[row] as number
    const { width, height } = sizes[image] as { width: number; height: number }
    if (width === 0 || height === 0) {
      if (unplaced.has(image)) continue
      unplaced.add(image)
      const { labelFile, name } = images[image] as DatasetImage
      const place = { file: labelFile ?? '', line: line[row] as number, column: 1, image: name }
      const message = 'the size of the image is not known, so that its boxes cannot be placed'
      defects.push({ code: 'image-size', ...place, message, key: 'size' })
      continue
    }
    const [left = 0, top = 0, wide = 0, high = 0] = [x[row], y[row], w[row], h[row]]
    const centre = [(left + wide / 2) / width, (top + high / 2) / height] as const
    builder.add(image, classId[row] as number, ...centre, wide / width, high / height, line[row] as number)
  }
  return {
    root: given,
    format,
    classes: parsed.classes,
    images,
    boxes: builder.finish(),
    defects,
    notes,
    lost: parsed.lost,
    imagesPresent,
  }
}

/** Rows in the order of their images, those of one image as they stand in the file. */
function byImage({ image, count }: PixelColumns, images: number): Uint32Array {
  const next = new Uint32Array(images + 1)
  for (let row = 0; row < count; row++) next[(image[row] as number) + 1]!++
  for (let i = 1; i <= images; i++) next[i]! += next[i - 1] as number
  const order = new Uint32Array(count)
  for (let row = 0; row < count; row++) order[next[image[row] as number]!++] = row
  return order
}

function imageOf(
  listing: Listing,
  tree: Tree,
  md5: boolean,
  imagesPresent: boolean,
  defects: Defect[],
): { image: DatasetImage; size: { width: number; height: number } } {
  const name = imageNameOf(listing.file)
  const labels = { file: listing.labelFile ?? listing.file, line: listing.line, column: 1, image: name }
  const facts = listing.present ? imageFacts(tree, listing.file, name, md5) : null
  if (facts) defects.push(...facts.defects)
  else if (imagesPresent) {
    defects.push({ code: 'image-missing', ...labels, message: `there is no image "${listing.file}"`, key: 'missing' })
  }
  const width = facts?.width || listing.width
  const height = facts?.height || listing.height
  const declared = listing.width > 0 && listing.height > 0
  if (facts && declared && facts.width > 0 && (facts.width !== listing.width || facts.height !== listing.height)) {
    const message = `says ${listing.width} × ${listing.height} pixels, the image has ${facts.width} × ${facts.height}`
    defects.push({ code: 'image-size', ...labels, message, key: 'mismatch' })
  }
  const size = declared ? { width: listing.width, height: listing.height } : { width, height }
  const { file, labelFile, split } = listing
  return { image: { name, file, labelFile, split, width, height, md5: facts?.md5 ?? null, provenance: null }, size }
}
