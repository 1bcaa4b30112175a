import { type BodyOf, defineDocument } from './define.ts'
import { date, digest, flag, list, name, nullable, object, oneOf, text, verdict } from './schema.ts'

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

/** What a promotion claims, worked out again from the inputs themselves. */
export const promotionCheck = defineDocument(
  'PromotionCheck',
  1,
  'What a promotion claims, worked out again',
  object(
    {
      channel: name,
      head: text,
      base: text,
      verdict,
      reason: text,
      /** What the channel says of the release; absent where it cannot be read. */
      release: object({ model: name, version: text, manifest: digest, artifact: digest, bundle: digest }, ['bundle']),
      lines: list(
        object({
          check: name,
          verdict,
          /** again: worked out again here; stated: taken as it is said. */
          proof: oneOf('again', 'stated'),
          reason: text,
        }),
      ),
    },
    ['release'],
  ),
)
export type PromotionCheckBody = BodyOf<typeof promotionCheck>

/** The first line of those that decide; null when there are none. */
export function worstLine(lines: PromotionCheckBody['lines']): PromotionCheckBody['lines'][number] | null {
  const of = (word: string) => lines.find((line) => line.verdict === word)
  return of('fail') ?? of('inconclusive') ?? lines[0] ?? null
}
