import { type BodyOf, defineDocument } from './define.ts'
import {
  count,
  digest,
  estimate,
  flag,
  list,
  map,
  name,
  nullable,
  number,
  object,
  oneOf,
  share,
  text,
} from './schema.ts'

/** A quantile within one run; an end is null where the run has too few images for it. */
const ranked = object({ value: number, low: nullable(number), high: nullable(number) })
const parts = object({ decode: number, preprocess: number, inference: number, postprocess: number })

const arm = object(
  {
    name,
    p50Ms: number,
    p95Ms: number,
    p99Ms: number,
    /** One after the other, from picture in memory to boxes. */
    imagesPerSecond: number,
    /** Most memory that any of its processes held, model, pictures and runtime included. */
    peakMemoryMiB: number,
    runs: count,
    /** Parts of one image's way, milliseconds at the median. */
    partsMs: parts,
    /** From the file's bytes to boxes, decoding included, milliseconds at the median. */
    endToEndMs: number,
    /** From the artefact's path to the first answer. */
    loadMs: number,
    artifactBytes: count,
    /** Of the run with the middle median: order-statistic 95 % intervals over its images. */
    withinRun: object({ p50: ranked, p95: ranked, p99: ranked }),
    /** Images a second of several processes at once, each with a picture at a time. */
    streams: object({ count, imagesPerSecond: number }),
  },
  ['partsMs', 'endToEndMs', 'loadMs', 'artifactBytes', 'withinRun', 'streams'],
)

/** One-sided bounds of a ratio that hold whichever of the planned looks is taken; null where the runs are too few. */
const bounds = object({ lower99: nullable(number), upper95: nullable(number) })

/** Latency of baseline and candidate, interleaved ABBA in fresh processes; ratios, since a machine's milliseconds are its own. */
export const latency = defineDocument(
  'Latency',
  1,
  'Latency of two models on one target, interleaved',
  object(
    {
      /** What gates ask for: a name that people chose, or the machine in words. */
      target: name,
      /** What it was really taken on, whatever the target is called. */
      machine: object({
        system: text,
        processor: text,
        cores: count,
        runtime: text,
        provider: oneOf('cpu', 'cuda', 'tensorrt'),
        threads: count,
      }),
      protocol: object(
        {
          order: text,
          runsPerArm: count,
          imagesPerRun: count,
          warmUp: count,
          threads: count,
          /** Looks that were planned and share the error of the bounds. */
          looks: count,
          /** Runs an arm at each look that was taken. */
          lookedAfter: list(count),
        },
        ['looks', 'lookedAfter'],
      ),
      arms: list(arm),
      /** Candidate over baseline. */
      ratioP50: estimate,
      ratioP95: estimate,
      /** Parts of one image's way, milliseconds at the median. */
      partsMs: parts,
      noise: object(
        {
          betweenRunsCv: number,
          noisy: flag,
          /** Share of processor time that another guest of the host took. */
          stealShare: share,
          /** Load average over all runs: waiting and running threads, this measurement's own included. */
          load: object({ least: number, most: number }),
          clockMHz: object({ least: number, most: number }),
          /** Share of time in which a quota kept the process from running. */
          throttledShare: share,
          /** What of it is unusual, in words. */
          signs: list(text),
        },
        ['stealShare', 'load', 'clockMHz', 'throttledShare', 'signs'],
      ),
      /** Milliseconds of every run, for the distribution chart. */
      samples: map(list(number)),
      /** What the milliseconds and ratios above are of; absent: the wall clock. */
      clock: oneOf('wall', 'processor'),
      /** Slower is said when lower99 is above `margin`, not slower when upper95 is below a policy's limit. */
      bounds: object({ p50: bounds, p95: bounds, margin: number, method: text }),
      /** Runs an arm that find a slowdown of 5 % with a power of 0.9 at the spread of these; null where they are too few to tell. */
      runsToFind: object({ p50: nullable(count), p95: nullable(count) }),
    },
    ['machine', 'clock', 'bounds', 'runsToFind'],
  ),
)
export type LatencyBody = BodyOf<typeof latency>

/** Whether the artefact that ships gives the boxes that were gated. */
export const parity = defineDocument(
  'Parity',
  1,
  'A deployed artefact against the trained model',
  object(
    {
      reference: object({ format: name, sha256: digest }),
      artifact: object(
        {
          format: name,
          sha256: digest,
          bytes: count,
          /** Of the images that INT8 was calibrated with, as the file says. */
          calibration: digest,
        },
        ['calibration'],
      ),
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
      /** Why it could not be run here, and what would settle it. */
      unmeasured: object({ why: text, settle: text }),
      /** Outputs of the networks before anything is left out, over the first images of an even spread. */
      tensors: object({ images: count, maxPx: number, meanPx: number, maxScore: number, meanScore: number }),
    },
    ['unmeasured', 'tensors'],
  ),
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

const direction = oneOf('up', 'down')

/** How far what a proposal adds or relabels is from the base version. */
export const drift = defineDocument(
  'Drift',
  1,
  'How far what a proposal adds or relabels is from the base version',
  object(
    {
      measures: list(
        object(
          {
            name,
            /** Added images against all of the base, or relabelled images against their former labels. */
            of: oneOf('added', 'relabelled'),
            unit: text,
            /** Effect size, and the least that is worth a look. */
            value: number,
            low: number,
            high: number,
            limit: number,
            /** Effect and significance: the verdict is drift. */
            exceeded: flag,
            p: share,
            /** After Holm's correction over all measures. */
            adjustedP: share,
            verdict: oneOf('drift', 'inconclusive', 'info', 'none'),
            direction,
            /** Medians, or shares of a class. */
            before: number,
            after: number,
            /** Images that would settle an inconclusive measure; null when the base is too small for any number. */
            settles: nullable(count),
            detail: text,
          },
          ['of', 'low', 'high', 'p', 'adjustedP', 'verdict', 'direction', 'before', 'after', 'settles', 'detail'],
        ),
      ),
      /** Of all boxes of both versions; `added` of what the proposal adds. */
      shares: list(object({ className: text, before: number, after: number, added: number }, ['added'])),
      /** Names of measures whose drift the proposal says it intends. */
      declared: list(text),
      /** What came of each declared expectation. */
      expects: list(
        object({
          measure: text,
          direction: oneOf('up', 'down', 'any'),
          reason: text,
          outcome: oneOf('met', 'opposite', 'absent', 'open', 'unmeasured'),
        }),
      ),
      /** Images, and independent units among them: scenes or videos where provenance tells. */
      compared: object({
        unit: oneOf('image', 'scene'),
        base: object({ images: count, units: count }),
        added: object({ images: count, units: count }),
        relabelled: object({ images: count, units: count }),
      }),
      notes: list(text),
    },
    ['expects', 'compared'],
  ),
)
export type DriftBody = BodyOf<typeof drift>
