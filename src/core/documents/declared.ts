import { type BodyOf, defineDocument } from './define.ts'
import {
  anything,
  count,
  date,
  digest,
  flag,
  list,
  map,
  name,
  number,
  object,
  oneOf,
  severity,
  share,
  text,
} from './schema.ts'

/** What data must be: facts only; every limit lives in gates/. */
export const datasetSpec = defineDocument(
  'DatasetSpec',
  1,
  'What a data set must be',
  object(
    {
      name,
      /** Folder with images/ and labels/, relative to the repository. */
      path: text,
      format: oneOf('yolo', 'coco', 'voc'),
      classes: list(name, { minItems: 1 }),
      labels: object(
        {
          polygons: flag,
          rules: list(
            object({ class: name, include: text, occlusion: text, truncation: text, smallObjects: text }, [
              'occlusion',
              'truncation',
              'smallObjects',
            ]),
          ),
        },
        ['polygons', 'rules'],
      ),
      splits: object({ groupBy: list(oneOf('scene', 'video', 'camera', 'hash')), val: share, test: share }, ['test']),
      validation: object({ sources: list(text), attestation: text }, ['attestation']),
      provenance: object({ required: list(name) }),
      /** Drift that this version intends; with it the declared direction is what is checked. */
      expects: list(object({ measure: name, direction: oneOf('up', 'down', 'any'), reason: name })),
      signedOff: object({ by: list(name), on: date }),
    },
    ['labels', 'provenance', 'expects', 'signedOff', 'validation'],
  ),
)
export type DatasetSpecBody = BodyOf<typeof datasetSpec>

/** How a model is made. */
export const pipeline = defineDocument(
  'Pipeline',
  1,
  'How a model is made',
  object(
    {
      name,
      trainer: oneOf('ultralytics'),
      role: oneOf('champion', 'candidate', 'smoke', 'export'),
      /** Model definition, a file beside the pipeline, or weights of an earlier run. */
      model: text,
      seed: count,
      threads: count,
      imageSize: count,
      epochs: count,
      /** Fixed update budget, so that one control arm serves every proposal; overrides epochs when given. */
      updates: count,
      arguments: map(anything),
      smoke: object({ images: count, limitMap50: share, limitFall: share, limitShuffledMap50: share }),
    },
    ['updates', 'arguments', 'smoke'],
  ),
)
export type PipelineBody = BodyOf<typeof pipeline>

/** What evidence suffices. `rules` sets severities of data set rules, `gates` the lines of a verdict. */
export const gatePolicy = defineDocument(
  'GatePolicy',
  1,
  'What evidence suffices',
  object(
    {
      name,
      rules: map(object({ severity: oneOf('error', 'warning', 'info', 'off'), limit: number }, ['severity', 'limit'])),
      gates: list(
        object(
          {
            gate: name,
            evidence: name,
            measure: text,
            atLeast: number,
            atMost: number,
            margin: number,
            perClass: flag,
            /** What is compared with: champion or control; a device for latency; a format for parity. */
            target: text,
            /** Fewer independent units than this (scenes, images, process runs) decide nothing. */
            minimumUnits: count,
            whenInconclusive: oneOf('hold', 'report'),
          },
          ['measure', 'atLeast', 'atMost', 'margin', 'perClass', 'target', 'minimumUnits', 'whenInconclusive'],
        ),
      ),
      rollout: object(
        {
          shadow: object({ minimumRequests: count, minimumSeconds: number }),
          steps: list(share),
          minimumRequests: count,
          /** Of a canary step; the shadow has its own. */
          minimumSeconds: number,
          /** A step that is still undecided here pauses for a human. */
          maximumRequests: count,
          maximumSeconds: number,
          alpha: share,
          /** By measure: lost, failures, latency, flood. */
          margins: map(number),
        },
        ['minimumSeconds', 'maximumRequests', 'maximumSeconds'],
      ),
    },
    ['rules', 'gates', 'rollout'],
  ),
)
export type GatePolicyBody = BodyOf<typeof gatePolicy>

/** Findings that are known and accepted for a time. */
export const waivers = defineDocument(
  'Waivers',
  1,
  'Findings that are accepted for a time',
  object({
    waivers: list(
      object({ rule: name, file: text, fingerprint: text, severity, reason: text, owner: name, expires: date }, [
        'file',
        'fingerprint',
        'severity',
      ]),
    ),
  }),
)
export type WaiversBody = BodyOf<typeof waivers>

/** Held verdicts that a code owner takes responsibility for; a fail is never accepted. */
export const acceptances = defineDocument(
  'Acceptances',
  1,
  'Held verdicts that were accepted for a time',
  object({ acceptances: list(object({ verdict: digest, reason: name, owner: name, expires: date })) }),
)
export type Acceptance = BodyOf<typeof acceptances>['acceptances'][number]
