import { rowStarts } from '../core/dataset/model.ts'
import { type Document, type DocumentOf, documentId } from '../core/documents/define.ts'
import type { attribution, comparison, EvaluationBody } from '../core/documents/evaluation.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import { type ComparePageInput, renderComparePage } from '../core/render/report/compare-page.ts'
import type { PictureBox } from '../core/render/report-input.ts'
import type { Images } from '../ports.ts'
import { bringPictures, type PictureSide, showPictures, type WantedPicture } from './show-pictures.ts'

type Arm = { document: Document<'Evaluation', EvaluationBody>; predictions: PredictionSet }

export type EvaluationReport = {
  title: string
  baseline: Arm & { name: 'champion' | 'control' }
  candidate: Arm
  comparison: DocumentOf<typeof comparison>
  attribution?: DocumentOf<typeof attribution>
  /** Where the pictures are; null shows none. */
  side: PictureSide | null
  /** Why it shows none, where none may be shown. */
  withheld?: string
  recompute: string[]
}

const mostShown = 8
/** Boxes below are not served, so not drawn. */
const served = 0.25

/** Two evaluations and their comparison as one HTML file; only pictures of flips that are shown are read. */
export async function evaluationReport(images: Images, report: EvaluationReport): Promise<string> {
  const { baseline, candidate, comparison: compared, attribution: split, side } = report
  const { fixed, broken } = compared.body.flips
  const groups = [
    { title: `Broken: right with the ${baseline.name}, wrong with the candidate`, names: broken },
    { title: `Fixed: wrong with the ${baseline.name}, right with the candidate`, names: fixed },
  ].map(({ title, names }) => ({
    title,
    all: names.length,
    wanted: side ? names.slice(0, mostShown).map((name) => flipPicture(side, name, baseline, candidate)) : [],
  }))
  const failed = await bringPictures(groups.flatMap(({ wanted }) => wanted))
  const pictures: ComparePageInput['pictures'] = []
  let missing = 0
  for (const { title, all, wanted } of groups) {
    const shown = await showPictures(images, wanted)
    missing += shown.missing
    pictures.push({ title, chosen: `${shown.items.length} of ${all}, most mistakes first.`, items: shown.items })
  }
  const documents = [baseline.document, candidate.document, compared, ...(split ? [split] : [])]
  const names = [baseline.name, 'candidate', 'comparison', 'attribution']
  const note = side
    ? missing > 0 && `${missing} pictures are not shown: ${failed || 'not at hand or cannot be read'}.`
    : fixed.length + broken.length > 0 && (report.withheld ?? 'No pictures: --data names the folder that they lie in.')
  return renderComparePage({
    title: report.title,
    evaluations: [
      { name: baseline.name, body: baseline.document.body },
      { name: 'candidate', body: candidate.document.body },
    ],
    comparisons: [compared.body],
    ...(split ? { attribution: split.body } : {}),
    pictures,
    ...(note ? { pictureNote: note } : {}),
    digests: documents.map((document, i) => ({ label: names[i] ?? '', value: documentId(document) })),
    recompute: report.recompute,
  })
}

/** Labels and what each model serves, the baseline's view beside the candidate's. */
function flipPicture(
  side: PictureSide,
  name: string,
  baseline: EvaluationReport['baseline'],
  candidate: Arm,
): WantedPicture {
  const truth = labelsOf(side, name)
  return {
    side,
    image: name,
    title: name,
    caption: `labels, and what each model says at confidence ${served.toFixed(2).slice(1)}`,
    words: [baseline.name, 'candidate'],
    before: [...truth, ...servedBoxes(side, name, baseline.predictions)],
    boxes: [...truth, ...servedBoxes(side, name, candidate.predictions)],
  }
}

/** Labels of an image by name; none when it is not in the data set. */
export function labelsOf({ dataset }: PictureSide, name: string): PictureBox[] {
  const index = dataset.images.findIndex((image) => image.name === name)
  if (index < 0) return []
  const start = rowStarts(dataset)
  const { cx, cy, w, h, classId } = dataset.boxes
  const boxes: PictureBox[] = []
  for (let row = start[index] ?? 0; row < (start[index + 1] ?? 0); row++) {
    const label = dataset.classes[classId[row] ?? 0] ?? ''
    boxes.push({ label, role: 'truth', box: [cx[row] ?? 0, cy[row] ?? 0, w[row] ?? 0, h[row] ?? 0] })
  }
  return boxes
}

/** Boxes that a model serves on an image, normalised; none where the image's size is not known. */
export function servedBoxes(
  { dataset }: PictureSide,
  name: string,
  { images, detections, classes }: PredictionSet,
): PictureBox[] {
  const image = dataset.images.find((known) => known.name === name)
  const at = images.indexOf(name)
  if (!image || image.width === 0 || image.height === 0) return []
  const { width, height } = image
  const boxes: PictureBox[] = []
  for (let row = 0; row < detections.count; row++) {
    const score = detections.score[row] ?? 0
    if (detections.image[row] !== at || score < served) continue
    const [x = 0, y = 0, w = 0, h = 0] = [detections.x[row], detections.y[row], detections.w[row], detections.h[row]]
    const box = [(x + w / 2) / width, (y + h / 2) / height, w / width, h / height]
    boxes.push({ label: `${classes[detections.classId[row] ?? 0] ?? ''} ${score.toFixed(2)}`, role: 'prediction', box })
  }
  return boxes
}
