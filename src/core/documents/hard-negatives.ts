import { type BodyOf, defineDocument } from './define.ts'
import { count, list, number, object, oneOf, text } from './schema.ts'

/** Likely causes of a mistake, in the order in which they are asked for: the first that holds names it. */
export const mistakeCauses = [
  'label-error',
  'duplicate',
  'small-object',
  'occlusion',
  'domain-gap',
  'confusion',
  'localisation',
  'background',
  'unexplained',
] as const
export type MistakeCause = (typeof mistakeCauses)[number]

const cause = oneOf(...mistakeCauses)
/** x, y, width, height in pixels, as predictions files have them. */
const box = list(number, { minItems: 4, maxItems: 4 })

/** What a model gets wrong as it would be served, by likely cause, the worst of each cause. */
export const hardNegatives = defineDocument(
  'HardNegatives',
  1,
  'What a model gets wrong, by likely cause',
  object({
    images: count,
    /** Detections below the confidence are not looked at; a hit needs the IoU. */
    operatingPoint: object({ confidence: number, iou: number }),
    falseAlarms: count,
    misses: count,
    byCause: list(object({ cause, falseAlarms: count, misses: count, listed: count })),
    /** How often objects with a sign are not found, and all others: a sign that makes no difference names no cause. */
    signs: list(
      object({ cause, value: text, objects: count, notFound: count, others: count, othersNotFound: count, why: text }),
    ),
    items: list(
      object(
        {
          image: text,
          cause,
          /** Further causes that hold. */
          also: list(cause),
          why: text,
          /** 0 to 1: of a false alarm its score, of a miss the share of its class that is found. */
          priority: number,
          /** Absent for a miss. */
          predicted: object({ className: text, score: number, box }),
          /** The label that the mistake is about; absent where there is none. */
          truth: object({ className: text, box }),
        },
        ['predicted', 'truth'],
      ),
    ),
    notes: list(text),
  }),
)
export type HardNegativesBody = BodyOf<typeof hardNegatives>
