import type { Document } from '../documents/define.ts'
import { latency } from '../documents/operational.ts'
import { isSound } from '../documents/parse.ts'
import { refusalOf } from './binding.ts'
import type { Context } from './gate-kind.ts'

/** Latency that was looked at more than once: how often, since a measurement repeated in silence proves nothing. */
export function lookNotes(evidence: readonly Document[], context: Context): string[] {
  const looks = evidence
    .filter((document) => isSound(latency, document))
    .filter((document) => !refusalOf(document, context.subject))
    .map(({ body }) => body.protocol)
    .filter(({ lookedAfter = [] }) => lookedAfter.length > 1)
  return looks.map(
    ({ lookedAfter = [], looks = 1 }) =>
      `latency: looked at after ${lookedAfter.join(' and ')} runs an arm; ${looks} looks were planned and share the error of the bounds.`,
  )
}
