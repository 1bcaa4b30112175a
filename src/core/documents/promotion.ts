import { type BodyOf, defineDocument } from './define.ts'
import { date, digest, flag, list, name, nullable, object, text } from './schema.ts'

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
