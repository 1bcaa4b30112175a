import { acceptances } from '../core/documents/declared.ts'
import { type Document, documentId } from '../core/documents/define.ts'
import { isSound, parseDeclared } from '../core/documents/parse.ts'
import { type VerdictBody, verdict as verdictKind } from '../core/documents/verdict.ts'
import { UsageError } from '../core/errors.ts'
import { acceptancePath, acceptanceText } from '../core/judge/acceptance.ts'
import { subjectOfTitle } from '../core/judge/run-report.ts'
import { plain } from '../core/render/markdown.ts'
import type { Forge, PullRequest } from '../ports.ts'
import { acceptancesIn } from '../steps/acceptances-in.ts'
import { documentsOf } from './evidence-documents.ts'

export type AcceptancePorts = {
  forge: Pick<Forge, 'pullRequest' | 'mayWrite' | 'runs' | 'artifact' | 'proposeChange'>
  /** A file of the default branch; null when there is none. */
  read: (path: string) => Promise<Uint8Array | null>
  /** Files of an evidence archive, vetted. */
  readArchive: (zip: Uint8Array) => Map<string, Uint8Array>
}
export type AcceptanceRequest = {
  pullRequest: number
  verdict: string
  reason: string
  /** Login of who answers for it. */
  owner: string
  /** When it was said, RFC 3339: the same words give the same change, whenever and however often this runs. */
  at: string
  repository: string
  defaultBranch: string
  now: Date
}
export type ProposedAcceptance = { pullRequest: PullRequest | null; says: string }

const daysAccepted = 30
const day = 24 * 3600_000
const largestArchive = 24 * 2 ** 20
// Each look costs two calls; older runs of one commit were judged by an older base.
const mostLooks = 8

/**
 * Opens a pull request that accepts a held verdict for a time; only its merge, which a code owner approves, makes it count.
 * The verdict must be that of the proposal's newest commit; a fail is never accepted.
 */
export async function proposeAcceptance(ports: AcceptancePorts, asked: AcceptanceRequest): Promise<ProposedAcceptance> {
  const { forge, read } = ports
  const expires = expiryOf(asked)
  if (!(await forge.mayWrite(asked.owner))) {
    throw new UsageError(`${asked.owner} may not write here, and answers for nothing`, { where: 'owner' })
  }
  const pull = await forge.pullRequest(asked.pullRequest)
  if (pull.state !== 'open') throw new UsageError(`#${pull.number} is closed`)
  const today = asked.now.toISOString().slice(0, 10)
  const there = (await acceptancesIn(read, asked.verdict)).find(({ verdict }) => verdict === asked.verdict)
  if (there && there.expires >= today) {
    return { pullRequest: null, says: `It is accepted already, until ${there.expires}.` }
  }
  const held = await verdictOf(ports, pull, asked)
  const { verdict, reason, owner } = asked
  const [path, text] = [acceptancePath(verdict), acceptanceText({ verdict, reason, owner, expires })]
  // What could not be read again would stop every report of this verdict.
  parseDeclared(acceptances, text, path)
  const proposed = await forge.proposeChange({
    prefix: `accept/${pull.number}`,
    base: asked.defaultBranch,
    title: `Accept the held verdict of #${pull.number}`,
    body: bodyOf(held.body, pull, { ...asked, expires }),
    files: { [path]: text },
    date: asked.at,
  })
  return { pullRequest: proposed, says: `#${proposed.number} proposes it, until ${expires}.` }
}

/** The last day of an acceptance; refused when it was said too long ago, or is no acceptance at all. */
function expiryOf({ verdict, reason, at, now }: AcceptanceRequest): string {
  if (!/^[0-9a-f]{64}$/.test(verdict)) {
    throw new UsageError('an id of a verdict has 64 hexadecimal digits', { where: 'verdict' })
  }
  if (reason.trim() === '' || /[\p{C}\p{Zl}\p{Zp}]/u.test(reason)) {
    throw new UsageError('a reason is one line of text that can be read', { where: 'reason' })
  }
  const said = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(at) ? Date.parse(at) : Number.NaN
  // An hour is more than clocks differ by.
  if (!(said <= now.getTime() + 3600_000 && now.getTime() - said < daysAccepted * day)) {
    throw new UsageError(`${JSON.stringify(at)} is no moment of the last ${daysAccepted} days`, {
      where: 'at',
      mend: 'say it again: /sluice accept',
    })
  }
  return new Date(said + daysAccepted * day).toISOString().slice(0, 10)
}

/** The held verdict of that id, from a run that the default branch defined, for the newest commit. */
async function verdictOf(
  { forge, readArchive }: AcceptancePorts,
  pull: PullRequest,
  { verdict, repository, defaultBranch }: AcceptanceRequest,
): Promise<Document<'Verdict', VerdictBody>> {
  const runs = (await forge.runs('train.yml')).filter((run) => {
    const about = subjectOfTitle(run.title)
    return (
      run.status === 'completed' &&
      run.event === 'workflow_dispatch' &&
      run.headBranch === defaultBranch &&
      run.headRepository === repository &&
      about?.pullRequest === pull.number &&
      about.headSha === pull.head.sha
    )
  })
  for (const run of runs.slice(0, mostLooks)) {
    const zip = await forge.artifact(run.id, 'sluice-evidence', largestArchive)
    const documents = zip === null ? [] : documentsOf(zip, readArchive)
    const found = documents.find((one) => isSound(verdictKind, one) && documentId(one) === verdict)
    if (!found || !isSound(verdictKind, found)) continue
    if (found.body.verdict === 'inconclusive' && found.body.lines.length > 0) return found
    throw new UsageError(`this verdict is ${found.body.verdict}, and only what is held is accepted`, {
      where: `run ${run.id}`,
      mend: found.body.verdict === 'fail' ? 'mend the cause, or waive the findings' : 'there is nothing to accept',
    })
  }
  throw new UsageError(`no run about #${pull.number} at ${pull.head.sha.slice(0, 12)} reached this verdict`, {
    where: 'verdict',
    mend: 'take the id from the newest comment of the pull request',
  })
}

function bodyOf(
  { lines, reason: held, policy }: VerdictBody,
  { number, head }: PullRequest,
  { verdict, reason, owner, expires }: AcceptanceRequest & { expires: string },
): string {
  // Latency is measured anew whenever it is judged, and would be another verdict.
  const otherwise = policy === 'latency' ? '' : `, or \`/sluice train\` in #${number}`
  const after = `The merge has the check of #${number} written again; should it not be, run its newest *Report* again${otherwise}.`
  const open = lines.filter((line) => line.verdict === 'inconclusive' && line.holds)
  return [
    `The model of #${number} at ${head.sha} is held: ${plain(held)}`,
    '',
    ...open.map((line) => `- ${plain(line.gate)}, ${plain(line.measure)}: ${plain(line.reason)}`),
    '',
    `${plain(owner)} answers for it until ${expires}: ${plain(reason)}`,
    '',
    `Merging this releases the hold of the verdict \`${verdict}\` and of no other; a fail is never accepted. ${after}`,
    '',
    `Once #${number} is merged as it is, *Release* takes the held run itself and judges it again with this.`,
    '',
  ].join('\n')
}
