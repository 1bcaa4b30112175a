import { boxesWithoutPartner, fewEnough, inferenceTolerance, otherTruth } from '../core/compare/inference-again.ts'
import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { type Suppression, suppressions } from '../core/detect/suppression.ts'
import { type DocumentOf, documentId } from '../core/documents/define.ts'
import type { evaluation } from '../core/documents/evaluation.ts'
import type { ReleaseManifestBody } from '../core/documents/release.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions, type PredictionSet } from '../core/metrics/predictions-file.ts'
import type { Serving } from '../ports.ts'
import type { Bundle } from './bundle.ts'
import type { Champion } from './champion.ts'
import type { Checking, CheckLine } from './check-lines.ts'
import { type InferPorts, inferOnce } from './infer-again.ts'
import type { ReadArm } from './promotion-arms.ts'
import type { Claim } from './promotion-claim.ts'
import { scoreDetections } from './score-detections.ts'

type Ports = InferPorts & {
  championArtifact: (of: { model: string; version: string; digest: string }) => Promise<string>
}
type Evaluated = DocumentOf<typeof evaluation>

const other = (what: string) =>
  new EvidenceError(what, {
    reason: 'other-subject',
    mend: 'evaluate and release again; evidence is never made by hand',
  })

/**
 * Runs every artefact that is kept over the validation images again, and compares with what the bundle says it found. An
 * arm whose artefact is not kept is taken as it is said only where no gate reads its boxes. Returns the evaluations whose
 * boxes were found again, by id.
 */
export async function checkInference(
  ports: Ports,
  { check, add }: Pick<Checking, 'check' | 'add'>,
  input: {
    bundle: Bundle
    claim: Claim
    champion: Champion | null
    files: ReadonlyMap<string, { path: string }>
    data: Dataset
    arms: readonly ReadArm[]
  },
): Promise<Set<string>> {
  const { bundle, claim, champion, files, data, arms } = input
  const { artifact } = claim.channel
  const inferred = new Set<string>()
  const infer = inferOnce(ports, data)
  // The candidate first: its pictures and labels are what those of all others must be.
  const rank = ({ document: { subject } }: ReadArm) => (subject.artifact === artifact ? 0 : subject.artifact ? 1 : 2)
  let truth: PredictionSet | null = null
  for (const { document, role, gates } of arms.toSorted((a, b) => rank(a) - rank(b))) {
    const digest = artifactOf(document, champion)
    const ran = digest === champion?.artifact ? 'champion' : (role ?? 'another arm')
    const name = `inference: ${digest === artifact ? 'candidate' : ran} ${documentId(document).slice(0, 12)}`
    const stated = () => statedPredictions(bundle, document)
    const isChampion = champion !== null && digest === champion.artifact && digest !== artifact
    const kept = files.get(digest ?? '')?.path ?? null
    if (kept === null && !isChampion && truth) {
      const known: PredictionSet = truth
      const same = await check(`${name}: labels`, async () => [refuseOtherTruth(stated(), known), true])
      if (same) add(notKept(name, digest, gates))
      continue
    }
    const found = await check(name, async () => {
      refuseOtherSet(document, data)
      const serving = servingOf(document, claim.manifest.body)
      const bring = async () =>
        isChampion
          ? ports.championArtifact({ ...champion.manifest, digest: champion.artifact })
          : (kept ?? Promise.reject(other('its artefact is not kept')))
      const again = await infer(digest ?? '', serving, bring)
      return [compareInference(document, stated(), again), again]
    })
    if (found) inferred.add(documentId(document))
    truth ??= found
  }
  return inferred
}

/** What an arm without its artefact comes to: nothing can rest on it. */
function notKept(check: string, digest: string | null, gates: readonly string[]): CheckLine {
  if (gates.length === 0) {
    const reason = 'its artefact is not kept and no gate reads its boxes, so that they are taken as they are said'
    return { check, verdict: 'pass', proof: 'stated', reason }
  }
  const which = digest === null ? 'it names no artefact' : `its artefact ${digest.slice(0, 12)} is not kept`
  const reason = `${which}, and ${gates.join(', ')} read its boxes; keep its ONNX with the release’s artefacts`
  return { check, verdict: 'inconclusive', proof: 'again', reason }
}

function artifactOf({ subject }: Evaluated, champion: Champion | null): string | null {
  if (subject.artifact !== undefined) return subject.artifact
  return champion && subject.model === champion.manifest.tensors ? champion.artifact : null
}

function statedPredictions({ predictions }: Bundle, { body }: Evaluated): PredictionSet {
  const text = predictions.get(body.predictions?.sha256 ?? '')
  if (text === undefined) throw new EvidenceError('its predictions are not in the bundle', { reason: 'absent' })
  return decodePredictions(text, body.predictions?.file ?? 'predictions.json')
}

function refuseOtherSet({ subject }: Evaluated, data: Dataset): void {
  const { validationSet } = datasetDigests(data)
  if (validationSet !== undefined && subject.validationSet === validationSet) return
  throw other(
    `it is about validation set ${subject.validationSet?.slice(0, 12)}, the data has ${validationSet?.slice(0, 12)}`,
  )
}

/** The settings of the release, with the thresholds that were scored from; they must be those that evidence is about. */
function servingOf({ body, subject }: Evaluated, { preprocessing, postprocessing }: ReleaseManifestBody): Serving {
  const { size, channels, letterbox, scale, fit } = preprocessing
  const { suppression, ...served } = body.served
  const method = suppressions.find((one) => one === suppression)
  const serving: Serving = {
    ...{ imageSize: size, channels, padding: letterbox, scale, ...served },
    ...(fit === undefined ? {} : { fit }),
    ...(method === undefined ? {} : { suppression: method satisfies Suppression }),
    servedConfidence: postprocessing.confidence,
  }
  if (servingDigest(serving) === subject.serving) return serving
  throw other('it was evaluated with other settings than the manifest names')
}

function refuseOtherTruth(stated: PredictionSet, again: PredictionSet): string {
  const differs = otherTruth(stated, again)
  if (differs) throw other(`the bundle has other ${differs} than the data`)
  return `${stated.images.length} images with the labels of the data`
}

function compareInference({ body }: Evaluated, stated: PredictionSet, again: PredictionSet): string {
  refuseOtherTruth(stated, again)
  const boxes = boxesWithoutPartner(stated.detections, again.detections, again.images.length, body.served.confidence)
  if (!fewEnough(boxes)) {
    throw other(`of ${boxes.asked} boxes the artefact does not find ${boxes.stated}, and finds ${boxes.again} others`)
  }
  const { scores } = scoreDetections({ ...again, classNames: again.classes })
  for (const key of ['map', 'map50'] as const) {
    const [now, then] = [scores.ultralytics[key], body.ultralytics[key]]
    if (Math.abs(now - then) > inferenceTolerance.metric) {
      throw other(`the artefact has ${key} ${now.toFixed(4)}, the bundle says ${then.toFixed(4)}`)
    }
  }
  const { asked, stated: lost, again: won } = boxes
  return `${again.images.length} images, ${asked} boxes, ${lost + won} without partner, mAP ${scores.ultralytics.map.toFixed(4)}`
}
