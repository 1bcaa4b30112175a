import { type FlippedBox, flippedBoxes } from '../core/compare/parity.ts'
import { type DocumentOf, documentId } from '../core/documents/define.ts'
import type { parity } from '../core/documents/operational.ts'
import type { DetectionColumns } from '../core/metrics/columns.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import { type ParityPageInput, renderParityPage } from '../core/render/report/parity-page.ts'
import type { PictureBox } from '../core/render/report-input.ts'
import type { Images } from '../ports.ts'
import { servedAt } from './parity.ts'
import { bringPictures, normalised, type PictureSide, showPictures, type WantedPicture } from './show-pictures.ts'

const mostShown = 24

export type ParitySheet = {
  document: DocumentOf<typeof parity>
  /** Absent when the artefact was not measured: the page then says why. */
  predictions?: [reference: PredictionSet, artifact: PredictionSet]
  side: PictureSide
  about: string
  recompute: string[]
}

/** Boxes that only one of two artefacts finds, as one HTML file with pictures; images with most of them first. */
export async function paritySheet(images: Images, sheet: ParitySheet): Promise<string> {
  const { document, predictions, side, about, recompute } = sheet
  const [ours, theirs] = predictions ?? []
  const flipped = ours && theirs ? flippedBoxes(ours.detections, theirs.detections, ours.images.length, servedAt) : []
  const byImage = [...Map.groupBy(flipped, ({ image }) => image)].sort(
    ([imageA, a], [imageB, b]) => b.length - a.length || imageA - imageB,
  )
  const { reference, artifact } = document.body
  const words: [string, string] = [reference.format, artifact.format]
  const wanted = predictions
    ? byImage.slice(0, mostShown).map(([image, boxes]) => wantedOf(side, predictions, image, boxes, words))
    : []
  const failed = await bringPictures(wanted)
  const { items, missing } = await showPictures(images, wanted)
  const counts: ParityPageInput['counts'] = { vanished: 0, appeared: 0, relabelled: 0, images: byImage.length }
  for (const { kind } of flipped) counts[kind]++
  const why = failed === '' ? 'not at hand or cannot be read' : `could not be fetched (${failed})`
  return renderParityPage({
    about,
    body: document.body,
    counts,
    pictures: {
      title: 'Boxes that only one finds',
      chosen: `${items.length} of ${byImage.length} ${byImage.length === 1 ? 'image' : 'images'} with such boxes, those with most of them first.`,
      items,
    },
    ...(missing > 0 ? { pictureNote: `${missing} pictures are not shown: ${why}.` } : {}),
    digests: [
      { label: 'this comparison', value: documentId(document) },
      { label: reference.format, value: reference.sha256 },
      { label: artifact.format, value: artifact.sha256 },
    ],
    recompute,
  })
}

function wantedOf(
  side: PictureSide,
  [ours, theirs]: [PredictionSet, PredictionSet],
  image: number,
  boxes: FlippedBox[],
  words: [string, string],
): WantedPicture {
  const name = ours.images[image] as string
  const size = side.dataset.images.find((known) => known.name === name)
  const role = { vanished: 'removed', appeared: 'added', relabelled: 'relabelled' } as const
  const drawn = (of: DetectionColumns, key: 'reference' | 'artifact'): PictureBox[] =>
    boxes.flatMap((box) => {
      const row = box[key]
      if (row === null) return []
      const className = ours.classes[of.classId[row] as number] ?? `class ${of.classId[row]}`
      const [x = 0, y = 0, w = 0, h = 0] = [of.x[row], of.y[row], of.w[row], of.h[row]]
      return [{ label: `${className} ${score(of, row)}`, role: role[box.kind], box: normalised([x, y, w, h], size) }]
    })
  const counted = (['vanished', 'appeared', 'relabelled'] as const)
    .map((kind) => ({ kind, count: boxes.filter((box) => box.kind === kind).length }))
    .filter(({ count }) => count > 0)
  return {
    side,
    image: name,
    title: name,
    caption: counted.map(({ kind, count }) => `${count} ${kind}`).join(', '),
    before: drawn(ours.detections, 'reference'),
    boxes: drawn(theirs.detections, 'artifact'),
    words,
  }
}

/** Three digits: what flips lies close to the confidence of the operating point. */
function score(of: DetectionColumns, row: number): string {
  return (of.score[row] as number).toFixed(3)
}
