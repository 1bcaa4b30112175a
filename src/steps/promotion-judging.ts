import { canonicalJson, type Document, documentId } from '../core/documents/define.ts'
import { comparison, evaluation } from '../core/documents/evaluation.ts'
import { isSound } from '../core/documents/parse.ts'
import type { VerdictBody } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'
import { acceptancePath } from '../core/judge/acceptance.ts'
import type { Git } from '../ports.ts'
import { acceptancesIn } from './acceptances-in.ts'
import type { Bundle } from './bundle.ts'
import type { Champion } from './champion.ts'
import type { Checking } from './check-lines.ts'
import { gate } from './gate.ts'

const other = (what: string, mend: string) => new EvidenceError(what, { reason: 'other-subject', mend })

/** Judges a bundle's evidence again by the gates of the base, whose verdict counts however the release was judged; null unless it passes. */
export async function checkJudging(
  git: Pick<Git, 'show'>,
  check: Checking['check'],
  input: {
    bundle: Bundle
    base: string
    /** Path of the policy in the repository. */
    policy: string
    today: string
    champion: Champion | null
    artifact: string
  },
): Promise<Document<'Verdict', VerdictBody> | null> {
  const { bundle, champion, artifact } = input
  const judged = judgedEvidence(bundle)
  await check('it was compared with what runs now', async () => {
    if (champion === null) return ['nothing runs there yet', null]
    const { tensors, version } = champion.manifest
    const runs = ({ subject }: Document) => (subject.artifact ?? champion.artifact) === champion.artifact
    const evaluations = bundle.evidence.filter((one) => isSound(evaluation, one))
    const mixed = evaluations.find((one) => one.subject.model === tensors && !runs(one))
    if (mixed) throw other(`${version} was evaluated with another artefact than runs`, 'evaluate the one that runs')
    // Without a digest of its own, a comparison is with the one other model there is.
    const only = evaluations.every((one) => one.subject.artifact === artifact || runs(one))
    const pairs = judged.filter((one) => isSound(comparison, one)).filter(({ body }) => body.baseline !== 'control')
    const named = [...pairs.map(({ subject }) => subject.champion), bundle.verdict.subject.champion ?? tensors]
    if (named.every((digest) => (digest ?? (only ? tensors : null)) === tensors)) return [`${version} runs now`, null]
    throw other(`it was compared with another model than ${version}, which runs now`, 'judge it against that one')
  })
  await check('the artefact was judged', async () => {
    const own = judged.some((one) => isSound(evaluation, one) && one.subject.artifact === artifact)
    if (own && (bundle.verdict.subject.artifact ?? artifact) === artifact) return [artifact.slice(0, 12), null]
    throw other(`no evaluation of ${artifact.slice(0, 12)} was judged`, 'promote the artefact that was')
  })
  return check('the gates of the base pass it', () => judgeByBase(git, judged, input))
}

async function judgeByBase(
  git: Pick<Git, 'show'>,
  judged: readonly Document[],
  { bundle, base, policy, today, champion }: Parameters<typeof checkJudging>[2],
): Promise<[string, Document<'Verdict', VerdictBody>]> {
  const bytes = await git.show(base, policy)
  const yaml = bytes && new TextDecoder().decode(bytes)
  if (yaml === null) {
    throw new EvidenceError('the base has no such policy', {
      reason: 'absent',
      where: policy,
      mend: 'name it: --policy',
    })
  }
  const { policies, accepted } = bundle.judging.body
  await refuseInvented(accepted, (path) => git.show(base, path))
  const known = policies.some((one) => one.yaml === yaml)
  const [first, ...floors] = known ? policies : [{ name: 'the base', file: policy, yaml }, ...policies]
  const { policy: _, ...subject } = bundle.verdict.subject
  const verdict = gate({
    policy: first ?? { file: policy, yaml },
    floors,
    evidence: judged,
    subject,
    options: { accepted, today, firstRelease: champion === null },
  })
  const told = `${policy}${known ? '' : ', other than it was judged by,'} says ${verdict.body.verdict}: ${verdict.body.reason}`
  if (verdict.body.verdict === 'pass') return [told, verdict]
  const mend = 'judge it by the gates of the base'
  if (verdict.body.verdict === 'fail') throw other(told, mend)
  throw new EvidenceError(told, { reason: 'absent', mend })
}

/** Only what the base accepted counts as accepted. */
async function refuseInvented(
  accepted: Bundle['judging']['body']['accepted'],
  read: (path: string) => Promise<Uint8Array | null>,
): Promise<void> {
  for (const one of accepted) {
    const merged = await acceptancesIn(read, one.verdict)
    if (merged.some((known) => canonicalJson(known) === canonicalJson(one))) continue
    throw other(
      `the base does not accept verdict ${one.verdict.slice(0, 12)}`,
      `propose ${acceptancePath(one.verdict)} first`,
    )
  }
}

/** The documents that the verdict was reached from. */
export function judgedEvidence({ judging, evidence }: Bundle): Document[] {
  const named = new Set(judging.body.evidence)
  return evidence.filter((document) => named.has(documentId(document)))
}
