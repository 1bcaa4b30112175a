import { type BodyOf, defineDocument } from './define.ts'
import { count, digest, estimate, flag, list, map, name, number, object, oneOf, text } from './schema.ts'

const arm = object({
  name,
  p50Ms: number,
  p95Ms: number,
  p99Ms: number,
  imagesPerSecond: number,
  peakMemoryMiB: number,
  runs: count,
})

/** Latency of baseline and candidate, interleaved ABBA in fresh processes; ratios, since a machine's milliseconds are its own. */
export const latency = defineDocument(
  'Latency',
  1,
  'Latency of two models on one target, interleaved',
  object(
    {
      target: name,
      protocol: object({ order: text, runsPerArm: count, imagesPerRun: count, warmUp: count, threads: count }),
      arms: list(arm),
      /** Candidate over baseline. */
      ratioP50: estimate,
      ratioP95: estimate,
      /** Parts of one image's way, milliseconds at the median. */
      partsMs: object({ decode: number, preprocess: number, inference: number, postprocess: number }),
      noise: object({ betweenRunsCv: number, noisy: flag }),
      /** Milliseconds of every run, for the distribution chart. */
      samples: map(list(number)),
      /** What the milliseconds and ratios above are of; absent: the wall clock. */
      clock: oneOf('wall', 'processor'),
    },
    ['clock'],
  ),
)
export type LatencyBody = BodyOf<typeof latency>

/** Whether the artefact that ships gives the boxes that were gated. */
export const parity = defineDocument(
  'Parity',
  1,
  'A deployed artefact against the trained model',
  object({
    reference: object({ format: name, sha256: digest }),
    artifact: object({ format: name, sha256: digest, bytes: count }),
    state: oneOf('measured', 'exported, not measured'),
    images: count,
    boxes: object({
      reference: count,
      artifact: count,
      matched: count,
      flipped: count,
      maxCornerPx: number,
      maxScore: number,
    }),
    /** Artefact minus reference, mAP50-95. */
    map: object({ reference: number, artifact: number, difference: estimate }),
    notes: list(text),
  }),
)
export type ParityBody = BodyOf<typeof parity>

/** Labels that the champion disagrees with; warnings, never errors. */
export const suspicious = defineDocument(
  'Suspicious',
  1,
  'New labels that the champion disagrees with',
  object({
    images: count,
    boxes: count,
    flagged: count,
    items: list(
      object({
        image: text,
        issue: oneOf('overlooked', 'badly-located', 'swapped'),
        score: number,
        className: text,
        predictedClass: text,
        confidence: number,
        box: list(number),
        predicted: list(number),
      }),
    ),
    byClass: list(object({ className: text, boxes: count, flagged: count })),
    method: text,
  }),
)
export type SuspiciousBody = BodyOf<typeof suspicious>

/** How far the new version's distribution is from the old one's. */
export const drift = defineDocument(
  'Drift',
  1,
  'How far one version of a data set is from the one before',
  object({
    measures: list(
      object(
        { name, unit: text, value: number, low: number, high: number, limit: number, exceeded: flag, detail: text },
        ['low', 'high', 'detail'],
      ),
    ),
    shares: list(object({ className: text, before: number, after: number })),
    /** Drift that the proposal says it intends. */
    declared: list(text),
    notes: list(text),
  }),
)
export type DriftBody = BodyOf<typeof drift>
