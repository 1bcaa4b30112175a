import { datasetDigests } from '../core/dataset/digest.ts'
import type { Dataset } from '../core/dataset/model.ts'
import { servingDigest } from '../core/detect/serving-digest.ts'
import { type Document, sha256 } from '../core/documents/define.ts'
import { trainRun } from '../core/documents/training.ts'
import { type VerdictLine, verdict } from '../core/documents/verdict.ts'
import { compareEvaluations } from './compare-models.ts'
import { refuseForbidden } from './export.ts'
import { type Evaluated, judgeBy, judged, type Setting, subjectOf } from './model-doctor-judge.ts'
import { buildManifest, refuseOtherTraining } from './release.ts'
import { verifyEvaluation } from './verify-evaluation.ts'

/** What there is to forge: the clean model's evidence, and the data set that it is about. */
type Clean = {
  setting: Setting
  own: Evaluated
  champion: Evaluated
  evidence: readonly Document[]
  /** The data set whole. */
  dataset: Dataset
  /** Absolute path of a validation image, and a copy of it under another name. */
  image: { path: string; copy: string }
  read: (path: string) => Uint8Array
}

/** A lie in the evidence: lines of a verdict that must not pass, or a step that must refuse. */
type EvidenceMutant = { id: string; summary: string; judge: (clean: Clean) => VerdictLine[] | string }

const other = sha256('another model')

export const evidenceMutants: readonly EvidenceMutant[] = [
  {
    id: 'metric-edited',
    summary: 'mAP in the evaluation changed by hand',
    judge: ({ own }) => {
      const { body } = own.document
      const stats = body.coco.stats.map((value, i) => (i === 0 ? value + (value > 0.9 ? -0.1 : 0.1) : value))
      verifyEvaluation({ ...own.document, body: { ...body, coco: { ...body.coco, stats } } }, own.predictionsJson)
      return []
    },
  },
  {
    id: 'predictions-edited',
    summary: 'a score in the predictions file raised by hand',
    judge: ({ own }) => {
      verifyEvaluation(own.document, own.predictionsJson.replace('"score":[', '"score":[0.99,'))
      return []
    },
  },
  {
    id: 'metric-not-a-number',
    summary: 'an evaluation whose mAP is no number',
    judge: ({ setting, own, champion, evidence }) => {
      const { body } = own.document
      const stats = body.coco.stats.map(() => Number.NaN)
      const document = { ...own.document, body: { ...body, coco: { ...body.coco, stats } } }
      return judgeBy(setting, [document, ...evidence.slice(1)], subjectOf(own, champion))
    },
  },
  {
    id: 'other-images',
    summary: 'predictions of other images',
    judge: ({ own, champion }) => {
      const images = own.predictions.images.map((name) => `${name} of another set`)
      compareEvaluations({
        baseline: { name: 'champion', file: 'champion', ...champion },
        candidate: { name: 'candidate', file: 'candidate', ...own, predictions: { ...own.predictions, images } },
        metric: 'map',
        resamples: 100,
        seed: 0,
      })
      return []
    },
  },
  {
    id: 'other-model',
    summary: 'evidence of another model',
    judge: ({ setting, own, champion, evidence }) =>
      judgeBy(setting, evidence, { ...subjectOf(own, champion), model: other, artifact: other }),
  },
  {
    id: 'other-serving',
    summary: 'evidence of the model as it is not served',
    judge: ({ setting, own, champion, evidence }) =>
      judgeBy(setting, evidence, { ...subjectOf(own, champion), serving: servingDigest(swapped(own)) }),
  },
  {
    id: 'comparison-missing',
    summary: 'the comparison with the champion left out',
    judge: ({ setting, own, champion, evidence }) => {
      const rest = evidence.filter(({ kind }) => kind !== 'Comparison')
      return judged(setting, new Set(evidence.map(({ kind }) => kind)), rest, subjectOf(own, champion))
    },
  },
  {
    id: 'released-otherwise',
    summary: 'released with other channels than were judged',
    judge: ({ own, champion, evidence }) => {
      buildManifest(releaseOf(own, champion, evidence))
      return []
    },
  },
  {
    id: 'trained-on-validation',
    summary: 'trained on the validation images too',
    judge: ({ dataset, own }) => {
      const { trainSet, validationSet } = datasetDigests(dataset)
      if (trainSet === undefined || validationSet === undefined) return 'a data set with a train and a val split'
      const all = { ...dataset, images: dataset.images.map((image) => ({ ...image, split: 'train' as const })) }
      const subject = { ...own.document.subject, trainSet: datasetDigests(all).trainSet as string }
      const run = { kind: trainRun.kind, version: trainRun.version, subject, body: null }
      refuseOtherTraining({ trainSet, validationSet }, [run], 'v0.0.0')
      return []
    },
  },
  {
    id: 'calibrated-on-validation',
    summary: 'INT8 calibrated with a validation image under another name',
    judge: ({ image, read }) => {
      refuseForbidden({ read, exists: () => true }, [image.copy], [image.path])
      return []
    },
  },
]

function swapped({ serving }: Evaluated): Evaluated['serving'] {
  return { ...serving, channels: serving.channels === 'RGB' ? 'BGR' : 'RGB' }
}

/** A release of the judged model that is served otherwise. */
function releaseOf(own: Evaluated, champion: Evaluated, evidence: readonly Document[]) {
  const { model = '', artifact = '' } = own.document.subject
  const word = verdict.make(subjectOf(own, champion), {
    policy: 'model',
    verdict: 'pass',
    reason: 'it passed',
    counts: { pass: 1, fail: 0, inconclusive: 0 },
    lines: [],
  })
  return {
    model: 'model',
    version: 'v0.0.0',
    revision: 'HEAD',
    date: '2000-01-01T00:00:00Z',
    verdict: word,
    verdictPath: 'verdict.json',
    dataset: { labels: sha256('labels'), images: null, commit: '' },
    tensors: model,
    classes: [],
    serving: swapped(own),
    artifacts: [{ format: 'onnx', path: 'model.onnx', sha256: artifact, bytes: 0, state: 'gated' }],
    evidence: evidence.map((document) => ({ document, path: document.kind })),
  }
}
