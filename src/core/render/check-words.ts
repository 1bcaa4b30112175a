import type { Finding, FindingsBody } from '../documents/findings.ts'
import { counted } from './markdown.ts'

type Severity = Finding['severity']
const ranks: Record<Severity, number> = { error: 0, warning: 1, info: 2 }

/** Findings that count: not in the base, not waived, not accepted. */
export function freshFindings({ findings }: FindingsBody): Finding[] {
  return findings
    .filter((finding) => (finding.status ?? 'new') === 'new')
    .sort((a, b) => ranks[a.severity] - ranks[b.severity])
}

/** New findings of one rule and severity, worst first; the same order wherever they are listed. */
export function groupedByRule(fresh: readonly Finding[]): { rule: string; severity: Severity; findings: Finding[] }[] {
  const groups = Map.groupBy(fresh, ({ rule, severity }) => `${severity} ${rule}`)
  return [...groups.values()].map((findings) => {
    const { rule, severity } = findings[0] as Finding
    return { rule, severity, findings }
  })
}

/** file:line, or the file alone, or the whole data set. */
export function placeOf({ file, line }: Pick<Finding, 'file' | 'line'>): string {
  if (file === '') return 'the whole data set'
  return line > 0 ? `${file}:${line}` : file
}

/** The verdict's reason, one sentence with the number that decides. */
export function checkReason(body: FindingsBody): string {
  const { counts, scope, verdict } = body
  const looked = `${counted(scope.images, 'image')} and ${counted(scope.boxes, 'box', 'boxes')}`
  if (verdict === 'inconclusive') return 'there is no image in this data set: nothing was checked'
  const [worst] = freshFindings(body)
  if (counts.error > 0) {
    const first = worst ? `; the first: ${worst.rule}, ${placeOf(worst)}` : ''
    return `${counted(counts.error, 'new error')} in ${looked}${first}`
  }
  if (counts.warning > 0) return `no new error in ${looked}; ${counted(counts.warning, 'new warning')} to look at`
  return `nothing new to mend in ${looked}`
}

/** Findings that are not listed, in words: old, waived, accepted in triage. */
export function asideOf({ findings }: FindingsBody): string[] {
  const count = (status: string) => findings.filter((finding) => (finding.status ?? 'new') === status).length
  const [old, waived, accepted] = [count('old'), count('waived'), count('accepted')]
  return [
    old > 0 ? `${old.toLocaleString('en-US')} that the base has too` : '',
    waived > 0 ? `${waived.toLocaleString('en-US')} waived` : '',
    accepted > 0 ? `${accepted.toLocaleString('en-US')} accepted in triage` : '',
  ].filter((part) => part !== '')
}
