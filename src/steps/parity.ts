import { compareModels } from '../core/compare/models.ts'
import { compareBoxes } from '../core/compare/parity.ts'
import { compareTensors } from '../core/compare/tensors.ts'
import type { Dataset, Split } from '../core/dataset/model.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import type { DocumentOf, Subject } from '../core/documents/define.ts'
import { parity as parityDocument } from '../core/documents/operational.ts'
import { NotRunnableError, UsageError } from '../core/errors.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Detector, OutputTensor, Progress, Runtime, Serving, Storage } from '../ports.ts'
import { identifyArtifact } from './artifact-files.ts'
import { checkClasses, predictSplit } from './evaluate-model.ts'
import { spread } from './export.ts'
import type { PicturePorts } from './predict-images.ts'

/** Confidence at which boxes are compared one by one, unless another is given. */
export const servedAt = 0.25

type ParityPorts = PicturePorts & {
  runtime: Runtime
  storage: Pick<Storage, 'read' | 'exists'> & Partial<Pick<Storage, 'list'>>
  /** Runs the artefact; the runtime unless given. */
  artifactRuntime?: Runtime
}

export type ParityInput = {
  /** The artefact whose boxes were gated. */
  reference: { format: string; artifact: string }
  /** What would ship. */
  artifact: { format: string; artifact: string }
  dataset: Dataset
  split: Exclude<Split, 'none'>
  /** Confidence below which mAP still counts boxes, e.g. 0.001. */
  serving: Serving
  /** Confidence at which boxes are compared one by one. */
  operatingConfidence?: number
  threads: number
  resamples?: number
  seed?: number
  subject?: Subject
  progress?: Progress
  /** Images whose outputs are compared number by number; 0 unless given. */
  tensors?: number
  /** Predictions of the reference on this split, when they are known already. */
  referencePredictions?: PredictionSet
  /** Those of the artefact, when they are known already. */
  artifactPredictions?: PredictionSet
}

export type MeasuredParity = {
  document: DocumentOf<typeof parityDocument>
  /** What both found, in that order; absent when the artefact could not be run here. */
  predictions?: [reference: PredictionSet, artifact: PredictionSet]
}

/** Runs both artefacts on the same images and says how far boxes, scores and mAP part; returns Parity evidence. */
export async function parity(ports: ParityPorts, input: ParityInput): Promise<DocumentOf<typeof parityDocument>> {
  return (await measureParity(ports, input)).document
}

/** Parity with the predictions it was made from; an artefact that cannot be run here is `exported, not measured`. */
export async function measureParity(ports: ParityPorts, input: ParityInput): Promise<MeasuredParity> {
  const { reference, artifact, operatingConfidence = servedAt } = input
  const known = identifyArtifact(ports.storage, artifact.artifact)
  const sides = {
    reference: { format: reference.format, sha256: identifyArtifact(ports.storage, reference.artifact).sha256 },
    artifact: { format: artifact.format, ...known },
  }
  const subject = { ...(input.subject ?? { artifact: known.sha256 }), serving: servingDigest(input.serving) }
  const measured = await predictBoth(ports, input)
  if (measured instanceof NotRunnableError) {
    const { message: why, mend: settle = 'run it where it can be run' } = measured
    return { document: parityDocument.make(subject, { ...sides, ...nothing, unmeasured: { why, settle } }) }
  }
  const { first, second, calibration, tensors } = measured
  if (first.images.length !== second.images.length || first.images.some((name, i) => name !== second.images[i])) {
    throw new UsageError('the predictions of the reference are of other images than this split', {
      where: input.dataset.root,
      mend: 'evaluate the reference on this split again',
    })
  }
  const compared = compareModels({
    truth: first.truth,
    baseline: first.detections,
    candidate: second.detections,
    clusters: clustersOf(first.scenes),
    classNames: first.classes,
    imageNames: first.images,
    resamples: input.resamples ?? 1000,
    seed: input.seed ?? 0,
    names: { baseline: reference.format, candidate: artifact.format },
  })
  const { baseline, candidate, difference } = compared.overall
  const document = parityDocument.make(subject, {
    ...sides,
    artifact: { ...sides.artifact, ...(calibration ? { calibration } : {}) },
    state: 'measured',
    images: first.images.length,
    boxes: compareBoxes(first.detections, second.detections, first.images.length, operatingConfidence),
    map: { reference: baseline, artifact: candidate, difference },
    ...(tensors ? { tensors } : {}),
    notes: [`Boxes are compared above confidence ${operatingConfidence}, pairs of one class from IoU 0.5.`],
  })
  return { document, predictions: [first, second] }
}

/** Numbers of an artefact that was not run; every reader asks for the state first. */
const nothing = {
  state: 'exported, not measured' as const,
  images: 0,
  boxes: { reference: 0, artifact: 0, matched: 0, flipped: 0, maxCornerPx: 0, maxScore: 0 },
  map: { reference: 0, artifact: 0, difference: { value: 0 } },
  notes: [],
}

/** Predictions of both sides; the artefact is opened first, so that one that cannot be run costs no other work. */
async function predictBoth(ports: ParityPorts, input: ParityInput) {
  const { reference, artifact, tensors: wanted = 0, dataset, split, progress } = input
  let theirs: Detector | null = null
  let ours: Detector | null = null
  try {
    if (!input.artifactPredictions || wanted > 0) {
      try {
        theirs = await (ports.artifactRuntime ?? ports.runtime).load(artifact.artifact, input.serving, input.threads)
      } catch (error) {
        if (error instanceof NotRunnableError) return error
        throw error
      }
      checkClasses(theirs, dataset)
    }
    if (!input.referencePredictions || wanted > 0) {
      ours = await ports.runtime.load(reference.artifact, input.serving, input.threads)
      checkClasses(ours, dataset)
    }
    const first = input.referencePredictions ?? (await predictSplit(ports, ours as Detector, dataset, split, progress))
    const second =
      input.artifactPredictions ?? (await predictSplit(ports, theirs as Detector, dataset, split, progress))
    const tensors = ours && theirs && wanted > 0 ? await tensorsOf(ports, input, ours, theirs) : null
    return { first, second, calibration: input.artifactPredictions ? null : (theirs?.calibration ?? null), tensors }
  } finally {
    await theirs?.release()
    await ours?.release()
  }
}

async function tensorsOf(
  ports: ParityPorts,
  { dataset, split, tensors = 0 }: ParityInput,
  ours: Detector,
  theirs: Detector,
) {
  if (!ours.tensor || !theirs.tensor) return null
  const pairs: [OutputTensor, OutputTensor][] = []
  const files = dataset.images.filter((image) => image.split === split).map(({ file }) => file)
  for (const file of spread(files, tensors)) {
    const picture = await ports.images.decode(ports.storage.read(`${dataset.root}/${file}`))
    pairs.push([await ours.tensor(picture), await theirs.tensor(picture)])
  }
  return compareTensors(pairs)
}

/** Scene of every image as a number from 0, in order of first appearance. */
function clustersOf(scenes: readonly string[]): Int32Array {
  const numbers = new Map<string, number>()
  return Int32Array.from(scenes, (scene) => {
    const known = numbers.get(scene) ?? numbers.size
    numbers.set(scene, known)
    return known
  })
}
