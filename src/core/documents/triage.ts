import { type BodyOf, defineDocument } from './define.ts'
import { date, digest, list, object, oneOf, text } from './schema.ts'

/** What a reviewer decided about new findings; the report's page saves it, `sluice check --triage` takes it. */
export const triage = defineDocument(
  'Triage',
  1,
  'What a reviewer decided about the findings of one check',
  object(
    {
      /** Id of the Findings document that was looked at. */
      of: digest,
      decisions: list(
        object(
          {
            fingerprint: text,
            rule: text,
            /** accept: known and fine, not shown again in this pull request; reject: must be mended, blocks as an error. */
            decision: oneOf('accept', 'reject'),
            note: text,
          },
          ['note'],
        ),
        { maxItems: 100_000 },
      ),
      by: text,
      on: date,
    },
    ['by', 'on'],
  ),
)
export type TriageBody = BodyOf<typeof triage>
