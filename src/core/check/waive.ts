import type { WaiversBody } from '../documents/declared.ts'
import { sha256 } from '../documents/define.ts'
import type { Finding } from '../documents/findings.ts'
import { UsageError } from '../errors.ts'

type Waiver = WaiversBody['waivers'][number]

/**
 * Marks findings that a waiver in force covers, and adds findings about the waivers themselves: an expired one that
 * still covers something is an error, one that covers nothing a warning. `today` is a date, 2026-11-22.
 */
export function applyWaivers(findings: readonly Finding[], waivers: readonly Waiver[], today: string): Finding[] {
  const used = new Set<Waiver>()
  const result = findings.map((finding) => {
    const covering = waivers.filter((waiver) => covers(waiver, finding))
    for (const waiver of covering) used.add(waiver)
    const inForce = covering.some((waiver) => waiver.expires >= today)
    return inForce ? { ...finding, status: 'waived' as const } : finding
  })
  for (const waiver of waivers) {
    const expired = waiver.expires < today
    if (expired && used.has(waiver)) {
      const message = `the waiver of ${waiver.owner} for ${scopeOf(waiver)} ended on ${waiver.expires}: ${waiver.reason}`
      result.push(about(waiver, 'waiver-expired', 'error', message, 'Mend the findings, or renew the waiver.'))
    } else if (!used.has(waiver)) {
      const message = `the waiver of ${waiver.owner} for ${scopeOf(waiver)} covers nothing`
      result.push(about(waiver, 'waiver-unused', 'warning', message, 'Remove the waiver.'))
    }
  }
  return result
}

/** A waiver must say what it covers: a whole rule is turned off in the policy, where it is seen. */
export function checkWaivers(waivers: readonly Waiver[], where: string): void {
  for (const waiver of waivers) {
    if (waiver.file || waiver.fingerprint) continue
    throw new UsageError(`a waiver for ${waiver.rule} says neither file nor fingerprint`, {
      where,
      mend: 'add the file (a * matches any part of a name) or the fingerprint of the finding',
    })
  }
}

function covers(waiver: Waiver, finding: Finding): boolean {
  if (waiver.rule !== finding.rule) return false
  if (waiver.severity !== undefined && waiver.severity !== finding.severity) return false
  if (waiver.fingerprint !== undefined && waiver.fingerprint !== finding.fingerprint) return false
  return waiver.file === undefined || matches(waiver.file, finding.file)
}

/** Whether a path fits a pattern in which * stands for anything but a slash and ** for anything. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split('**')
    .map((part) =>
      part
        .split('*')
        .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('[^/]*'),
    )
    .join('.*')
  return new RegExp(`^${source}$`).test(path)
}

function scopeOf(waiver: Waiver): string {
  return `${waiver.rule} (${waiver.file ?? waiver.fingerprint})`
}

function about(waiver: Waiver, rule: string, severity: Finding['severity'], message: string, mend: string): Finding {
  const fingerprint = sha256(`${rule}\n${waiver.rule}\n${waiver.file ?? ''}\n${waiver.fingerprint ?? ''}`).slice(0, 32)
  return { rule, severity, file: '', line: 0, column: 0, image: null, message, mend, fingerprint, status: 'new' }
}
