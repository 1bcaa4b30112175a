import { type BodyOf, defineDocument } from './define.ts'
import { anything, count, digest, list, map, name, nullable, number, object, oneOf, text, verdict } from './schema.ts'

/** Everything a release consists of, by digest; the annotated tag's message carries this document's id. */
export const releaseManifest = defineDocument(
  'ReleaseManifest',
  1,
  'What a release consists of',
  object({
    model: name,
    version: text,
    dataset: object({ labels: digest, images: nullable(digest), commit: text }),
    tensors: digest,
    classes: list(text),
    /** Part of the artefact's identity: another preprocessing is another artefact. */
    preprocessing: object({ size: count, channels: oneOf('RGB', 'BGR'), letterbox: count, scale: number }),
    postprocessing: object({ confidence: number, iou: number, maxDetections: count, nms: text }),
    artifacts: list(object({ format: name, path: text, sha256: digest, bytes: count, state: text })),
    evidence: list(object({ kind: name, id: digest, path: text })),
    verdict,
  }),
)
export type ReleaseManifestBody = BodyOf<typeof releaseManifest>

/** What runs in one environment; changed only by promotion pull requests. */
export const channel = defineDocument(
  'Channel',
  1,
  'What runs in one environment',
  object({
    channel: name,
    model: name,
    version: text,
    manifest: digest,
    artifact: digest,
    /** Earlier versions, newest first, for a rollback. */
    history: list(object({ version: text, manifest: digest, reason: text })),
  }),
)
export type ChannelBody = BodyOf<typeof channel>

const look = object({
  step: text,
  requests: count,
  champion: map(number),
  challenger: map(number),
  statistic: number,
  low: number,
  high: number,
  decision: oneOf('continue', 'advance', 'rollback', 'pause'),
  reason: text,
})

/** Where a rollout stands; a pure function of its events. */
export const rolloutState = defineDocument(
  'RolloutState',
  1,
  'Where a rollout stands',
  object({
    channel: name,
    champion: text,
    challenger: text,
    phase: oneOf('shadow', 'canary', 'promoted', 'rolled-back', 'paused'),
    /** Share of answered traffic that the challenger gets, 0 to 1. */
    weight: number,
    step: count,
    looks: list(look),
    reason: text,
    events: list(anything),
  }),
)
export type RolloutStateBody = BodyOf<typeof rolloutState>
