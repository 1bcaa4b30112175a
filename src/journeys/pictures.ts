import type { Dataset } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import type { FindingsBody } from '../core/documents/findings.ts'
import type { SuspiciousBody } from '../core/documents/operational.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { PullRequestReport } from '../core/render/report-input.ts'
import { type Chosen, chooseChanges, chooseDoubts, chooseFindings } from '../steps/choose-pictures.ts'
import { labelsOf, servedBoxes } from '../steps/evaluation-report.ts'
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
  const side = sideOf(at, dataset)
  const wanted = names.slice(0, 4).map((name): WantedPicture => {
    const boxes = [...labelsOf(side, name), ...servedBoxes(side, name, predictions)]
    const caption = 'labels, and what the candidate says at confidence .25'
    return { side, image: name, title: name, caption, boxes }
  })
  return shown(at, { title, chosen: (count) => `${count} of ${names.length}.`, wanted })
}
