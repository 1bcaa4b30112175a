import type { WaiversBody } from '../documents/declared.ts'
import { sha256 } from '../documents/define.ts'
import type { Finding } from '../documents/findings.ts'
import type { Problem } from '../documents/parse.ts'
import { nearest } from '../documents/suggest.ts'
import { UsageError } from '../errors.ts'
import { coversEverything, matchesGlob } from './glob.ts'
import { rules } from './rules.ts'

type Waiver = WaiversBody['waivers'][number]

/** Days that a waiver may last, seen from the day that it is judged. */
const mostDays = 366
/** A pattern may cover so large a share of the files; small data sets may have so many covered all the same. */
const mostShare = 0.2
const fewFiles = 10

const neverWaived: ReadonlySet<string> = new Set(rules.filter((rule) => rule.neverWaived).map(({ id }) => id))

/**
 * Marks findings that a waiver in force covers, and adds findings about the waivers themselves: one that may not be is
 * an error, and so is an expired one that still covers something; one that covers nothing is a warning. `today` is a
 * date, 2026-11-22; `files` are the paths of the data set that a pattern could cover, to tell one that covers too much.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  today: string,
  files: readonly string[] = [],
): Finding[] {
  const refused = new Map<Waiver, string>()
  for (const waiver of waivers) {
    const problem = problemOf(waiver, today)?.message ?? tooBroad(waiver, files)
    if (problem) refused.set(waiver, problem)
  }
  const byRule = new Map<string, Waiver[]>()
  for (const waiver of waivers) {
    if (!refused.has(waiver)) byRule.set(waiver.rule, [...(byRule.get(waiver.rule) ?? []), waiver])
  }
  const used = new Set<Waiver>()
  const result = findings.map((finding) => {
    const covering = (byRule.get(finding.rule) ?? []).filter((waiver) => covers(waiver, finding))
    for (const waiver of covering) used.add(waiver)
    const inForce = covering.some((waiver) => waiver.expires >= today)
    return inForce ? { ...finding, status: 'waived' as const } : finding
  })
  return [...result, ...waivers.flatMap((waiver) => aboutWaiver(waiver, refused.get(waiver), used.has(waiver), today))]
}

/** Problems of waivers as they are written, with their places; give it to parseDeclared, so that they get a line. */
export function waiverProblems({ waivers }: WaiversBody, today?: string): Problem[] {
  return waivers.flatMap((waiver, i) => {
    const problem = problemOf(waiver, today)
    return problem ? [{ pointer: `/waivers/${i}/${problem.key}`, message: problem.message }] : []
  })
}

/** Refuses waivers that may not be; a whole rule is turned off in the policy, where it is seen. */
export function checkWaivers(waivers: readonly Waiver[], where: string, today?: string): void {
  const [problem] = waiverProblems({ waivers: [...waivers] }, today)
  if (!problem) return
  throw new UsageError(problem.message, { where, mend: 'see docs/waivers.md; a whole rule is set in the policy' })
}

function problemOf(waiver: Waiver, today?: string): { key: string; message: string } | null {
  const { rule, file, fingerprint, reason, owner, expires } = waiver
  const problem = (key: string, what: string) => ({ key, message: `a waiver for ${rule} ${what}` })
  if (neverWaived.has(rule)) return problem('rule', 'is not taken: findings of this rule are mended, never waived')
  if (!file && !fingerprint) return problem('rule', 'says neither file nor fingerprint')
  if (file !== undefined && !fingerprint && coversEverything(file)) {
    return problem('file', `covers everything ("${file}"): name a file, a folder of its own or the fingerprint`)
  }
  if (fingerprint !== undefined && !/^[0-9a-f]{32}$/.test(fingerprint)) {
    return problem('fingerprint', `has a fingerprint that is none: ${JSON.stringify(fingerprint.slice(0, 60))}`)
  }
  if (reason.trim() === '') return problem('reason', 'gives no reason')
  if (owner.trim() === '') return problem('owner', 'has no owner')
  if (today !== undefined && daysBetween(today, expires) > mostDays) {
    return problem('expires', `lasts until ${expires}: a year is the most, then somebody looks again`)
  }
  return null
}

/** Why a pattern covers too much of these files; null when it does not. A fingerprint covers one finding. */
function tooBroad({ rule, file, fingerprint }: Waiver, files: readonly string[]): string | null {
  if (file === undefined || fingerprint !== undefined || !file.includes('*') || files.length === 0) return null
  const covered = files.filter((path) => matchesGlob(file, path)).length
  if (covered <= fewFiles || covered <= mostShare * files.length) return null
  const percent = Math.round((covered / files.length) * 100)
  return `a waiver for ${rule} covers ${covered} of ${files.length} files (${percent} %); ${mostShare * 100} % are the most`
}

function aboutWaiver(waiver: Waiver, refused: string | undefined, used: boolean, today: string): Finding[] {
  if (refused)
    return [about(waiver, 'waiver-refused', 'error', refused, 'Write a narrower waiver, or mend the findings.')]
  if (used && waiver.expires < today) {
    const message = `the waiver of ${waiver.owner} for ${scopeOf(waiver)} ended on ${waiver.expires}: ${waiver.reason}`
    return [about(waiver, 'waiver-expired', 'error', message, 'Mend the findings, or renew the waiver.')]
  }
  if (used) return []
  const known = rules.map(({ id }) => id)
  const hint = known.includes(waiver.rule) ? null : nearest(waiver.rule, known)
  const stranger = known.includes(waiver.rule) ? '' : `; there is no such rule${hint ? `, did you mean ${hint}?` : ''}`
  const message = `the waiver of ${waiver.owner} for ${scopeOf(waiver)} covers nothing${stranger}`
  return [about(waiver, 'waiver-unused', 'warning', message, 'Remove the waiver.')]
}

function covers(waiver: Waiver, finding: Finding): boolean {
  if (waiver.severity !== undefined && waiver.severity !== finding.severity) return false
  if (waiver.fingerprint !== undefined && waiver.fingerprint !== finding.fingerprint) return false
  return waiver.file === undefined || matchesGlob(waiver.file, finding.file)
}

/** Whole days from one date to another. */
function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000
}

function scopeOf(waiver: Waiver): string {
  return `${waiver.rule} (${waiver.file ?? waiver.fingerprint})`
}

function about(waiver: Waiver, rule: string, severity: Finding['severity'], message: string, mend: string): Finding {
  const fingerprint = sha256(`${rule}\n${waiver.rule}\n${waiver.file ?? ''}\n${waiver.fingerprint ?? ''}`).slice(0, 32)
  return { rule, severity, file: '', line: 0, column: 0, image: null, message, mend, fingerprint, status: 'new' }
}
