import { type Document, documentId } from '../core/documents/define.ts'
import { type EvaluationBody, evaluation } from '../core/documents/evaluation.ts'
import { compareVersions, manifestIdOf, parseGtoTag } from '../core/documents/gto-tags.ts'
import { type LatencyBody, latency } from '../core/documents/operational.ts'
import { problemsOf } from '../core/documents/parse.ts'
import { type ReleaseManifestBody, releaseManifest } from '../core/documents/release.ts'
import { type TrainRunBody, trainRun } from '../core/documents/training.ts'
import { meanRate } from '../core/metrics/mean-rate.ts'
import type { ReleaseHistory, ReleaseRecord } from '../core/render/report/history-input.ts'
import type { Git } from '../ports.ts'

/** Where documents may lie: by id and no other way, so that what is found is what was judged. */
export type EvidenceSource = {
  /** The document of that id, if any place has it; `release` says whose files may be asked for. */
  find: (id: string, release: { model: string; version: string; path: string }) => Promise<Document | null>
  /** The places, for people. */
  places: string[]
}

/** Every release whose tag fits the pattern, oldest first, with what its evidence tells; what is missing is said. */
export async function releaseHistory(
  git: Pick<Git, 'tags'>,
  source: EvidenceSource,
  pattern: string,
): Promise<ReleaseHistory> {
  const models = new Map<string, ReleaseRecord[]>()
  for (const { name, commit, message } of await git.tags(pattern)) {
    const parsed = parseGtoTag(name)
    if (parsed?.kind !== 'version' || parsed.removed) continue
    const { model, version } = parsed
    const record = await recordOf(source, { tag: name, model, version, commit, message })
    models.set(model, [...(models.get(model) ?? []), record])
  }
  return {
    models: [...models]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([model, releases]) => ({
        model,
        releases: releases.sort((a, b) => compareVersions(a.version, b.version)),
      })),
    searched: source.places,
  }
}

type Tag = { tag: string; model: string; version: string; commit: string; message: string }

async function recordOf(source: EvidenceSource, { tag, model, version, commit, message }: Tag): Promise<ReleaseRecord> {
  const record: ReleaseRecord = {
    ...{ tag, version, commit, labels: null, trainImages: null, validation: null, map: null, map50: null },
    ...{
      interval: null,
      map50Interval: null,
      recall: null,
      ece: null,
      perClass: [],
      latency: null,
      verdict: null,
      missing: [],
    },
  }
  const id = manifestIdOf(message)
  if (id === null) return { ...record, missing: ['its tag names no manifest'] }
  const manifest = await source.find(id, { model, version, path: '' })
  if (!manifest) return { ...record, missing: [`its manifest ${id.slice(0, 12)} was not found`] }
  if (manifest.kind !== 'ReleaseManifest' || problemsOf(releaseManifest, manifest.body).length > 0) {
    return { ...record, missing: ['its manifest is not one'] }
  }
  const body = manifest.body as ReleaseManifestBody
  record.verdict = body.verdict
  record.labels = body.dataset.labels
  const ask = async (kind: string, fits: (document: Document) => boolean = () => true): Promise<Document | null> => {
    const named = body.evidence.filter((item) => item.kind === kind)
    if (named.length === 0) record.missing.push(`no ${kind} was among its evidence`)
    let lost = ''
    for (const item of named) {
      const found = await source.find(item.id, { model, version, path: item.path })
      if (found?.kind === kind && fits(found)) return found
      if (!found) lost = `${kind} ${item.id.slice(0, 12)} (${item.path}) was not found`
    }
    if (lost !== '') record.missing.push(lost)
    return null
  }
  const ofModel = ({ subject }: Document) => subject.model === undefined || subject.model === body.tensors
  const evaluated = await ask('Evaluation', ofModel)
  if (evaluated && problemsOf(evaluation, evaluated.body).length === 0) {
    takeEvaluation(record, evaluated.body as EvaluationBody, evaluated.subject.validationSet ?? null)
  }
  const measured = await ask('Latency')
  if (measured && problemsOf(latency, measured.body).length === 0) takeLatency(record, measured.body as LatencyBody)
  const trained = await ask('TrainRun', ({ body: run }) => (run as TrainRunBody).tensors === body.tensors)
  if (trained && problemsOf(trainRun, trained.body).length === 0) {
    record.trainImages = (trained.body as TrainRunBody).images.train
  }
  return record
}

function takeEvaluation(record: ReleaseRecord, body: EvaluationBody, set: string | null): void {
  const { mapInterval } = body
  record.validation = { set, images: body.images, scenes: body.scenes }
  record.map = body.coco.stats[0] ?? null
  record.map50 = body.coco.stats[1] ?? null
  record.interval = mapInterval?.overall.map ?? null
  record.map50Interval = mapInterval?.overall.map50 ?? null
  const interval = body.rateInterval?.overall.recall ?? null
  record.recall = { value: meanRate(body.perClass, 'recall'), ...body.operatingPoint, interval }
  // A gap over no detection is no calibration.
  record.ece = body.calibration && body.calibration.detections > 0 ? body.calibration.ece : null
  record.perClass = body.perClass.map(({ className, ap, boxes }) => ({
    className,
    ap,
    boxes,
    interval: mapInterval?.perClass.find((item) => item.className === className)?.map ?? null,
  }))
  if (!mapInterval) record.missing.push('its evaluation has no interval; evaluate it again for one')
}

function takeLatency(record: ReleaseRecord, { target, ratioP50 }: LatencyBody): void {
  record.latency = { target, value: ratioP50.value, low: ratioP50.low ?? null, high: ratioP50.high ?? null }
}

/** A document of any kind from JSON, with its id; null when it is none. */
export function documentOf(text: string): { id: string; document: Document } | null {
  try {
    const value = JSON.parse(text) as Document | null
    if (typeof value?.kind !== 'string' || typeof value.subject !== 'object' || typeof value.body !== 'object')
      return null
    return { id: documentId(value), document: value }
  } catch {
    return null
  }
}
