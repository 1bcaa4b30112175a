import { type BodyOf, defineDocument } from './define.ts'
import { count, digest, estimate, flag, list, map, name, nullable, number, object, oneOf, text } from './schema.ts'

/** COCO numbers: -1 where there is no ground truth. */
const coco = object({ stats: list(number, { minItems: 12, maxItems: 12 }), perClass: map(number) })
const ultralytics = object({
  map50: number,
  map: number,
  precision: number,
  recall: number,
  f1: number,
  perClass: map(object({ p: number, r: number, f1: number, ap50: number, ap: number })),
})
const perClass = object({
  className: text,
  images: count,
  boxes: count,
  ap: number,
  ap50: number,
  precision: number,
  recall: number,
  f1: number,
})

const bounds = object({ lower95: number, upper99: number })
/** Null where fewer than two units tell nothing. */
const singleBounds = nullable(bounds)
const rateBounds = { precision: singleBounds, recall: singleBounds, f1: singleBounds }

/** How good a model is on one validation set, on predictions as they would be served. */
export const evaluation = defineDocument(
  'Evaluation',
  1,
  'How good a model is on one validation set',
  object(
    {
      coco,
      ultralytics,
      images: count,
      scenes: count,
      classes: list(text),
      perClass: list(perClass),
      /** Operating point of precision, recall, F1 and the confusion matrix. */
      operatingPoint: object({ confidence: number, iou: number }),
      /** Rows: truth, then background; columns: prediction, then missed. */
      confusion: list(list(count)),
      /** Per class, precision at 101 recall levels at IoU 0.5. */
      curves: list(object({ className: text, precision: list(number) })),
      /** Per class, at confidences 0, .01, … .99 and IoU 0.5, when all below is dropped; precision −1 where nothing is left. */
      byConfidence: list(object({ className: text, precision: list(number), recall: list(number) })),
      /** Mean AP by slice, e.g. by camera; tooFew where its images, boxes or scenes are under the least support. */
      slices: list(
        object(
          {
            slice: text,
            value: text,
            images: count,
            boxes: count,
            scenes: count,
            map: number,
            map50: number,
            tooFew: flag,
          },
          ['boxes', 'scenes', 'tooFew'],
        ),
      ),
      /** As served: one class a box, thresholds, NMS. */
      served: object({ confidence: number, iou: number, maxDetections: count, multiLabel: flag, suppression: text }, [
        'suppression',
      ]),
      /** simulated-human, human, or unknown: who drew the validation labels. */
      labelSource: text,
      /** The predictions that were scored, beside the document. */
      predictions: nullable(object({ file: text, sha256: digest })),
      /** Error types at IoU 0.5 (TIDE): how many, and the AP50 that mending each alone would win. */
      errors: list(object({ type: text, count, loss: number })),
      /** Confidence against precision, at IoU 0.5; the temperature is fitted on half of the scenes. */
      calibration: object(
        {
          ece: number,
          mce: number,
          detections: count,
          floor: number,
          bins: list(object({ low: number, high: number, detections: count, confidence: number, precision: number })),
          temperature: object({ value: number, before: number, after: number }),
        },
        ['temperature'],
      ),
      /** How sure AP itself is, of this model alone: one-sided bounds by a bootstrap of scenes. */
      mapInterval: object({
        unit: oneOf('scene', 'image'),
        units: count,
        resamples: count,
        seed: count,
        overall: object({ map: singleBounds, map50: singleBounds }),
        perClass: list(object({ className: text, units: count, map: singleBounds, map50: singleBounds })),
      }),
      /** How sure the rates at the operating point are, of this model alone; overall is the mean over the classes. */
      rateInterval: object({
        unit: oneOf('scene', 'image'),
        units: count,
        resamples: count,
        seed: count,
        overall: object(rateBounds),
        perClass: list(object({ className: text, units: count, ...rateBounds })),
      }),
      notes: list(text),
      /** What ran the model, where it was not the processor. */
      provider: oneOf('cuda', 'tensorrt'),
    },
    ['byConfidence', 'errors', 'calibration', 'mapInterval', 'rateInterval', 'notes', 'provider'],
  ),
)
export type EvaluationBody = BodyOf<typeof evaluation>

const difference = object(
  {
    className: text,
    baseline: number,
    candidate: number,
    difference: estimate,
    /** One-sided: what gates decide by. The difference is above the first with 95 %, below the second with 99 %. */
    bounds,
  },
  ['bounds'],
)

/** Candidate minus baseline on the same images: paired, clustered by scene. */
export const comparison = defineDocument(
  'Comparison',
  1,
  'Two models compared on the same images',
  object(
    {
      baseline: name,
      candidate: name,
      metric: oneOf('map', 'map50'),
      unit: oneOf('scene', 'image'),
      units: count,
      images: count,
      resamples: count,
      seed: count,
      /** Training seeds an arm, where there are several. */
      seeds: object({ baseline: count, candidate: count }),
      /** With several seeds: the variance of the overall difference that comes from the drawn units, and from seeds. */
      variance: object({ units: number, seeds: number }),
      overall: difference,
      perClass: list(difference),
      /** By camera, source, size of object, …: groups with enough support, with the standard error over units. */
      slices: list(
        object({
          slice: text,
          value: text,
          images: count,
          boxes: count,
          units: count,
          baseline: number,
          candidate: number,
          difference: number,
          standardError: number,
        }),
      ),
      /** Images that the candidate fixes and breaks, worst first. */
      flips: object({ fixed: list(name), broken: list(name) }),
      notes: list(text),
    },
    ['seeds', 'slices', 'variance'],
  ),
)
export type ComparisonBody = BodyOf<typeof comparison>

const effect = object({ difference: estimate, bounds }, ['bounds'])

/** Where a change of mAP comes from; the effects, in their order, add up to the whole. */
export const attribution = defineDocument(
  'Attribution',
  1,
  'Where a change of mAP comes from',
  object({
    from: number,
    to: number,
    total: effect,
    /** labels: old images, new labels; yardstick: new images; training and data, or model where there is no control arm. */
    effects: list(
      object({ effect: oneOf('labels', 'yardstick', 'training', 'data', 'model'), difference: estimate, bounds }, [
        'bounds',
      ]),
    ),
    images: object({ before: count, after: count, both: count }),
    unit: oneOf('scene', 'image'),
    units: count,
    resamples: count,
    seed: count,
  }),
)
export type AttributionBody = BodyOf<typeof attribution>
