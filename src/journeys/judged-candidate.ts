import { type Document, type DocumentOf, documentId } from '../core/documents/define.ts'
import { isSound, parseEvidence } from '../core/documents/parse.ts'
import { judging as judgingKind } from '../core/documents/promotion.ts'
import { pullRun } from '../core/documents/pull-run.ts'
import { parseAnyEvidence } from '../core/documents/registry.ts'
import { type VerdictBody, verdict as verdictKind } from '../core/documents/verdict.ts'
import { EvidenceError } from '../core/errors.ts'
import { settledVerdict } from '../core/judge/acceptance.ts'
import type { WorkflowRun } from '../ports.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import type { Candidate } from '../steps/candidate-release.ts'
import { verdictsIn } from './evidence-documents.ts'

type Files = Map<string, Uint8Array>
type Verdict = Document<'Verdict', VerdictBody>
type Named = { path: string; document: Document }
export type JudgedCandidate = { candidate: Candidate; judging: DocumentOf<typeof judgingKind> }

/**
 * Verdict and evidence of a run that was told to judge this very commit. A run that was held is judged again with the
 * acceptances that the default branch has by now: each of its held verdicts needs one, and says whose it is from then on.
 */
export async function judgedCandidate(
  read: (path: string) => Promise<Uint8Array | null>,
  input: { run: WorkflowRun; judged: string; archive: Files; files: Files; today: string },
): Promise<JudgedCandidate> {
  const { run, judged, archive, files, today } = input
  const named = [...archive]
    .filter(([path]) => path.endsWith('.json'))
    .map(([path, bytes]) => ({ path, document: parseAnyEvidence(textOf(bytes), path) }))
  const about = named.map(({ document }) => document).find((one) => isSound(pullRun, one))
  const claimed = named.find(({ path }) => path === 'verdict.json')
  // The run's own word is that of all its verdicts, that of latency too.
  const said = about?.body.headSha === judged ? about.body.verdict : null
  if (said === null || said === 'fail' || !claimed || !isSound(verdictKind, claimed.document)) {
    throw otherSubject(`the evidence holds no verdict that passes ${judged.slice(0, 12)}`)
  }
  // A run that passed ends well; one that failed although it says so, failed in something else.
  if (said === 'pass' && run.conclusion !== 'success') {
    throw new EvidenceError(`run ${run.id} ended as ${run.conclusion}`, {
      reason: 'absent',
      where: run.url,
      mend: 'only a run whose gates passed is released',
    })
  }
  const judging = parseEvidence(judgingKind, textOf(files.get('judging.json')), 'judging.json')
  const evidence = named.filter((one) => one !== claimed && one.document.kind !== 'PullRun')
  const found = { verdict: claimed.document, verdictPath: claimed.path, evidence, files }
  return said === 'pass' ? { candidate: found, judging } : settled(found, judging, { run, read, today })
}

/** Every held verdict of a candidate with its acceptance; EvidenceError where one has none, or says something else. */
async function settled(
  candidate: Candidate,
  judging: JudgedCandidate['judging'],
  { run, read, today }: { run: WorkflowRun; read: (path: string) => Promise<Uint8Array | null>; today: string },
): Promise<JudgedCandidate> {
  const settle = async (held: Verdict) => {
    if (held.body.verdict === 'pass') return { verdict: held, accepted: [] }
    const id = documentId(held)
    const accepted = (await acceptancesIn(read, id)).filter((one) => one.verdict === id && one.expires >= today)
    const verdict = settledVerdict(held, accepted, today)
    if (verdict.body.verdict === 'pass') return { verdict, accepted: accepted.slice(0, 1) }
    if (held.body.verdict === 'fail') throw otherSubject(`run ${run.id} fails: ${held.body.reason}`)
    throw new EvidenceError(`run ${run.id} is held: ${held.body.reason}`, {
      reason: 'absent',
      where: run.url,
      mend: `/sluice accept ${id} REASON in its pull request, and merge what that proposes; then release the same run`,
    })
  }
  const { verdict, accepted } = await settle(candidate.verdict)
  const isVerdict = new Set<Document>(verdictsIn(candidate.evidence.map(({ document }) => document)))
  const evidence = await Promise.all(
    candidate.evidence.map(
      async (one): Promise<Named> =>
        isVerdict.has(one.document)
          ? { ...one, document: (await settle(one.document as Verdict)).verdict as Document }
          : one,
    ),
  )
  const body = { ...judging.body, verdict: documentId(verdict), accepted: [...judging.body.accepted, ...accepted] }
  return {
    candidate: { ...candidate, verdict: verdict as Candidate['verdict'], evidence },
    judging: judgingKind.make({}, body),
  }
}

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array())

function otherSubject(what: string): EvidenceError {
  return new EvidenceError(what, { reason: 'other-subject', mend: 'train and judge what is merged: run Train again' })
}
