import { type BodyOf, defineDocument } from './define.ts'
import {
  count,
  digest,
  flag,
  list,
  name,
  nullable,
  number,
  object,
  oneOf,
  text,
  verdict as verdictWord,
} from './schema.ts'

const line = object(
  {
    gate: name,
    measure: text,
    verdict: verdictWord,
    observed: nullable(number),
    low: number,
    high: number,
    limit: nullable(number),
    direction: oneOf('at least', 'at most', 'none'),
    unit: text,
    /** Id of the evidence it was read from; null when there was none. */
    evidence: nullable(digest),
    reason: text,
    /** Only when inconclusive: what would settle it, and whether it holds. */
    settle: text,
    holds: flag,
    /** Documents that answered this line, where there was more than one: the worst of them counts. */
    measured: count,
  },
  ['low', 'high', 'settle', 'holds', 'measured'],
)

/** A pure function's answer over evidence. */
export const verdict = defineDocument(
  'Verdict',
  1,
  'What the gates decided over the evidence',
  object(
    {
      policy: name,
      verdict: verdictWord,
      /** One sentence with the number that decides. */
      reason: text,
      counts: object({ pass: count, fail: count, inconclusive: count }),
      lines: list(line),
      /** What the policy as a whole can and cannot tell, what it loosens, what was measured more than once. */
      notes: list(text),
    },
    ['notes'],
  ),
)
export type VerdictBody = BodyOf<typeof verdict>
export type VerdictLine = VerdictBody['lines'][number]
