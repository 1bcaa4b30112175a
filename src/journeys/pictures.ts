import { type Dataset, type DatasetImage, rowStarts } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { SuspiciousBody } from '../core/documents/operational.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { PictureBox, PullRequestReport } from '../core/render/report-input.ts'
import { type Chosen, chooseChanges, chooseDoubts, chooseFindings } from '../steps/choose-pictures.ts'
import { type PictureSide, showPictures, type WantedPicture } from '../steps/show-pictures.ts'
import type { Workspace } from './workspace.ts'

type Group = PullRequestReport['pictures'][number]

function sideOf({ tools: { storage }, data }: Workspace, dataset: Dataset): PictureSide {
  return {
    dataset,
    read: (file) => (storage.exists(`${data}/${file}`) ? storage.read(`${data}/${file}`) : null),
  }
}

async function shown(at: Workspace, { title, chosen, wanted }: Chosen): Promise<Group> {
  const { items } = await showPictures(at.tools.images, wanted)
  return { title, chosen: chosen(items.length), items }
}

/** The worst findings that have a picture, the first of each rule before the second of any. */
export async function findingPictures(at: Workspace, dataset: Dataset, body: FindingsBody): Promise<Group> {
  return shown(at, chooseFindings(sideOf(at, dataset), body, 8))
}

/** New and changed images: those whose labels changed most, and some at random by the head commit. */
export async function changePictures(
  at: Workspace,
  dataset: Dataset,
  body: DatasetDiffBody,
  seed: string,
): Promise<Group> {
  return shown(at, chooseChanges(sideOf(at, dataset), null, body, seed, 3))
}

/** Labels in doubt beside the champion's view, worst first. */
export async function doubtPictures(at: Workspace, dataset: Dataset, body: SuspiciousBody): Promise<Group> {
  return shown(at, chooseDoubts(sideOf(at, dataset), body))
}

/** Images that the candidate breaks or fixes: truth and what it says at confidence .25. */
export async function flipPictures(
  at: Workspace,
  dataset: Dataset,
  names: readonly string[],
  predictions: PredictionSet,
  title: string,
): Promise<Group> {
  const start = rowStarts(dataset)
  const side = sideOf(at, dataset)
  const wanted = names.slice(0, 4).map((name): WantedPicture => {
    const index = dataset.images.findIndex((image) => image.name === name)
    const image = dataset.images[index]
    const boxes: PictureBox[] = []
    for (let row = start[index] ?? 0; row < (start[index + 1] ?? 0); row++) {
      const { cx, cy, w, h, classId } = dataset.boxes
      const label = dataset.classes[classId[row] ?? 0] ?? ''
      boxes.push({ label, role: 'truth', box: [cx[row] ?? 0, cy[row] ?? 0, w[row] ?? 0, h[row] ?? 0] })
    }
    if (image) boxes.push(...predictedBoxes(predictions, name, image))
    const caption = 'labels, and what the candidate says at confidence .25'
    return { side, image: name, title: name, caption, boxes }
  })
  return shown(at, { title, chosen: (count) => `${count} of ${names.length}.`, wanted })
}

function predictedBoxes(
  { images, detections, classes }: PredictionSet,
  name: string,
  image: DatasetImage,
): PictureBox[] {
  const at = images.indexOf(name)
  const boxes: PictureBox[] = []
  for (let row = 0; row < detections.count; row++) {
    const score = detections.score[row] ?? 0
    if (detections.image[row] !== at || score < 0.25) continue
    const [x = 0, y = 0, w = 0, h = 0] = [detections.x[row], detections.y[row], detections.w[row], detections.h[row]]
    const box = [(x + w / 2) / image.width, (y + h / 2) / image.height, w / image.width, h / image.height]
    boxes.push({ label: `${classes[detections.classId[row] ?? 0] ?? ''} ${score.toFixed(2)}`, role: 'prediction', box })
  }
  return boxes
}
