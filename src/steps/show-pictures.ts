import type { Dataset, DatasetImage } from '../core/dataset/model.ts'
import type { Finding } from '../core/documents/findings.ts'
import type { PictureBox, ReportPicture, Shot } from '../core/render/report-input.ts'
import type { Images } from '../ports.ts'

/** One version of a data set and how the bytes of its images are come by; null where they are not at hand. */
export type PictureSide = {
  dataset: Dataset
  read: (file: string) => Uint8Array | null | Promise<Uint8Array | null>
  /** Fetches the images that will be read, in one go, where they are not on this machine. */
  bring?: (files: string[]) => Promise<unknown>
}

/** A picture to show: an image of one side by name, with what is drawn and, for a pair, the other image. */
export type WantedPicture = Omit<ReportPicture, keyof Shot | 'beside'> & {
  side: PictureSide
  image: string
  /** What is drawn when nothing else is: the row that a finding is about. */
  finding?: Finding
  beside?: { side: PictureSide; image: string; boxes: PictureBox[] }
}

const longestSide = 320
/** More boxes than this hide the picture that they are drawn on. */
const mostBoxes = 150

/** Reads, shrinks and encodes the wanted pictures, and nothing else; `missing` counts those that could not be had. */
export async function showPictures(
  images: Images,
  wanted: readonly WantedPicture[],
): Promise<{ items: ReportPicture[]; missing: number }> {
  const items: ReportPicture[] = []
  // One after the other: a decoded photograph takes tens of megabytes.
  for (const { side, image, finding, beside, before, caption, ...rest } of wanted) {
    const shot = await shotOf(images, side, image)
    const other = beside ? await shotOf(images, beside.side, beside.image) : null
    if (!shot || (beside && !other)) continue
    const boxes = finding && rest.boxes.length === 0 ? await refusedRow(side, finding) : rest.boxes
    const left = Math.max(boxes.length, before?.length ?? 0) - mostBoxes
    items.push({
      ...rest,
      ...shot,
      caption: left > 0 ? `${caption}; ${left} further boxes are not drawn` : caption,
      boxes: boxes.slice(0, mostBoxes),
      ...(before ? { before: before.slice(0, mostBoxes) } : {}),
      ...(beside && other ? { beside: { ...other, boxes: beside.boxes.slice(0, mostBoxes) } } : {}),
    })
  }
  return { items, missing: wanted.length - items.length }
}

/**
 * Has each side fetch the images that it is going to show, and no other; returns why that failed, or ''. A report without
 * pictures is still a report.
 */
export async function bringPictures(wanted: readonly WantedPicture[]): Promise<string> {
  const files = new Map<PictureSide, Set<string>>()
  for (const { side, image, beside } of wanted) {
    for (const of of [{ side, image }, ...(beside ? [beside] : [])]) {
      const file = of.side.dataset.images.find(({ name }) => name === of.image)?.file
      if (file !== undefined) files.set(of.side, (files.get(of.side) ?? new Set()).add(file))
    }
  }
  try {
    for (const [side, asked] of files) await side.bring?.([...asked].sort())
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** An image as it stands inside a report: a JPEG of at most 320 pixels a side; null when it cannot be had. */
async function shotOf(images: Images, { dataset, read }: PictureSide, name: string): Promise<Shot | null> {
  const image = dataset.images.find((known) => known.name === name)
  if (!image) return null
  try {
    const bytes = await read(image.file)
    if (!bytes) return null
    const picture = await images.decode(bytes)
    const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height))
    const jpeg = await images.encodeJpeg(picture, 82, longestSide)
    const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)))
    const source = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`
    return { source, width: width as number, height: height as number }
  } catch {
    // A picture that cannot be decoded is itself a finding; the report shows it in words.
    return null
  }
}

/** The box of a label row that the reader refused, as far as its numbers still show one. */
async function refusedRow({ read }: PictureSide, finding: Finding): Promise<PictureBox[]> {
  const { file, line, rule } = finding
  if (line === 0 || !/^labels\/.*\.txt$/.test(file)) return []
  try {
    const bytes = await read(file)
    const row = new TextDecoder().decode(bytes ?? new Uint8Array()).split('\n')[line - 1] ?? ''
    const [classId, ...box] = row.trim().split(/\s+/).slice(0, 5).map(Number)
    if (classId === undefined || box.length < 4 || box.some((value) => !Number.isFinite(value))) return []
    return [{ label: rule === 'label-class' ? `class ${classId}` : rule, role: 'finding', box }]
  } catch {
    return []
  }
}

/** A box in pixels of an image, corner and sides, as pictures are drawn: centre and sides as shares of the image. */
export function normalised([x = 0, y = 0, w = 0, h = 0]: number[], size: DatasetImage | undefined): number[] {
  const [width, height] = [Math.max(1, size?.width ?? 1), Math.max(1, size?.height ?? 1)]
  return [(x + w / 2) / width, (y + h / 2) / height, w / width, h / height]
}
