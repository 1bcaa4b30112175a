import { type BodyOf, defineDocument } from './define.ts'
import {
  anything,
  count,
  digest,
  list,
  map,
  name,
  nullable,
  number,
  object,
  oneOf,
  share,
  text,
  verdict,
} from './schema.ts'

/** Agreement with another artefact, measured offline on the validation set: what a rollout may expect to see. */
const expected = object({
  champion: digest,
  images: count,
  /** Mean share of the champion's confident boxes that this release has no box for, over images that have any. */
  lost: share,
  /** Share of this release's confident boxes that the champion has no box for. */
  gained: share,
})

/** Everything a release consists of, by digest; the annotated tag's message carries this document's id. */
export const releaseManifest = defineDocument(
  'ReleaseManifest',
  1,
  'What a release consists of',
  object(
    {
      model: name,
      version: text,
      dataset: object({ labels: digest, images: nullable(digest), commit: text }),
      tensors: digest,
      classes: list(text),
      /** Part of the artefact's identity: another preprocessing is another artefact. */
      preprocessing: object(
        {
          size: count,
          channels: oneOf('RGB', 'BGR'),
          /** Grey level around the picture. */
          letterbox: count,
          scale: number,
          /** With its proportions kept unless it says stretch. */
          fit: oneOf('letterbox', 'stretch'),
        },
        ['fit'],
      ),
      postprocessing: object(
        {
          confidence: number,
          iou: number,
          maxDetections: count,
          nms: text,
          /** Greedy unless another method is named. */
          suppression: oneOf('greedy', 'agnostic', 'diou', 'soft-linear', 'soft-gaussian', 'matrix'),
        },
        ['suppression'],
      ),
      artifacts: list(
        object(
          {
            format: name,
            path: text,
            sha256: digest,
            bytes: count,
            state: text,
            /** Of the images that INT8 was calibrated with. */
            calibration: digest,
          },
          ['calibration'],
        ),
      ),
      evidence: list(object({ kind: name, id: digest, path: text })),
      verdict,
      expected,
      /** What was released although the verdict is about something else, and what was said for it. */
      overrides: list(object({ what: oneOf('serving'), judged: nullable(digest), reason: text })),
    },
    ['expected', 'overrides'],
  ),
)
export type ReleaseManifestBody = BodyOf<typeof releaseManifest>

/** What runs in one environment; changed only by promotion pull requests. */
export const channel = defineDocument(
  'Channel',
  1,
  'What runs in one environment',
  object(
    {
      channel: name,
      model: name,
      version: text,
      manifest: digest,
      artifact: digest,
      /** SHA-256 of the file with the release's evidence. */
      bundle: digest,
      /** Earlier versions, newest first, for a rollback. */
      history: list(
        object({ version: text, manifest: digest, artifact: digest, bundle: digest, reason: text }, [
          'artifact',
          'bundle',
        ]),
      ),
    },
    ['bundle'],
  ),
)
export type ChannelBody = BodyOf<typeof channel>

/** One measure at one look, with bounds that hold at every look at once. */
const measured = object({
  measure: name,
  n: count,
  value: number,
  low: number,
  high: number,
  limit: number,
  judged: oneOf('harm', 'safe', 'open'),
})

const look = object(
  {
    step: text,
    requests: count,
    champion: map(number),
    challenger: map(number),
    /** The measure that decides, or that is furthest from deciding. */
    statistic: number,
    low: number,
    high: number,
    decision: oneOf('continue', 'advance', 'rollback', 'pause'),
    reason: text,
    at: number,
    measures: list(measured),
  },
  ['at', 'measures'],
)

/** Something that must be done outside; kept until it is reported done, so that a crash loses nothing. */
const effect = object({ id: name, type: oneOf('route', 'promote', 'rollback'), weight: number, reason: text })

/** Where a rollout stands; a pure function of its events. */
export const rolloutState = defineDocument(
  'RolloutState',
  1,
  'Where a rollout stands',
  object(
    {
      channel: name,
      champion: text,
      challenger: text,
      phase: oneOf('shadow', 'canary', 'promoted', 'rolled-back', 'paused'),
      /** Share of answered traffic that the challenger gets, 0 to 1. */
      weight: number,
      /** 0 is the shadow, 1 the first canary step. */
      step: count,
      looks: list(look),
      reason: text,
      events: list(anything),
      /** Digests of the artefacts; a look at any others counts for nothing. */
      artifacts: object({ champion: text, challenger: text }),
      /** Effects that were asked for and are not known to be done. */
      pending: list(effect),
      /** Where this step began: time in seconds and the router's counters then; null before its first look. */
      since: nullable(object({ at: number, epoch: text, answered: count, pairs: anything })),
      /** Stretches of evidence begun so far; each spends its own part of alpha. */
      windows: count,
      /** Looks in a row without data. */
      missed: count,
      /** Measured before release; null when it was not. */
      expected: nullable(share),
    },
    ['artifacts', 'pending', 'since', 'missed', 'expected', 'windows'],
  ),
)
export type RolloutStateBody = BodyOf<typeof rolloutState>
