import { type BodyOf, defineDocument } from './define.ts'
import { date, digest, flag, list, name, nullable, object, oneOf, text } from './schema.ts'

/** How a verdict was reached: with it and the evidence, anybody reaches it again. */
export const judging = defineDocument(
  'Judging',
  1,
  'By what a verdict was reached',
  object({
    verdict: digest,
    /** The policy first, then those that must be met as well; as they were written. */
    policies: list(object({ name, file: text, yaml: text }), { minItems: 1 }),
    /** Ids of the documents that were judged. */
    evidence: list(digest),
    today: nullable(date),
    firstRelease: flag,
    accepted: list(object({ verdict: digest, reason: name, owner: name, expires: date })),
  }),
)
export type JudgingBody = BodyOf<typeof judging>

/** What a check of a promotion found, a line for each thing that it looked at. */
export const promotionCheck = defineDocument(
  'PromotionCheck',
  1,
  'Whether a change of a channel follows from the inputs',
  object({
    channel: name,
    base: text,
    head: text,
    bundle: nullable(digest),
    verdict: oneOf('pass', 'fail', 'inconclusive'),
    lines: list(
      object({
        check: name,
        verdict: oneOf('pass', 'fail', 'inconclusive'),
        /** arithmetic: follows from the bundle; inputs: was looked up or run again; stated: taken as it is said. */
        proof: oneOf('arithmetic', 'inputs', 'stated'),
        reason: text,
      }),
    ),
  }),
)
type PromotionCheckBody = BodyOf<typeof promotionCheck>
export type CheckLine = PromotionCheckBody['lines'][number]
