import { type Document, type DocumentOf, sha256 } from '../core/documents/define.ts'
import { evaluation } from '../core/documents/evaluation.ts'
import { isSound } from '../core/documents/parse.ts'
import type { ReleaseManifestBody } from '../core/documents/release.ts'
import { trainRun } from '../core/documents/training.ts'
import type { verdict as verdictKind } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'
import { decodePredictions } from '../core/metrics/predictions-file.ts'
import { agreementOf } from '../core/rollout/expected.ts'
import type { Serving } from '../ports.ts'
import { predictionsOf } from './bundle.ts'
import type { ReleaseInput } from './release.ts'

type NamedDocument = { document: Document; path: string }
export type Candidate = {
  verdict: DocumentOf<typeof verdictKind>
  verdictPath: string
  evidence: NamedDocument[]
  /** Files beside the evidence by name: weights, artefact, predictions. */
  files: Map<string, Uint8Array>
}
type Champion = { artifact: string; manifest: { tensors: string } }

/** A judged candidate as the input of a release; its files must be those that were judged, by digest. */
export function candidateRelease(
  candidate: Candidate,
  given: {
    model: string
    version: string
    commit: string
    date: string
    serving: Serving
    champion: Champion | null
    predictions: Map<string, string>
  },
): ReleaseInput {
  const { verdict, verdictPath, evidence, files } = candidate
  const { commit, champion, predictions, date, ...named } = given
  const { model: tensors = '', artifact = '', labels, images = null } = verdict.subject
  if (labels === undefined) throw otherThan('the verdict does not say which labels it is about')
  const documents = evidence.map(({ document }) => document)
  const run = documents.find((one) => isSound(trainRun, one) && one.body.tensors === tensors)
  const weights = run && isSound(trainRun, run) ? run.body.files.find(({ role }) => role === 'last') : undefined
  const scored = documents.find((one) => isSound(evaluation, one) && one.subject.model === tensors)
  if (!weights || !scored || !isSound(evaluation, scored)) {
    throw otherThan('neither a training run nor an evaluation of the judged model is among the evidence')
  }
  const expected = champion && expectedOf(documents, predictions, tensors, champion)
  return {
    ...named,
    ...{ revision: commit, date, verdict, verdictPath, evidence, tensors },
    dataset: { labels, images, commit },
    classes: scored.body.classes,
    artifacts: [
      item(files, 'onnx', 'last.onnx', artifact, 'gated'),
      item(files, 'pytorch', weights.path, weights.sha256, 'trained'),
    ],
    ...(expected ? { expected } : {}),
  }
}

/** Prediction files of the evaluations by their digest. */
export function predictionsIn({ evidence, files }: Pick<Candidate, 'evidence' | 'files'>): Map<string, string> {
  const found = new Map<string, string>()
  for (const { document, path } of evidence) {
    const digest = predictionsOf(document)
    if (digest === null || !isSound(evaluation, document)) continue
    const bytes = files.get(document.body.predictions?.file ?? '')
    if (!bytes || sha256(bytes) !== digest) throw otherThan(`the predictions of ${path} are not beside it`)
    found.set(digest, new TextDecoder().decode(bytes))
  }
  return found
}

function item(
  files: Candidate['files'],
  format: string,
  path: string,
  digest: string,
  state: string,
): ReleaseManifestBody['artifacts'][number] {
  const bytes = files.get(path)
  if (bytes && sha256(bytes) === digest) return { format, path, sha256: digest, bytes: bytes.length, state }
  throw otherThan(`${path} is not the file that was judged (${digest.slice(0, 12)})`)
}

/** What a rollout may expect to lose against this champion, from predictions on the validation images. */
function expectedOf(
  documents: readonly Document[],
  predictions: Map<string, string>,
  tensors: string,
  champion: Champion,
): ReleaseManifestBody['expected'] | null {
  const of = (model: string) => {
    const found = documents.find((one) => isSound(evaluation, one) && one.subject.model === model)
    const text = found && predictions.get(predictionsOf(found) ?? '')
    return text ? decodePredictions(text, 'the predictions') : null
  }
  const [before, after] = [of(champion.manifest.tensors), of(tensors)]
  const agreement = before && after && agreementOf(before, after)
  return agreement && { champion: champion.artifact, ...agreement }
}

function otherThan(what: string): EvidenceError {
  return new EvidenceError(what, { reason: 'other-subject', mend: 'train and judge again' })
}
