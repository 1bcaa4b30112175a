import { compareModels } from '../core/compare/models.ts'
import { compareBoxes } from '../core/compare/parity.ts'
import type { Dataset, Split } from '../core/dataset/model.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { type DocumentOf, type Subject, sha256 } from '../core/documents/define.ts'
import { parity as parityDocument } from '../core/documents/operational.ts'
import { UsageError } from '../core/errors.ts'
import type { PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Progress, Runtime, Serving } from '../ports.ts'
import { checkClasses, predictSplit } from './evaluate-model.ts'
import type { PicturePorts } from './predict-images.ts'

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
  /** Predictions of the reference on this split, when they are known already. */
  referencePredictions?: PredictionSet
  /** Those of the artefact, when they are known already. */
  artifactPredictions?: PredictionSet
}

/** Runs both artefacts on the same images and says how far boxes, scores and mAP part; returns Parity evidence. */
export async function parity(
  ports: PicturePorts & { runtime: Runtime },
  input: ParityInput,
): Promise<DocumentOf<typeof parityDocument>> {
  const { reference, artifact, operatingConfidence = 0.25 } = input
  const first = input.referencePredictions ?? (await predict(ports, reference.artifact, input)).predictions
  const { predictions: second, calibration } = input.artifactPredictions
    ? { predictions: input.artifactPredictions, calibration: null }
    : await predict(ports, artifact.artifact, input)
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
  const bytes = ports.storage.read(artifact.artifact)
  const digests = { reference: sha256(ports.storage.read(reference.artifact)), artifact: sha256(bytes) }
  return parityDocument.make(
    { ...(input.subject ?? { artifact: digests.artifact }), serving: servingDigest(input.serving) },
    {
      reference: { format: reference.format, sha256: digests.reference },
      artifact: {
        format: artifact.format,
        sha256: digests.artifact,
        bytes: bytes.length,
        ...(calibration ? { calibration } : {}),
      },
      state: 'measured',
      images: first.images.length,
      boxes: compareBoxes(first.detections, second.detections, first.images.length, operatingConfidence),
      map: {
        reference: compared.overall.baseline,
        artifact: compared.overall.candidate,
        difference: compared.overall.difference,
      },
      notes: [`Boxes are compared above confidence ${operatingConfidence}, pairs of one class from IoU 0.5.`],
    },
  )
}

async function predict(
  ports: PicturePorts & { runtime: Runtime },
  artifact: string,
  { dataset, split, serving, threads, progress }: ParityInput,
): Promise<{ predictions: PredictionSet; calibration: string | null }> {
  const detector = await ports.runtime.load(artifact, serving, threads)
  try {
    checkClasses(detector, dataset)
    const predictions = await predictSplit(ports, detector, dataset, split, progress)
    return { predictions, calibration: detector.calibration ?? null }
  } finally {
    await detector.release()
  }
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
