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
  type Schema,
  severity,
  share,
  text,
} from './schema.ts'

const range: Schema<number[]> = { type: 'array', items: count, minItems: 2, maxItems: 2 }

/** How an object is drawn, in numbers; attributes are those of provenance, a box at a time. */
const labelLimits = object(
  {
    /** Shorter side of a box in pixels at least, measured at `reference`. */
    minimumSide: object({ pixels: number, reference: oneOf('native', 'training'), trainingSize: count }, [
      'trainingSize',
    ]),
    /** Visible share of a box at least: (1 − occlusion) × share of the box inside the picture. */
    minimumVisible: share,
    /** Attribute `occlusion` at most. */
    maximumOcclusion: share,
    maximumPerImage: count,
    /** required: a box within 2 px of the picture's edge carries the attribute `truncated`. */
    truncated: oneOf('required', 'free'),
    /** forbidden: no box over a group; as-ignore: only with the attribute `ignore`. */
    groups: oneOf('forbidden', 'as-ignore', 'free'),
    /** Attributes that every box of the class must have. */
    requires: list(oneOf('occlusion', 'truncated')),
  },
  ['minimumSide', 'minimumVisible', 'maximumOcclusion', 'maximumPerImage', 'truncated', 'groups', 'requires'],
)
export type LabelLimits = typeof labelLimits extends Schema<infer T> ? T : never

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
            object(
              {
                /** Short and stable; findings and the exemplar folder speak of it. */
                id: name,
                class: name,
                include: text,
                occlusion: text,
                truncation: text,
                smallObjects: text,
                limits: labelLimits,
                /** 1 to 20 pictures that show the rule, paths relative to the repository. */
                exemplars: list(name, { minItems: 1, maxItems: 20 }),
              },
              ['id', 'occlusion', 'truncation', 'smallObjects', 'limits', 'exemplars'],
            ),
          ),
        },
        ['polygons', 'rules'],
      ),
      splits: object(
        { groupBy: list(oneOf('scene', 'video', 'camera', 'uploader', 'hash')), val: share, test: share },
        ['test'],
      ),
      validation: object(
        {
          /** Whose boxes may judge; no model's ever. */
          sources: list(oneOf('human', 'simulated-human')),
          /** Reviews that every validation box has behind it at least; 1 where it is left out. */
          reviewPass: count,
          /** Stands for provenance that a legacy validation set lacks; counts only in a signed spec. */
          attestation: text,
        },
        ['reviewPass', 'attestation'],
      ),
      provenance: object({ required: list(name) }),
      /** Drift that this version intends; with it the declared direction is what is checked. */
      expects: list(object({ measure: name, direction: oneOf('up', 'down', 'any'), reason: name })),
      /** How much data there should be, [at least, at most] images or boxes of each class at least. */
      targets: object(
        {
          seedImages: range,
          poolImages: range,
          validationImages: range,
          perClassTraining: count,
          perClassValidation: count,
        },
        ['seedImages', 'poolImages', 'validationImages', 'perClassTraining', 'perClassValidation'],
      ),
      /** Who agreed, when, and to what: the SHA-256 of the spec without this block (`sluice sign` writes it). */
      signedOff: object({ by: list(name, { minItems: 1 }), on: date, digest }, ['digest']),
    },
    ['labels', 'provenance', 'expects', 'targets', 'signedOff', 'validation'],
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
            /** Only these classes, a line for each: the critical ones. */
            classes: list(name, { minItems: 1, maxItems: 200 }),
            /** lower: the lower bound of the estimate must reach the floor; point (as if left out): the estimate. */
            bound: oneOf('point', 'lower'),
            /** What is compared with: champion or control; a device for latency; a format for parity. */
            target: text,
            /** Fewer independent units than this (scenes, images, process runs) decide nothing. */
            minimumUnits: count,
            whenInconclusive: oneOf('hold', 'report'),
          },
          [
            'measure',
            'atLeast',
            'atMost',
            'margin',
            'perClass',
            'classes',
            'bound',
            'target',
            'minimumUnits',
            'whenInconclusive',
          ],
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
      /** Who must have built a release, by attestations that GitHub keeps. */
      attestations: object(
        {
          required: flag,
          /** Workflow of the repository itself that builds releases; .github/workflows/release.yml where it is left out. */
          workflow: { type: 'string', pattern: '^[.]github/workflows/[A-Za-z0-9._-]+[.]ya?ml$' } as Schema<string>,
          /** Branch that it must have run for; main where it is left out. */
          branch: name,
          /** Whether runners of one's own may have built it; else hosted ones alone. */
          selfHosted: flag,
        },
        ['workflow', 'branch', 'selfHosted'],
      ),
    },
    ['rules', 'gates', 'rollout', 'attestations'],
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

const side = object({ measure: oneOf('width', 'height', 'area'), below: share })
const listedBox = object({ image: name, box: list(number, { minItems: 4, maxItems: 4 }) })

/** A class map that changes: every name of `from` is in `to` as it is, or one operation says what becomes of it. */
export const classMigration = defineDocument(
  'ClassMigration',
  1,
  'How class names change, and labels with them',
  object(
    {
      name,
      reason: text,
      /** All class names in the order of their ids, before and after. */
      from: list(name, { minItems: 1 }),
      to: list(name, { minItems: 1 }),
      operations: list(
        object(
          {
            rename: name,
            merge: list(name, { minItems: 1 }),
            to: name,
            delete: name,
            split: name,
            /** Boxes of the class that is split that are listed, or that are smaller than this, become `to`. */
            boxes: list(listedBox),
            when: side,
            /** What the other boxes of the class that is split become. */
            otherwise: name,
          },
          ['rename', 'merge', 'to', 'delete', 'split', 'boxes', 'when', 'otherwise'],
        ),
      ),
      /** Said when names that stay change their order among each other. */
      reorder: flag,
    },
    ['reason', 'operations', 'reorder'],
  ),
)
export type ClassMigrationBody = BodyOf<typeof classMigration>

/** Held verdicts that a code owner takes responsibility for; a fail is never accepted. */
export const acceptances = defineDocument(
  'Acceptances',
  1,
  'Held verdicts that were accepted for a time',
  object({ acceptances: list(object({ verdict: digest, reason: name, owner: name, expires: date })) }),
)
export type Acceptance = BodyOf<typeof acceptances>['acceptances'][number]

/** A declaration as it is written, and where it was read, for messages. */
export type DeclaredText = { yaml: string; file: string }
