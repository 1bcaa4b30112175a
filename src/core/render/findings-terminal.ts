import type { Finding, FindingsBody } from '../documents/findings.ts'
import { printable } from '../documents/printable.ts'

const mostLines = 40
const colors = { error: 31, warning: 33, info: 36 } as const

/** Findings for a terminal, grouped by rule, worst first, in about 40 lines; paths are below `root`. */
export function findingsTerminal(body: FindingsBody, root: string, color: boolean): string {
  const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
  const fresh = body.findings.filter((finding) => (finding.status ?? 'new') === 'new')
  const groups = Map.groupBy(fresh, (finding) => finding.rule)
  const lines: string[] = []
  const notes = (body.notes ?? []).map((note) => paint(90, printable(note)))
  // Two lines a group at least (its heading and one place); what is left is shared, worst groups first.
  const each = Math.max(1, Math.floor((mostLines - notes.length - 3) / Math.max(1, groups.size)) - 1)
  for (const [rule, group] of groups) {
    const [first] = group as [Finding, ...Finding[]]
    const label = paint(colors[first.severity], first.severity.padEnd(7))
    lines.push(
      `${label} ${paint(1, rule)} (${group.length})${first.mend ? ` ${paint(90, printable(first.mend))}` : ''}`,
    )
    const places = group.slice(0, first.severity === 'info' ? 1 : each)
    for (const finding of places) lines.push(`  ${place(finding, root)}${printable(finding.message)}`)
    const left = group.length - places.length
    if (left > 0) lines.push(`${lines.pop()}${paint(90, ` … and ${left} more`)}`)
  }
  const shown = lines.slice(0, mostLines)
  if (lines.length > mostLines)
    shown.push(paint(90, `and ${lines.length - mostLines} more lines; --md or --json has all`))
  const { counts, scope } = body
  const verdict = body.verdict === 'fail' ? paint(31, 'fail') : paint(32, body.verdict)
  const seen = `${scope.images} images, ${scope.boxes} boxes (${scope.format}), ${scope.rules.length} rules`
  const tally = `${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${counts.info} info`
  return [...shown, ...notes, `${verdict}: ${tally} in ${seen}`].join('\n')
}

function place(finding: Finding, root: string): string {
  if (finding.file === '') return ''
  const path = root === '' ? finding.file : `${root.replace(/\/$/, '')}/${finding.file}`
  const line = finding.line > 0 ? `:${finding.line}${finding.column ? `:${finding.column}` : ''}` : ''
  return `${printable(path)}${line}  `
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
