import { boxColumnsBuilder } from '../../core/dataset/columns.ts'
import type { PixelBox, PixelImage } from '../../core/dataset/formats/pixels.ts'
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
  parsed: { classes: string[]; images: Listing[]; boxes: PixelBox[]; defects: Defect[]; lost: string[] },
  options: { md5: boolean },
): Dataset {
  const defects = [...tree.defects, ...parsed.defects]
  const imagesPresent = parsed.images.some((image) => image.present)
  const notes: string[] = []
  if (!imagesPresent && parsed.images.length > 0) notes.push('The images are not here; only labels were checked.')
  const sizes: { width: number; height: number }[] = []
  const images = parsed.images.map((listing) => {
    const { image, size } = imageOf(listing, tree, options.md5, imagesPresent, defects)
    sizes.push(size)
    return image
  })
  const classOf = new Map(parsed.classes.map((name, id) => [name, id]))
  const builder = boxColumnsBuilder(parsed.boxes.length)
  for (const box of parsed.boxes.sort((a, b) => a.image - b.image || a.line - b.line)) {
    const { width, height } = sizes[box.image] as { width: number; height: number }
    if (width === 0 || height === 0) {
      const { labelFile, name } = images[box.image] as DatasetImage
      const message = 'the size of the image is not known, so that its boxes cannot be placed'
      defects.push({
        code: 'image-size',
        file: labelFile ?? '',
        line: box.line,
        column: 1,
        message,
        image: name,
        key: 'size',
      })
      continue
    }
    const classId = classOf.get(box.className) as number
    const [cx, cy] = [(box.x + box.w / 2) / width, (box.y + box.h / 2) / height]
    builder.add(box.image, classId, cx, cy, box.w / width, box.h / height, box.line)
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
