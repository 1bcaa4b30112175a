import type { Dataset } from '../core/dataset/model.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions, encodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Runtime, Serving, Storage } from '../ports.ts'
import { checkClasses, predictSplit } from './evaluate-model.ts'
import type { PicturePorts } from './predict-images.ts'

export type InferPorts = { runtime: Runtime; images: PicturePorts['images']; storage: Pick<Storage, 'read'> }

const threads = 2
/** Candidate, control and champion with a dozen seeds each: a bundle is somebody's claim, and each takes its time. */
const mostInferences = 32

/** Infers with each artefact once for the settings, whatever number of evaluations is of it. */
export function inferOnce(ports: InferPorts, data: Dataset) {
  const done = new Map<string, PredictionSet>()
  return async (digest: string, serving: Serving, bring: () => Promise<string>): Promise<PredictionSet> => {
    const key = `${digest} ${servingDigest(serving)} ${serving.confidence}`
    const known = done.get(key)
    if (known) return known
    if (done.size >= mostInferences) {
      throw new EvidenceError(`more than ${mostInferences} artefacts are not run`, {
        reason: 'absent',
        mend: 'release with fewer seeds',
      })
    }
    const again = await inferAgain(ports, await bring(), serving, data)
    done.set(key, again)
    return again
  }
}

async function inferAgain(
  ports: InferPorts,
  artifact: string,
  serving: Serving,
  data: Dataset,
): Promise<PredictionSet> {
  const detector = await ports.runtime.load(artifact, serving, threads)
  try {
    checkClasses(detector, data)
    // Rounded as the stated ones are.
    return decodePredictions(encodePredictions(await predictSplit(ports, detector, data, 'val')), 'inferred again')
  } finally {
    await detector.release()
  }
}
