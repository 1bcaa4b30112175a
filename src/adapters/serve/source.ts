import { readFileSync } from 'node:fs'
import { servingDigest } from '../../core/detect/serving-digest.ts'
import { sha256 } from '../../core/documents/define.ts'
import { parseEvidence } from '../../core/documents/parse.ts'
import { type ReleaseManifestBody, releaseManifest } from '../../core/documents/release.ts'
import { UsageError } from '../../core/errors.ts'
import type { Serving } from '../../ports.ts'
import { readText } from '../files.ts'
import type { ModelSource } from './arm.ts'

export const defaultServing: Serving = {
  imageSize: 160,
  channels: 'RGB',
  confidence: 0.25,
  iou: 0.7,
  maxDetections: 300,
  multiLabel: false,
}

/** The artefact, served as its release says; without a manifest as `serving` says. UsageError when they do not fit. */
export function readSource(artifact: string, manifest?: string, serving: Serving = defaultServing): ModelSource {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(artifact)
  } catch (error) {
    throw new UsageError('the model cannot be read', { where: artifact, mend: 'check the path', cause: error })
  }
  const digest = sha256(bytes)
  if (manifest === undefined) return { artifact, digest, version: digest.slice(0, 12), serving }
  const { body, subject } = parseEvidence(releaseManifest, readText(manifest), manifest)
  if (!body.artifacts.some((item) => item.sha256 === digest)) {
    throw new UsageError(`the manifest of ${body.model} ${body.version} names no artefact with digest ${digest}`, {
      where: manifest,
      mend: 'serve the artefact that was released',
    })
  }
  const served = servingOf(body)
  if (subject.serving !== undefined && subject.serving !== servingDigest(served)) {
    throw new UsageError(`the manifest of ${body.model} ${body.version} names other settings than it was made with`, {
      where: manifest,
      mend: 'serve the manifest as sluice release wrote it; another serving is another release',
    })
  }
  return { artifact, digest, version: body.version, serving: served }
}

/** How a release says that it is served. */
function servingOf(manifest: ReleaseManifestBody): Serving {
  const { preprocessing, postprocessing } = manifest
  return {
    imageSize: preprocessing.size,
    channels: preprocessing.channels,
    confidence: postprocessing.confidence,
    servedConfidence: postprocessing.confidence,
    padding: preprocessing.letterbox,
    scale: preprocessing.scale,
    ...(preprocessing.fit ? { fit: preprocessing.fit } : {}),
    iou: postprocessing.iou,
    maxDetections: postprocessing.maxDetections,
    multiLabel: postprocessing.nms === 'multi-label',
    ...(postprocessing.suppression ? { suppression: postprocessing.suppression } : {}),
  }
}
