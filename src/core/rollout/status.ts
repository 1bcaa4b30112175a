import { type BodyOf, defineDocument } from '../documents/define.ts'
import { count, flag, list, name, nullable, number, object, oneOf, share, text } from '../documents/schema.ts'
import type { RouterStatus } from './tally.ts'

const positive = { ...number, minimum: 0 } as typeof number
const identity = object({ version: text, artifact: text, state: oneOf('starting', 'ready', 'down', 'failed') })
const arm = object({
  answered: count,
  copies: count,
  dropped: count,
  errors: count,
  restarts: count,
  latencyMs: list(count),
  latencySumMs: positive,
})
const pairs = object({
  pairs: count,
  championFailed: count,
  sameFate: count,
  challengerFailed: count,
  lostShare: list(count),
  calm: count,
  flooded: count,
  latencyRatio: list(count),
  championBoxes: count,
  challengerBoxes: count,
  gained: count,
  kept: count,
  confidenceShift: number,
  overlap: positive,
})

/** The answer of GET /sluice/status: whatever does not fit is no data. */
export const routerStatus = defineDocument(
  'RouterStatus',
  1,
  'What a router says of champion and challenger',
  object({
    epoch: name,
    model: text,
    champion: identity,
    challenger: nullable(identity),
    weight: share,
    shadow: flag,
    arms: object({ champion: arm, challenger: arm }),
    pairs,
  }),
)
// The type of the counters and the schema of what is read must be one.
export const asRouterStatus = (value: BodyOf<typeof routerStatus>): RouterStatus => value
