import { whatIsBrought } from '../core/compare/drift-units.ts'
import { findSuspicious, type NamedImage } from '../core/compare/suspicious.ts'
import { type Dataset, type DatasetImage, rowStarts } from '../core/dataset/model.ts'
import type { DatasetDiffBody } from '../core/documents/dataset-diff.ts'
import { type DocumentOf, type Subject, sha256 } from '../core/documents/define.ts'
import { suspicious as suspiciousDocument } from '../core/documents/operational.ts'
import { UsageError } from '../core/errors.ts'
import { fromYolo } from '../core/geometry/boxes.ts'
import type { DetectionColumns } from '../core/metrics/columns.ts'
import { seededRandom } from '../core/stats/random.ts'
import type { Progress, Runtime, Serving } from '../ports.ts'
import { checkClasses } from './evaluate-model.ts'
import { type PicturePorts, type Predicted, predictImages } from './predict-images.ts'

export type SuspiciousPorts = PicturePorts & { runtime: Runtime }

export type SuspiciousInput = {
  /** The champion; it should not have trained on these images. */
  artifact: string
  dataset: Dataset
  /** Names of the images to look at, e.g. those a proposal adds or changes; all images unless given. */
  images?: readonly string[]
  serving: Serving
  threads: number
  subject?: Subject
  progress?: Progress
}

/** Labels that a champion disagrees with; returns Suspicious evidence, which warns and never fails. */
export async function suspicious(
  ports: SuspiciousPorts,
  input: SuspiciousInput,
): Promise<DocumentOf<typeof suspiciousDocument>> {
  const { dataset, artifact } = input
  const seen = await seenByChampion(ports, input)
  const subject = input.subject ?? { champion: sha256(ports.storage.read(artifact)) }
  return suspiciousDocument.make(subject, findSuspicious(seen, dataset.classes))
}

const mostTrusted = 150

export type ProposalInput = Omit<SuspiciousInput, 'dataset' | 'images'> & {
  base: Dataset
  /** Its image files are read below its root. */
  head: Dataset
  diff: DatasetDiffBody
}

/**
 * Labels of a proposal that a champion disagrees with. Looked at are added images, and relabelled ones outside the train
 * split: the champion may know the others by heart. Validation images that the proposal leaves alone are trusted.
 */
export async function suspiciousOfProposal(
  ports: SuspiciousPorts,
  input: ProposalInput,
): Promise<DocumentOf<typeof suspiciousDocument>> {
  const { base, head, diff, artifact } = input
  const { added, relabelled } = whatIsBrought(base, head, diff)
  const known = relabelled.filter((pair) => base.images[pair.base]?.split === 'train')
  const wanted = [...added, ...relabelled.filter((pair) => !known.includes(pair)).map((pair) => pair.head)]
  const touched = new Set([...wanted, ...relabelled.map((pair) => pair.head)])
  const inBase = new Set(base.images.map(({ name }) => name))
  const calm = head.images.flatMap(({ split, name }, i) =>
    split === 'val' && !touched.has(i) && inBase.has(name) ? [i] : [],
  )
  const trusted = seededRandom('trusted').shuffle(calm).slice(0, mostTrusted)
  const names = (indices: readonly number[]) => indices.map((i) => (head.images[i] as DatasetImage).name)
  const subject = input.subject ?? { champion: sha256(ports.storage.read(artifact)) }
  const seen =
    wanted.length > 0
      ? await seenByChampion(ports, { ...input, dataset: head, images: names([...wanted, ...trusted]) })
      : []
  const trustedNames = new Set(names(trusted))
  const leftOut = `relabelled training images left out: ${known.length}`
  const body = findSuspicious(
    seen.filter(({ name }) => !trustedNames.has(name)),
    head.classes,
    { trusted: seen.filter(({ name }) => trustedNames.has(name)), ...(known.length > 0 ? { leftOut } : {}) },
  )
  return suspiciousDocument.make(subject, body)
}

/** Labels of the wanted images beside what a champion predicts there. */
export async function seenByChampion(ports: SuspiciousPorts, input: SuspiciousInput): Promise<NamedImage[]> {
  const { dataset, artifact } = input
  const names = input.images && new Set(input.images)
  const wanted = dataset.images.filter((image) => !names || names.has(image.name))
  if (names && wanted.length < names.size) {
    const known = new Set(wanted.map((image) => image.name))
    const missing = [...names].find((name) => !known.has(name))
    throw new UsageError(`there is no image "${missing}" in the data set`, { where: dataset.root })
  }
  const detector = await ports.runtime.load(artifact, input.serving, input.threads)
  try {
    checkClasses(detector, dataset)
    const predicted = await predictImages(ports, detector, dataset, wanted, input.progress)
    return namedImages(dataset, names ?? null, predicted)
  } finally {
    await detector.release()
  }
}

/** Labels and predictions of each wanted image side by side, in its pixels. */
function namedImages(dataset: Dataset, names: ReadonlySet<string> | null, predicted: Predicted): NamedImage[] {
  const start = rowStarts(dataset)
  const { boxes } = dataset
  const byImage = predictionsByImage(predicted.detections, predicted.sizes.length)
  let at = 0
  return dataset.images.flatMap(({ name }, index): NamedImage[] => {
    if (names && !names.has(name)) return []
    const { width, height } = predicted.sizes[at] as { width: number; height: number }
    const labels: NamedImage['labels'] = []
    for (let row = start[index] as number; row < (start[index + 1] as number); row++) {
      const [cx = 0, cy = 0, w = 0, h = 0] = [boxes.cx[row], boxes.cy[row], boxes.w[row], boxes.h[row]]
      labels.push({ ...fromYolo(cx, cy, w, h, width, height), classId: boxes.classId[row] as number })
    }
    return [{ name, width, height, labels, predictions: byImage[at++] as NamedImage['predictions'] }]
  })
}

function predictionsByImage(detections: DetectionColumns, images: number): NamedImage['predictions'][] {
  const found = Array.from({ length: images }, (): NamedImage['predictions'] => [])
  for (let row = 0; row < detections.count; row++) {
    const [x1, y1] = [detections.x[row] as number, detections.y[row] as number]
    found[detections.image[row] as number]?.push({
      x1,
      y1,
      x2: x1 + (detections.w[row] as number),
      y2: y1 + (detections.h[row] as number),
      classId: detections.classId[row] as number,
      score: detections.score[row] as number,
    })
  }
  return found
}
