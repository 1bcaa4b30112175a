import type { Document } from '../core/documents/define.ts'
import { type FindingsBody, findings } from '../core/documents/findings.ts'
import { isSound } from '../core/documents/parse.ts'
import { type PicturesBody, picturesSeen } from '../core/documents/pictures.ts'

export type Joined = { documents: Document[]; pictures: PicturesBody | null }

/**
 * Evidence of a data set with what its pictures told: findings are added, none is taken away, so that looking can only
 * make a verdict stricter. What was seen of other labels, another policy, base or commit says nothing about these.
 */
export function joinPictures(documents: Document[], seen: readonly Document[], headSha: string): Joined {
  const judged = documents.find((one) => isSound(findings, one))
  const looked = seen.find((one) => isSound(findings, one))
  const pictures = seen.find((one) => isSound(picturesSeen, one))
  const isOfThese =
    judged &&
    looked &&
    pictures?.body.headSha === headSha &&
    sameSubject(judged, looked) &&
    sameSubject(looked, pictures)
  if (!isOfThese) return { documents, pictures: null }
  const joined = findings.make(judged.subject, withMore(judged.body, looked.body))
  return { documents: documents.map((one) => (one === judged ? joined : one)), pictures: pictures.body }
}

function sameSubject({ subject: a }: Document, { subject: b }: Document): boolean {
  return (['labels', 'policy', 'base'] as const).every((key) => a[key] === b[key])
}

function withMore(judged: FindingsBody, looked: FindingsBody): FindingsBody {
  const known = new Set(judged.findings.map(identity))
  const more = looked.findings.filter((finding) => !known.has(identity(finding)))
  const counts = { ...judged.counts }
  for (const { severity, status } of more) if ((status ?? 'new') === 'new') counts[severity]++
  return {
    ...judged,
    verdict: counts.error > judged.counts.error ? 'fail' : judged.verdict,
    counts,
    findings: [...judged.findings, ...more],
    scope: { ...judged.scope, imagesRead: Math.max(judged.scope.imagesRead, looked.scope.imagesRead) },
    // The second look knows what the first had to leave open.
    ...(looked.notes ? { notes: looked.notes } : {}),
  }
}

const identity = ({ rule, fingerprint }: FindingsBody['findings'][number]) => `${rule} ${fingerprint}`
