import { stringify } from 'yaml'
import type { Acceptance } from '../documents/declared.ts'
import { type Document, documentId } from '../documents/define.ts'
import type { VerdictBody } from '../documents/verdict.ts'

type Verdict = Document<'Verdict', VerdictBody>

/** The acceptance in force for a held verdict; a fail is never accepted, nor anything after its expiry. */
function acceptanceOf(
  document: Verdict,
  accepted: readonly Acceptance[],
  today: string | undefined,
): Acceptance | null {
  const { body } = document
  if (body.verdict !== 'inconclusive' || body.lines.length === 0 || today === undefined) return null
  const id = documentId(document)
  return accepted.find(({ verdict, expires }) => verdict === id && expires >= today) ?? null
}

/** The verdict that counts: the document itself, unless it is held and an acceptance of it is in force. */
export function settledVerdict(document: Verdict, accepted: readonly Acceptance[], today: string | undefined): Verdict {
  const acceptance = acceptanceOf(document, accepted, today)
  return acceptance ? acceptedVerdict(document, acceptance) : document
}

/** Where the acceptance of a verdict lies in a repository; a file each, so that two of them never meet in one. */
export const acceptancePath = (verdict: string) => `gates/acceptances/${verdict}.yaml`

/** The file of one acceptance. */
export const acceptanceText = (acceptance: Acceptance) => stringify({ acceptances: [acceptance] })

/** A held verdict that somebody answers for; its lines stay inconclusive, they just no longer hold. */
function acceptedVerdict(document: Verdict, { owner, reason, expires }: Acceptance): Verdict {
  const open = document.body.counts.inconclusive
  return {
    ...document,
    body: {
      ...document.body,
      verdict: 'pass',
      reason: `Accepted by ${owner} until ${expires} with ${open} open line${open === 1 ? '' : 's'}: ${reason}.`,
      lines: document.body.lines.map((line) => (line.verdict === 'inconclusive' ? { ...line, holds: false } : line)),
    },
  }
}
