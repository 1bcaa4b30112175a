import { type Document, documentId } from '../documents/define.ts'
import type { Finding, FindingsBody } from '../documents/findings.ts'
import { printable } from '../documents/printable.ts'
import type { TriageBody } from '../documents/triage.ts'
import { EvidenceError } from '../errors.ts'
import type { Rule } from './rule.ts'

type Triaged = {
  document: Document<'Findings', FindingsBody>
  /** What the triage did and could not do, one sentence each; the document's notes carry them too. */
  told: string[]
  /** Errors that were accepted: they block until they are mended or waived. */
  acceptedErrors: Finding[]
}

/**
 * Findings after a reviewer's decisions. An accepted warning or hint is no longer new; an accepted error still blocks,
 * since only a waiver, reviewed in git, lets one pass. A rejected finding blocks as an error. What is old or waived
 * stays so. EvidenceError when the triage is of other data.
 */
export function applyTriage(
  document: Document<'Findings', FindingsBody>,
  triage: Document<'Triage', TriageBody>,
): Triaged {
  refuseForeign(document, triage)
  const { decisions, by } = triage.body
  const wanted = new Map<string, TriageBody['decisions'][number]>()
  for (const decision of decisions) wanted.set(keyOf(decision), decision)
  const known = new Set<string>()
  const acceptedErrors: Finding[] = []
  const done = { accepted: 0, rejected: 0 }
  const findings = document.body.findings.map((finding): Finding => {
    const decided = wanted.get(keyOf(finding))
    if (!decided) return finding
    known.add(keyOf(finding))
    if ((finding.status ?? 'new') !== 'new') return finding
    if (decided.decision === 'reject') {
      done.rejected++
      const why = decided.note ? ` (rejected in triage: ${decided.note})` : ' (rejected in triage)'
      // A second triage may repeat the first.
      const message = finding.message.endsWith(why) ? finding.message : `${finding.message}${why}`
      return { ...finding, severity: 'error', message }
    }
    if (finding.severity === 'error') {
      acceptedErrors.push(finding)
      return finding
    }
    done.accepted++
    return { ...finding, status: 'accepted' }
  })
  const unknown = decisions.filter((decision) => !known.has(keyOf(decision)))
  const who = by ? ` by ${by}` : ''
  const told = [
    done.accepted > 0 ? `${plural(done.accepted, 'finding')} accepted in triage${who}, not shown again.` : '',
    done.rejected > 0 ? `${plural(done.rejected, 'finding')} rejected in triage${who}: to be mended.` : '',
    acceptedErrors.length > 0
      ? `${plural(acceptedErrors.length, 'error')} accepted in triage${who} still ${acceptedErrors.length === 1 ? 'blocks' : 'block'}: mend or waive.`
      : '',
    unknown.length > 0
      ? `${plural(unknown.length, 'decision')} of the triage meet no finding of this check${examples(unknown)}.`
      : '',
  ].filter((sentence) => sentence !== '')
  return { document: { ...document, body: judged(document.body, findings, told) }, told, acceptedErrors }
}

/** Waivers to propose for accepted errors, as YAML for gates/waivers.yaml; who proposes them fills in the rest. */
export function waiversFor(errors: readonly Finding[], rules: readonly Rule[]): string {
  const never = new Set(rules.filter((rule) => rule.neverWaived).map(({ id }) => id))
  const lines = errors.map(({ rule, fingerprint, file, line }) => {
    const where = printable(JSON.stringify(line > 0 ? `${file}:${line}` : file || 'the whole data set'))
    if (never.has(rule)) return `  # ${where}: ${rule} is never waived, it must be mended`
    const fields = [`rule: ${JSON.stringify(rule)}`, `fingerprint: ${JSON.stringify(fingerprint)}`]
    return `  # ${where}\n  - ${fields.join('\n    ')}\n    reason: # say why it may stay\n    owner: # who answers for it\n    expires: # a date, YYYY-MM-DD`
  })
  return errors.length === 0 ? '' : `waivers:\n${lines.join('\n')}\n`
}

/** A triage holds for the very check it was made of, for the same labels, and for later pushes on the same base. */
function refuseForeign(
  { subject, ...rest }: Document<'Findings', FindingsBody>,
  triage: Document<'Triage', TriageBody>,
) {
  const same = (key: 'labels' | 'base') => subject[key] !== undefined && subject[key] === triage.subject[key]
  if (triage.body.of === documentId({ subject, ...rest }) || same('labels') || same('base')) return
  throw new EvidenceError('the triage is of another data set, or of another base of it', {
    reason: 'other-subject',
    mend: 'open the report of this check, decide again and save the decisions',
  })
}

function judged(body: FindingsBody, findings: Finding[], told: string[]): FindingsBody {
  const counts = { ...body.counts }
  for (const [i, after] of findings.entries()) {
    const before = body.findings[i] as Finding
    if ((before.status ?? 'new') !== 'new') continue
    counts[before.severity]--
    if ((after.status ?? 'new') === 'new') counts[after.severity]++
  }
  const verdict = counts.error > 0 ? 'fail' : body.scope.images === 0 ? 'inconclusive' : 'pass'
  // Rejected ones stand with the errors; otherwise the order stays.
  const rank = (finding: Finding) => ['error', 'warning', 'info'].indexOf(finding.severity)
  const fresh = findings.filter(({ status = 'new' }) => status === 'new').sort((a, b) => rank(a) - rank(b))
  const rest = findings.filter(({ status = 'new' }) => status !== 'new')
  return { ...body, verdict, counts, findings: [...fresh, ...rest], notes: [...(body.notes ?? []), ...told] }
}

function keyOf({ rule, fingerprint }: { rule: string; fingerprint: string }): string {
  return `${rule}\n${fingerprint}`
}

function examples(decisions: TriageBody['decisions']): string {
  const shown = decisions.slice(0, 3).map(({ rule, fingerprint }) => `${rule} ${fingerprint}`)
  return `: ${shown.join(', ')}${decisions.length > shown.length ? ', …' : ''}; mended, renamed away or never there`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
